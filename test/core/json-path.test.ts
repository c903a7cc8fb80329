import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { followPath, parsePath } from '../../src/core/json-path.ts';

const answer = {
  host: 'box',
  interfaces: [
    { iface: 'eth0', rx: { bytes: 1 } },
    { iface: 'wg/0', rx: { bytes: 2 } },
  ],
  list: ['x', 'y'],
  nothing: null,
  zero: 0,
  'a b': 'spaced',
};
const identity = { interfaces: 'iface' };
const at = (path: string) => followPath(answer, parsePath(path), identity);

function refusalOf(ask: () => unknown): { code: string; statusCode: number; message: string } {
  try {
    ask();
  } catch (error) {
    return error as never;
  }
  return assert.fail('nothing was refused');
}

describe('a path leads', () => {
  test('nowhere else where it is empty, or only slashes', () => {
    assert.equal(at(''), answer);
    assert.equal(at('///'), answer);
  });

  test('through keys, also to null and to zero', () => {
    assert.equal(at('host'), 'box');
    assert.equal(at('nothing'), null);
    assert.equal(at('zero/'), 0);
  });

  test('to an element by its identity where the plugin declares one', () => {
    assert.deepEqual(at('interfaces/eth0'), answer.interfaces[0]);
    assert.equal(at('interfaces/eth0/rx/bytes'), 1);
    assert.equal(refusalOf(() => at('interfaces/0')).statusCode, 404);
  });

  test('to an element by its index where none is declared, or where the element lacks it', () => {
    assert.equal(at('list/1'), 'y');
    assert.equal(followPath({ interfaces: [{ name: 'x' }] }, ['interfaces', '0', 'name'], identity), 'x');
    assert.equal(followPath([['deep']], ['0', '0']), 'deep');
  });

  test('through escaped segments, a slash among them', () => {
    assert.equal(at('a%20b'), 'spaced');
    assert.equal(at('interfaces/wg%2F0/rx/bytes'), 2);
  });
});

describe('a path that leads nowhere', () => {
  test('tells who has left out the field that it would go by', () => {
    const { message } = refusalOf(() => followPath({ interfaces: [{ mtu: 1 }, { mtu: 2 }] }, ['interfaces', 'lo'], identity));
    assert.equal(message, "No 'lo' in interfaces; there is: 0, 1, for without 'iface' they have no names");
  });

  test('is a 404 that lists what is there', () => {
    assert.deepEqual(
      [refusalOf(() => at('interfaces/eth1')), refusalOf(() => at('nope'))].map(({ code, message }) => [code, message]),
      [
        ['HOSTPULSE_ERR_NO_SUCH_PATH', "No 'eth1' in interfaces; there is: eth0, wg/0"],
        ['HOSTPULSE_ERR_NO_SUCH_PATH', "No 'nope' in the answer; there is: host, interfaces, list, nothing, zero, a b"],
      ],
    );
    assert.equal(refusalOf(() => at('host/x')).message, "No 'x' in host; nothing is below that");
    assert.equal(refusalOf(() => at('nothing/x')).message, "No 'x' in nothing; nothing is below that");
  });

  test('never leads to what an object merely inherits', () => {
    for (const path of [
      'constructor',
      'toString',
      '__proto__',
      'hasOwnProperty',
      'list/length',
      'list/map',
      'host/length',
      'interfaces/constructor',
    ]) {
      assert.equal(refusalOf(() => at(path)).statusCode, 404, path);
    }
  });

  test('does not lead to what JSON leaves out', () => {
    const value = { kept: 1, gone: undefined, call: () => 1, symbol: Symbol('s') };
    for (const key of ['gone', 'call', 'symbol'])
      assert.equal(refusalOf(() => followPath(value, [key])).message, `No '${key}' in the answer; there is: kept`);
  });

  test('keeps its list and what it repeats short', () => {
    const many = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`k${i}`, i]));
    assert.match(refusalOf(() => followPath(many, ['x'])).message, /k29, and 70 more$/);
    assert.ok(refusalOf(() => at('x'.repeat(3000))).message.length < 300);
  });
});

test('a bad escape is a 400 that shows it', () => {
  for (const path of ['%', 'a/%zz', '%E0%A4']) {
    const { code, message } = refusalOf(() => parsePath(path));
    assert.equal(code, 'HOSTPULSE_ERR_BAD_REQUEST');
    assert.ok(message.includes(path));
  }
});
