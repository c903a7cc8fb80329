import assert from 'node:assert/strict';
import test from 'node:test';
import { conformanceProblems } from '../../src/core/conformance.ts';
import type { Fields } from '../../src/core/fields.ts';
import { declarations, valueOfFields } from '../helpers/declarations.ts';
import fc from '../helpers/properties.ts';

const fields: Fields = {
  scope: { kind: 'info', description: 'whose', values: ['host', 'container'] },
  interfaces: {
    description: 'one object each',
    identity: 'iface',
    each: {
      iface: { kind: 'info', description: 'name' },
      rxBytes: { kind: 'counter', unit: 'bytes', description: 'received' },
      speed: { kind: 'gauge', unit: 'bit/s', description: 'of the link', nullable: true, optional: true },
    },
  },
  totals: { description: 'sums', nullable: true, fields: { load: { kind: 'gauge', unit: 'threads', description: 'now' } } },
};
const eth0 = { iface: 'eth0', rxBytes: 5, speed: null };
const good = { scope: 'host', interfaces: [eth0, { iface: 'eth1', rxBytes: 0 }], totals: { load: -1.5 } };
const problemsOf = (change: object) => conformanceProblems(fields, { ...good, ...change });
const ofInterface = (change: object) => problemsOf({ interfaces: [{ ...eth0, ...change }] });

test('what was declared has no problems; null and nothing only where that was declared', () => {
  assert.deepEqual(conformanceProblems(fields, good), []);
  assert.deepEqual(problemsOf({ totals: null }), []);
  assert.deepEqual(problemsOf({ totals: undefined }), ['totals is missing; declared: an object, not optional']);
  assert.deepEqual(ofInterface({ rxBytes: null }), [
    'interfaces/eth0/rxBytes is null; declared: a counter in bytes, a finite number, not below 0, not nullable',
  ]);
});

test('each problem is a sentence with the path that a client would write, what came and what was declared', () => {
  assert.deepEqual(problemsOf({ scope: 'moon' }), ['scope is "moon"; declared: a string, one of host, container']);
  assert.deepEqual(problemsOf({ more: [1] }), ['more is an array of one, and is not declared']);
  assert.deepEqual(problemsOf({ interfaces: {} }), ['interfaces is an object with nothing; declared: a list of objects']);
  assert.deepEqual(problemsOf({ totals: { load: '1' } }), ['totals/load is "1"; declared: a gauge in threads, a finite number']);
  for (const value of [-3, Number.NaN, Number.POSITIVE_INFINITY, '5', 5n, true])
    assert.equal(ofInterface({ rxBytes: value }).length, 1, String(value));
  assert.match(ofInterface({ rxBytes: -3 })[0] ?? '', /^interfaces\/eth0\/rxBytes is -3; declared: a counter in bytes/);
  for (const value of [null, [], 'text', 5, undefined])
    assert.match(conformanceProblems(fields, value)[0] ?? '', /^the answer is .*; declared: an object$/);
});

test('an element without a name, or with another’s, is told', () => {
  assert.deepEqual(problemsOf({ interfaces: [eth0, { ...eth0, rxBytes: 7 }] }), [
    'interfaces has two elements whose iface is "eth0", at 0 and 1',
  ]);
  assert.ok(
    ofInterface({ iface: {} }).includes(
      'interfaces/0/iface is an object with nothing; declared: the name of its element, a string or a number',
    ),
  );
  assert.ok(ofInterface({ iface: undefined }).some((problem) => problem.startsWith('interfaces/0/iface is missing')));
});

test('an info of several types is one of them, and an array is held against its values', () => {
  const some: Fields = {
    from: { kind: 'info', type: ['string', 'array'], description: 'what it was' },
    flags: { kind: 'info', type: 'array', values: ['a', 'b'], description: 'set' },
    count: { kind: 'info', type: 'integer', values: ['1', '2'], description: 'of them' },
  };
  assert.deepEqual(conformanceProblems(some, { from: ['x'], flags: ['b'], count: 2 }), []);
  assert.deepEqual(conformanceProblems(some, { from: 1, flags: ['c'], count: 3 }), [
    'from is 1; declared: a string or an array',
    'flags is an array of one; declared: an array, one of a, b',
    'count is 3; declared: an integer, one of 1, 2',
  ]);
});

test('a value is judged as JSON would have it: dates are texts, functions are not there, what is inherited neither', () => {
  const one: Fields = { at: { kind: 'info', description: 'when' } };
  assert.deepEqual(conformanceProblems(one, { at: new Date(0), run: () => 1 }), []);
  assert.deepEqual(conformanceProblems(one, Object.create({ at: 'then' })), ['at is missing; declared: a string, not optional']);
  assert.deepEqual(conformanceProblems({ toString: { kind: 'info', description: 'own' } } as Fields, {}).length, 1);
});

test('however much is wrong, and however long it is, what is told of it stays short', () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({ iface: `e${index}`.padEnd(5000, 'x'), rxBytes: 'x'.repeat(5000) }));
  const problems = problemsOf({ interfaces: many });
  assert.equal(problems.length, 51);
  assert.equal(problems.at(-1), '... and 9950 more');
  assert.ok(problems.every((problem) => problem.length < 500));
});

test('whatever is declared, what conforms has no problem', () => {
  const pair = declarations.chain((made) => fc.tuple(fc.constant(made), valueOfFields(made)));
  fc.assert(fc.property(pair, ([made, value]) => assert.deepEqual(conformanceProblems(made, value), [])));
});

test('whatever is declared and whatever comes, it is told without throwing; one wrong value more is one told', () => {
  fc.assert(
    fc.property(declarations, fc.anything({ withBigInt: true, withDate: true }), (made, value) => {
      for (const problem of conformanceProblems(made, value)) assert.match(problem, / (is|has two elements|and \d+ more)/);
    }),
  );
  const pair = declarations.chain((made) => fc.tuple(fc.constant(made), valueOfFields(made)));
  fc.assert(
    fc.property(pair, ([made, value]) => {
      assert.equal(conformanceProblems(made, { ...value, 'not declared': 1 }).length, 1);
      for (const [key, node] of Object.entries(made))
        assert.equal(conformanceProblems(made, { ...value, [key]: null }).length, node.nullable ? 0 : 1);
    }),
  );
});
