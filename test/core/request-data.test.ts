import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { canonicalKey, mergeVariables, requestData } from '../../src/core/request-data.ts';

const own = { requestHeaders: { host: 'h' }, subpath: 'a/b', method: 'GET', clientIp: '127.0.0.1' } as const;

function nested(levels: number): object {
  let value: object = {};
  for (let i = 0; i < levels; i++) value = { down: value };
  return value;
}

describe('variables', () => {
  test('of query and body are merged, and the body wins', () => {
    assert.deepEqual({ ...mergeVariables({ a: '1', b: '1' }, { b: 2, c: [3] }) }, { a: '1', b: 2, c: [3] });
    assert.deepEqual({ ...mergeVariables({ a: '1' }, null) }, { a: '1' });
    assert.deepEqual({ ...mergeVariables(undefined, undefined) }, {});
  });

  test('cannot overwrite what the agent says, and carry no key', () => {
    const mine = { requestHeaders: 'x', subpath: 'x', method: 'x', clientIp: 'x', apikey: 'secret', zone: 'utc' };
    for (const variables of [mergeVariables(mine, undefined), mergeVariables(undefined, mine)]) {
      assert.deepEqual({ ...variables }, { zone: 'utc' });
      assert.deepEqual({ ...requestData(variables, own) }, { zone: 'utc', ...own });
    }
  });

  test('have no prototype, so that nothing is there that no client sent', () => {
    const data = requestData(mergeVariables({ a: '1' }, undefined), own);
    assert.equal(Object.getPrototypeOf(data), null);
    assert.equal(data.toString, undefined);
  });

  test('named after a prototype are refused at any depth, in query and body', () => {
    const refused = { code: 'HOSTPULSE_ERR_RESERVED_NAME', statusCode: 400 };
    for (const name of ['__proto__', 'constructor', 'prototype']) {
      const flat = JSON.parse(`{"${name}":{"polluted":true}}`);
      for (const value of [flat, { a: flat }, { a: [1, { b: flat }] }]) {
        assert.throws(() => mergeVariables(value, undefined), refused);
        assert.throws(() => mergeVariables({}, value), refused);
      }
    }
    assert.equal(({} as Record<string, unknown>).polluted, undefined);
  });

  test('may be nested 32 levels deep and no deeper', () => {
    assert.doesNotThrow(() => mergeVariables({}, nested(32)));
    assert.throws(() => mergeVariables({}, nested(34)), { code: 'HOSTPULSE_ERR_BAD_REQUEST' });
    const bottomless = JSON.parse(`{"a":${'['.repeat(20_000)}${']'.repeat(20_000)}}`);
    assert.throws(() => mergeVariables({}, bottomless), { code: 'HOSTPULSE_ERR_BAD_REQUEST' });
  });

  test('come as an object and as nothing else', () => {
    const says = (body: unknown) => {
      try {
        mergeVariables({}, body);
        return null;
      } catch (error) {
        return `${(error as { code: string }).code}: ${(error as Error).message}`;
      }
    };
    assert.match(says([1]) ?? '', /^HOSTPULSE_ERR_BAD_REQUEST: the body is an array; allowed: an object/);
    assert.match(says('text') ?? '', /the body is a string/);
    assert.match(says(7) ?? '', /the body is a number/);
    assert.match(says(false) ?? '', /the body is a boolean/);
  });
});

describe('equal questions', () => {
  test('have one key, in whatever order their variables came', () => {
    assert.equal(canonicalKey({ a: '1', b: '2' }), canonicalKey({ b: '2', a: '1' }));
    assert.equal(canonicalKey({}), '');
  });

  test('are only those with the same names and values', () => {
    const keys = [{}, { a: '1' }, { a: 1 }, { a: '2' }, { b: '1' }, { a: '1', b: '1' }, { 'a","1': '' }].map(canonicalKey);
    assert.equal(new Set(keys).size, keys.length);
  });
});
