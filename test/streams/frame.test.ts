import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeOnce, sequenceOf } from '../../src/streams/frame.ts';
import fc from '../helpers/properties.ts';

test('a frozen value is encoded once: the same bytes object for as long as it lives', () => {
  for (const value of [Object.freeze({ a: 1 }), Object.freeze([1, 2])]) {
    assert.equal(encodeOnce(value), encodeOnce(value));
    assert.equal(encodeOnce(value).toString(), JSON.stringify(value));
  }
});

test('small bytes that are kept keep nothing else in memory', () => {
  for (const text of ['', 'a', 'ä😀'.repeat(30)]) {
    const bytes = encodeOnce(Object.freeze({ text }));
    assert.equal(bytes.buffer.byteLength, bytes.length);
  }
});

test('two frozen values that are equal are still two', () => {
  assert.notEqual(encodeOnce(Object.freeze({ a: 1 })), encodeOnce(Object.freeze({ a: 1 })));
});

test('a value that is not frozen is encoded anew each time, for it may have changed', () => {
  const value = { a: 1 };
  const before = encodeOnce(value);
  value.a = 2;
  assert.equal(encodeOnce(value).toString(), '{"a":2}');
  assert.equal(before.toString(), '{"a":1}');
});

test('a value that was encoded before it was frozen is not mistaken for what it was', () => {
  const value = { a: 1 };
  encodeOnce(value);
  value.a = 2;
  assert.equal(encodeOnce(Object.freeze(value)).toString(), '{"a":2}');
});

test('plain values, null and text beyond ASCII are JSON in UTF-8', () => {
  for (const value of [1, 'ä😀', null, true, -0.5]) assert.deepEqual(encodeOnce(value), Buffer.from(JSON.stringify(value), 'utf8'));
});

test('whatever JSON can say comes back as it went in', () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => assert.deepEqual(JSON.parse(encodeOnce(value).toString()), JSON.parse(JSON.stringify(value)))),
  );
});

test('what JSON cannot say is an error, never an empty message', () => {
  const cycle: Record<string, unknown> = {};
  cycle.self = cycle;
  for (const value of [1n, { big: 1n }, cycle, undefined, () => {}, Symbol('s')]) assert.throws(() => encodeOnce(value), TypeError);
  assert.throws(() => encodeOnce(undefined), /a undefined cannot be written as JSON/);
});

test('an error in the middle of encoding is not remembered', () => {
  let fails = true;
  const value = Object.freeze({
    toJSON() {
      if (fails) throw new Error('not now');
      return 'now';
    },
  });
  assert.throws(() => encodeOnce(value), /not now/);
  fails = false;
  assert.equal(encodeOnce(value).toString(), '"now"');
});

test('a sequence is a number under that name, or none', () => {
  assert.equal(sequenceOf({ sequence: 5 }), 5);
  assert.equal(sequenceOf(Object.create({ sequence: 6 })), 6);
  for (const value of [{}, { sequence: '5' }, { sequence: null }, null, undefined, 5, 'sequence', [5]])
    assert.equal(sequenceOf(value), null);
  // Nobody could come back with these: since is a whole number.
  for (const sequence of [Number.NaN, -1, 0.5, 1e300, 2 ** 53]) assert.equal(sequenceOf({ sequence }), null, String(sequence));
});
