import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sequencer } from '../../src/streams/sequence.ts';
import fc from '../helpers/properties.ts';

test('a sequence is the wall clock in whole milliseconds', () => {
  const next = sequencer(() => 1_790_000_001_812.9);
  assert.equal(next(), 1_790_000_001_812);
});

test('several numbers within one millisecond still rise', () => {
  const next = sequencer(() => 1000);
  assert.deepEqual([next(), next(), next()], [1000, 1001, 1002]);
});

test('a clock that is set back does not set the sequence back', () => {
  let nowMs = 5000;
  const next = sequencer(() => nowMs);
  assert.equal(next(), 5000);
  nowMs = 1000;
  assert.deepEqual([next(), next()], [5001, 5002]);
  nowMs = 9000;
  assert.equal(next(), 9000);
});

test('whatever the clock does, a sequence of whole numbers rises strictly', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 2 ** 45, noNaN: true }), { minLength: 2 }), (clock) => {
      const readings = [...clock];
      const next = sequencer(() => readings.shift() ?? 0);
      const numbers = clock.map(() => next());
      for (const [index, number] of numbers.entries()) {
        assert.ok(Number.isSafeInteger(number));
        if (index > 0) assert.ok(number > (numbers[index - 1] as number));
      }
    }),
  );
});

test('the first number after a restart is above the last one before it, at no more than one number per millisecond', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5000 }), { minLength: 1 }), fc.integer({ min: 1, max: 1000 }), (steps, downMs) => {
      let nowMs = 1_790_000_000_000;
      const before = sequencer(() => nowMs);
      let last = 0;
      for (const step of steps) {
        nowMs += step;
        last = before();
      }
      nowMs += downMs;
      assert.ok(sequencer(() => nowMs)() > last);
    }),
  );
});

test('without a clock of its own a sequence follows the system’s', () => {
  const before = Date.now();
  const number = sequencer()();
  assert.ok(number >= before && number <= Date.now());
});
