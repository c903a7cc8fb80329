import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { History } from '../../src/streams/history.ts';

const at = (monotonicMs: number) => ({ monotonicMs });
function filled(times: readonly number[], maxAgeMs = 1000, maxCount?: number): History<{ monotonicMs: number }> {
  const history = new History<{ monotonicMs: number }>(maxAgeMs, maxCount);
  for (const time of times) history.push(at(time));
  return history;
}

test('an empty history has nothing', () => {
  const history = new History(1000);
  assert.equal(history.size, 0);
  assert.equal(history.newest, null);
  assert.equal(history.atOrBefore(5), null);
});

test('it answers with the newest value that is not younger than asked for', () => {
  const history = filled([100, 200, 300]);
  assert.deepEqual(history.newest, at(300));
  assert.deepEqual(
    [300, 299, 200, 150, 100].map((ms) => history.atOrBefore(ms)?.monotonicMs),
    [300, 200, 200, 100, 100],
  );
});

test('where it does not reach back so far it answers with its oldest', () => {
  assert.deepEqual(filled([100, 200]).atOrBefore(50), at(100));
});

test('a value of just the greatest age is kept, an older one is not', () => {
  assert.equal(filled([0, 500, 1000]).size, 3);
  assert.equal(filled([0, 500, 1001]).size, 2);
  assert.deepEqual(filled([0, 500, 1001]).atOrBefore(0), at(500));
});

test('a long pause leaves the newest value alone', () => {
  assert.equal(filled([0, 1, 2, 50_000]).size, 1);
});

test('it is bounded in number, whatever the ages', () => {
  const history = filled([1, 2, 3, 4, 5], 1000, 3);
  assert.equal(history.size, 3);
  assert.deepEqual(history.atOrBefore(0), at(3));
});

test('whatever is pushed, what it holds is within both bounds and ends with the newest', () => {
  fc.assert(
    fc.property(fc.array(fc.nat(400)), fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 1, max: 20 }), (steps, ageMs, count) => {
      let now = 0;
      const history = new History<{ monotonicMs: number }>(ageMs, count);
      const all: { monotonicMs: number }[] = [];
      for (const step of steps) {
        now += step;
        all.push(at(now));
        history.push(all.at(-1) as { monotonicMs: number });
        const kept = all.filter(({ monotonicMs }) => monotonicMs >= now - ageMs).slice(-count);
        assert.equal(history.size, kept.length);
        assert.equal(history.newest, kept.at(-1));
        assert.equal(history.atOrBefore(-1), kept[0]);
      }
    }),
  );
});
