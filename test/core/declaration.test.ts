import assert from 'node:assert/strict';
import test from 'node:test';
import { declarationProblems, variableProblems } from '../../src/core/declaration.ts';
import { identityFields } from '../../src/core/fields.ts';
import { declaredCollisions } from '../../src/core/metrics/declared-metrics.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { declarations } from '../helpers/declarations.ts';
import fc from '../helpers/properties.ts';

const description = 'what it is';

test('what the built-in plugins declare has no problems', () => {
  for (const [name, { fields = {}, topicFields = {}, variables = {} }] of Object.entries(builtIns)) {
    for (const declared of [fields, ...Object.values(topicFields)]) assert.deepEqual(declarationProblems(declared), [], name);
    assert.deepEqual(variableProblems(variables), [], name);
  }
});

test('whatever is declared well has no problems', () => {
  fc.assert(
    fc.property(declarations, (fields) => {
      fc.pre(declaredCollisions(fields).length === 0);
      assert.deepEqual(declarationProblems(fields), []);
    }),
  );
});

const WRONG: readonly [string, unknown, RegExp][] = [
  ['no kind', { a: { description } }, /^a has the kind undefined; allowed: counter, gauge, info/],
  ['an unknown kind', { a: { kind: 'histogram', description, unit: 's' } }, /^a has the kind 'histogram'; allowed/],
  ['a counter without unit', { a: { kind: 'counter', description } }, /^a is a counter without a unit/],
  ['a gauge with values', { a: { kind: 'gauge', unit: 'ratio', values: ['a'], description } }, /^a is a gauge with values/],
  ['an info with a unit', { a: { kind: 'info', unit: 'bytes', description } }, /^a is an info with a unit \('bytes'\)/],
  ['no description', { a: { kind: 'info' } }, /^a has the description undefined; allowed: a text/],
  ['an unknown type', { a: { kind: 'info', type: 'date', description } }, /^a has the type 'date'; allowed: string/],
  ['an unknown key', { a: { kind: 'info', desc: 'x', description } }, /^a says 'desc', which nothing is made of; allowed: kind/],
  ['values that are none', { a: { kind: 'info', values: [1], description } }, /^a has the values an array \(1\); allowed/],
  ['a name that is no key', { 'a b': { kind: 'info', description } }, /^a b has the name 'a b'; allowed: a letter/],
  ['a name of a prototype', { constructor: { kind: 'info', description } }, /^constructor has the name 'constructor'/],
  ['a flag that is none', { a: { kind: 'info', nullable: 'yes', description } }, /^a has nullable 'yes'; allowed: true, false/],
  ['no object', { a: 5 }, /^a is 5; allowed: a field, a group/],
  ['fields that are none', 'fields', /^the fields are 'fields'; allowed: an object/],
  ['a group without fields', { a: { description, fields: null } }, /^the fields of a are null; allowed/],
  ['an identity that is no field', { a: { description, identity: 'x', each: {} } }, /^a has the identity 'x', which is no field/],
  [
    'an identity that may be null',
    { a: { description, identity: 'x', each: { x: { kind: 'info', nullable: true, description } } } },
    /^a has the identity 'x', which may be missing or null/,
  ],
  [
    'an answer of nobody',
    { a: { kind: 'info', answerOf: 'netinfo', description } },
    /^a has answerOf 'netinfo'; allowed: .* type: 'object'/,
  ],
];

for (const [what, fields, expected] of WRONG) {
  test(`${what} is told, with what is allowed`, () => {
    const problems = declarationProblems(fields);
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] ?? '', expected);
  });
}

test('two lists of one name with different identities are told: a path finds the identity by the name', () => {
  const list = (identity: string) => ({ description, identity, each: { [identity]: { kind: 'info', description } } });
  assert.deepEqual(declarationProblems({ a: list('x'), b: { description, fields: { a: list('x') } } }), []);
  assert.match(declarationProblems({ a: list('x'), b: { description, fields: { a: list('y') } } })[0] ?? '', /^two lists are called a/);
});

test('two fields that would have one name in /metrics are told', () => {
  const gauge = { kind: 'gauge', unit: 'bytes', description };
  assert.deepEqual(declarationProblems({ a: { description, fields: { b: gauge } }, a_b: gauge, c: { ...gauge, kind: 'counter' } }), [
    'a_b has the same name in /metrics as a/b (.._a_b), and would not be in it',
  ]);
});

test('a variable is told by its name', () => {
  const told = (variable: unknown) => variableProblems({ v: variable });
  assert.deepEqual(told({ description, values: ['a', 'b'], example: 'a,b', list: true }), []);
  assert.match(
    told({ description, values: ['a', 'b'], example: 'a,b' })[0] ?? '',
    /^variable v has the example 'a,b', .*list: true says so$/,
  );
  assert.match(told({ description, type: 'text' })[0] ?? '', /^variable v has the type 'text'; allowed/);
  assert.match(told({})[0] ?? '', /^variable v has the description undefined/);
  assert.match(variableProblems({ apikey: { description } })[0] ?? '', /^variable apikey has a name that is the agent's own/);
  assert.match(variableProblems([])[0] ?? '', /^the variables are an array/);
});

test('whatever stands in place of a declaration, it is told without throwing, and its identities are looked for without throwing', () => {
  const circle: Record<string, unknown> = {};
  circle.a = { description, fields: circle };
  assert.match(declarationProblems(circle).join(), /nested deeper than 16 levels/);
  assert.deepEqual(identityFields(circle as never), {});
  assert.equal(declarationProblems({ a: [{ toString: false }, ['b']] }).length, 1);
  const node = fc.oneof(
    fc.anything(),
    fc.record({ kind: fc.anything(), each: fc.anything(), fields: fc.anything(), description: fc.string() }),
  );
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.dictionary(fc.string(), node)), (declared) => {
      for (const problem of [...declarationProblems(declared), ...variableProblems(declared)]) assert.equal(typeof problem, 'string');
      identityFields(declared as never);
    }),
  );
});
