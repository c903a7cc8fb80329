import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { bindCondition } from '../../src/core/conditions/bind.ts';
import { parseCondition } from '../../src/core/conditions/parse.ts';
import { declaredShape } from '../../src/core/conditions/shape.ts';
import { type Fields, identityFields } from '../../src/core/fields.ts';
import Cpu from '../../src/plugins/cpu/plugin.ts';
import NetInfo from '../../src/plugins/netinfo/plugin.ts';
import { boundToFields, boundToValue, judged } from '../helpers/conditions.ts';
import fc from '../helpers/properties.ts';

const eth = (iface: string, more: object = {}) => ({ iface, rxBytesPerSecond: 0, operstate: 'up', ...more });
const sample = (interfaces: unknown, more: object = {}) => ({ intervalMs: 1000, interfaces, ...more });
const fields: Fields = NetInfo.fields;
const net = (text: string, value: unknown) => judged(boundToFields(text, fields), value);

describe('a field is found', () => {
  test('by its bare name in the elements of a list, and judged for each', () => {
    const value = sample([eth('lo'), eth('eth0', { rxBytesPerSecond: 2e7 }), eth('a/b', { rxBytesPerSecond: null })]);
    assert.deepEqual(net('rxBytesPerSecond > 10MB/s', value), {
      'interfaces/lo': false,
      'interfaces/eth0': true,
      'interfaces/a%2Fb': null,
    });
  });

  test('by its path to one element, which is what it is true of', () => {
    const value = sample([eth('lo'), eth('eth0', { rxBytesPerSecond: 2e7 })]);
    assert.deepEqual(net('interfaces/eth0/rxBytesPerSecond > 10MB/s', value), { 'interfaces/eth0': true });
    assert.deepEqual(net('interfaces/eth0/rxBytesPerSecond > 10MB/s and interfaces/lo/operstate = up', value), { '': true });
    assert.deepEqual(net('interfaces/eth0/rxBytesPerSecond > 10MB/s and intervalMs > 5', value), { '': true });
    assert.deepEqual(net('interfaces/eth1/rxBytesPerSecond > 10MB/s', value), {});
    assert.deepEqual(net('interfaces/eth1/rxBytesPerSecond > 10MB/s or intervalMs > 5', value), { '': true });
  });

  test('by the end of its path', () => {
    const value = sample([eth('eth0', { burst: { rxBytesPerSecond: { max: 3e7 } } })], { totals: { all: { rxBytesPerSecond: 5 } } });
    assert.deepEqual(net('burst/rxBytesPerSecond/max > 20MB/s', value), { 'interfaces/eth0': true });
    assert.deepEqual(net('all/rxBytesPerSecond > 4', value), { '': true });
  });

  test('in a group, and beside one of a list', () => {
    const value = sample([eth('eth0')], { totals: { all: { rxBytesPerSecond: 5 } } });
    assert.deepEqual(net('totals/all/rxBytesPerSecond > 4', value), { '': true });
    assert.deepEqual(net('intervalMs > 500ms and operstate = up', value), { 'interfaces/eth0': true });
  });

  test('in lists within lists', () => {
    const value = sample([eth('eth0', { addresses: [{ family: 'ipv4' }, { family: 'ipv6' }] }), eth('lo', { operstate: 'down' })]);
    assert.deepEqual(net('family = ipv6 and operstate = up', value), {
      'interfaces/eth0/addresses/0': false,
      'interfaces/eth0/addresses/1': true,
    });
  });

  test('of two elements of one name in the last, as a path finds it', () => {
    const value = sample([eth('eth0', { mtu: 1 }), eth('eth0', { mtu: 2 })]);
    assert.deepEqual(net('interfaces/eth0/mtu = 2', value), { 'interfaces/eth0': true });
  });

  test('in what a plugin says that declares nothing', () => {
    const value = {
      rows: [
        { id: 'a', n: 1 },
        { id: 'b', n: 5, text: 'x' },
      ],
      now: { n2: 3 },
      none: null,
    };
    const by = (text: string) => judged(boundToValue(text, value, { rows: 'id' }), value);
    assert.deepEqual(by('n > 2'), { 'rows/a': false, 'rows/b': true });
    assert.deepEqual(by('text = x'), { 'rows/a': null, 'rows/b': true });
    assert.deepEqual(by('n2 = 3'), { '': true });
    assert.deepEqual(by('none/later > 3'), { '': null });
    assert.deepEqual(judged(boundToValue('value > 3', 5), 5), { '': true });
    assert.deepEqual(judged(boundToValue('n > 2', [{ n: 1 }, { n: 3 }]), [{ n: 1 }, { n: 3 }]), { 0: false, 1: true });
  });
});

describe('what a field is compared with is turned into its unit', () => {
  const units: readonly [text: string, value: number][] = [
    ['rxBytesPerSecond = 10MB/s', 10_000_000],
    ['rxBytesPerSecond = 10MiB/s', 10_485_760],
    ['rxBytesPerSecond = 80Mbit/s', 10_000_000],
    ['rxBytesPerSecond = 10', 10],
    ['rxBytesPerSecond = 10 bytes/s', 10],
    ['rxBytes = 1GB', 1e9],
    ['rxBytes = 8kbit', 1000],
    ['rxPackets = 10k', 10_000],
    ['rxPacketsPerSecond = 1.5packets/s', 1.5],
    ['speedBitsPerSecond = 1Gbit/s', 1e9],
    ['speedBitsPerSecond = 1kB/s', 8000],
  ];
  for (const [text, value] of units) {
    const name = text.split(' ')[0] as string;
    test(text, () => assert.deepEqual(net(text, sample([eth('a', { [name]: value })])), { 'interfaces/a': true }));
  }

  test('of ratios and times', () => {
    assert.deepEqual(judged(boundToFields('total/usedRatio = 57%', Cpu.fields), { total: { usedRatio: 0.57 } }), { '': true });
    assert.deepEqual(net('intervalMs = 1.5s', sample([], { intervalMs: 1500 })), { '': true });
    const uptime: Fields = { up: { kind: 'gauge', unit: 'seconds', description: 'up' } };
    assert.deepEqual(judged(boundToFields('up > 2d', uptime), { up: 172_801 }), { '': true });
  });
});

describe('what is unknown is neither true nor false', () => {
  const truths: readonly [text: string, truth: boolean | null][] = [
    ['u > 1', null],
    ['not u > 1', null],
    ['u != 1', null],
    ['u > 1 and t = 1', null],
    ['u > 1 and t = 2', false],
    ['t = 2 and u > 1', false],
    ['u > 1 or t = 1', true],
    ['t = 1 or u > 1', true],
    ['u > 1 or t = 2', null],
    ['t = 2 or t = 3', false],
    ['u is null', true],
    ['u is not null', false],
    ['t is null', false],
    ['nan > 1', null],
    ['nan is null', true],
    ['gone > 1', null],
    ['gone is null', true],
  ];
  const all = { u: null, t: 1, nan: Number.NaN, gone: 1 };
  for (const [text, truth] of truths) {
    test(text, () => {
      const { gone, ...value } = all;
      assert.deepEqual(judged(boundToValue(text, all), value), { '': truth });
      assert.equal(gone, 1);
    });
  }
});

describe('numbers', () => {
  const each: readonly [text: string, truths: readonly boolean[]][] = [
    ['n > 5', [false, false, true]],
    ['n >= 5', [false, true, true]],
    ['n < 5', [true, false, false]],
    ['n <= 5', [true, true, false]],
    ['n = 5', [false, true, false]],
    ['n != 5', [true, false, true]],
  ];
  for (const [text, truths] of each) {
    test(text, () => {
      const bound = boundToValue(text, { n: 0 });
      assert.deepEqual(
        [4, 5, 6].map((n) => judged(bound, { n })['']),
        truths,
      );
    });
  }
  test('are not compared with what is none', () => {
    assert.deepEqual(judged(boundToValue('n > 5', { n: 0 }), { n: '6' }), { '': null });
    assert.deepEqual(judged(boundToValue('n = 5G', { n: 0 }), { n: 5e9 }), { '': true });
    assert.deepEqual(judged(boundToValue('n = 5G', { n: 0 }), { n: '5G' }), { '': true });
    const message = /'s' is a unit, and 'n' is declared in none; allowed: a number alone, or "5s" in quotes/;
    assert.throws(() => boundToValue('n = 5s', { n: 'x' }), { message });
  });
});

describe('words', () => {
  const each: readonly [text: string, value: unknown, truth: boolean][] = [
    ['w = up', 'up', true],
    ['w != up', 'up', false],
    ['w = "up"', 'up', true],
    ['w = up', 'UP', false],
    ['w = true', true, true],
    ['w = true', 'true', true],
    ['w = false', true, false],
    ['w = 5', '5', true],
    ['w = 5', 5, true],
    ['w = "5"', 5, false],
    ['w = 5', 5.5, false],
    ['w = x', ['x'], false],
    ['w != x', {}, true],
  ];
  for (const [text, w, truth] of each) {
    test(`${text}, where it is ${JSON.stringify(w)}`, () =>
      assert.deepEqual(judged(boundToValue(text, { w: 'any' }), { w }), { '': truth }));
  }
});

describe('what does not fit is refused, with the place and what would fit', () => {
  const wrong: readonly [text: string, message: RegExp][] = [
    ['rxBytesPerSecond>10MB/x for 5s', /^when has an error at 20: 'MB\/x' is no unit of bytes\/s; allowed: B\/s, kB\/s, MB\/s, .*Gbit\/s/],
    ['rxBytesPerSecond > fast', /at 20: 'fast' is no number; allowed: a number, in bytes\/s or with B\/s, kB\/s/],
    ['rxPackets > 10B', /at 15: 'B' is no unit of packets; allowed: k, M, G, T, packets;/],
    ['index > 5s', /at 10: 's' is a unit, and 'index' is declared in none; allowed: a number alone, or "5s" in quotes/],
    ['rxBytesPerSecon > 1', /at 1: there is no field 'rxBytesPerSecon'; did you mean rxBytesPerSecond or txBytesPerSecond/],
    ['qqqqqqqqqq > 1', /at 1: there is no field 'qqqqqqqqqq'; allowed: sequence, timestampMs, .*mtu/],
    ['intervalMs > 1 and 10MB/s < rxBytes', /at 20: there is no field '10MB' here; allowed: sequence/],
    ['10 < rxBytes', /at 1: there is no field '"10"'; the field comes first, then what it is compared with/],
    ['totals/al/rxBytesPerSecond > 1', /at 1: there is no field 'al' in totals; allowed: physical, all/],
    ['totals/all > 1', /at 1: 'totals\/all' is an object; allowed: a field in it, such as totals\/all\/rxBytesPerSecond/],
    ['interfaces > 1', /at 1: 'interfaces' is a list; allowed: a field in it, such as interfaces\/\*\/iface/],
    ['interfaces/rxBytes > 1', /at 1: 'interfaces' is a list; allowed: interfaces\/\*\/rxBytes, or a name instead of \*/],
    ['mtu/x > 1', /at 1: there is no field 'mtu' here; allowed: /],
    ['intervalMs/x > 1', /at 1: there is no field 'x' in intervalMs; allowed: intervalMs, which is a value/],
    ['rateStatus = okay', /at 14: 'okay' is nothing that 'rateStatus' can be; allowed: ok, first, reset, gap/],
    ['operstate > 5', /at 13: 'operstate' cannot be > '5': both would have to be numbers; allowed: =, !=/],
    ['operstate > down', /at 13: 'operstate' cannot be > 'down'/],
  ];
  for (const [text, message] of wrong) {
    test(text, () => assert.throws(() => boundToFields(text, fields), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message }));
  }

  test('a name that is in several places', () => {
    const twice: Fields = {
      one: { description: 'one', fields: { x: { kind: 'info', description: 'x', type: 'boolean' } } },
      two: { description: 'two', fields: { x: { kind: 'info', description: 'x' }, 'a b': { kind: 'info', description: 'ab' } } },
    };
    assert.throws(() => boundToFields('x = 1', twice), { message: /at 1: 'x' is in several places; allowed: one\/x, two\/x/ });
    const value = { one: { x: true } };
    assert.deepEqual(judged(boundToFields('one/x = true', twice), value), { '': true });
    assert.deepEqual(judged(boundToFields('one/x = false', twice), value), { '': false });
    assert.throws(() => boundToFields('one/x = 1', twice), { message: /at 9: '1' is nothing that 'x' can be; allowed: true, false/ });
    const lists: Fields = { p: { description: 'p', each: twice }, q: { description: 'q', each: twice } };
    assert.throws(() => boundToFields('p/*/one/x = true and q/*/one/x = true', lists), {
      message: /at 22: q\/\*\/one\/x and p\/\*\/one\/x are in two lists; allowed: fields of the elements of one/,
    });
  });

  test('in a single value', () => {
    assert.throws(() => boundToValue('x > 1', 5), { message: /there is no field 'x' in a single value; allowed: value/ });
  });
});

test('whatever a plugin says, nothing is thrown', () => {
  const conditions = [
    'x > 1',
    'list/*/x = a or x is null',
    'list/a/x > 1',
    'list/*/inner/*/y != 2',
    'not x < 5',
    'value = 1',
    'toString = 1',
  ];
  const anything = fc.anything({ withBigInt: true, withDate: true, withMap: true, withNullPrototype: true, withTypedArray: true });
  const near = fc.record({ x: anything, list: fc.oneof(anything, fc.array(fc.record({ id: anything, x: anything, inner: anything }))) });
  const shape = {
    x: { kind: 'gauge', unit: 'things', description: 'x' },
    toString: { kind: 'info', description: 's', type: 'integer' },
    value: { kind: 'info', description: 'v', type: 'object' },
    list: {
      description: 'l',
      identity: 'id',
      each: {
        id: { kind: 'info', description: 'id' },
        x: { kind: 'info', type: ['number', 'string'], description: 'x' },
        inner: { description: 'i', each: { y: { kind: 'gauge', unit: 'things', description: 'y' } } },
      },
    },
  } as const;
  const bound = conditions.map((text) => boundToFields(text, shape as object as Fields));
  fc.assert(
    fc.property(fc.oneof(near, anything), (value) => {
      for (const each of bound) {
        each.elements.visit(value, (context, _key, path) => {
          const truth = each.trigger(context);
          assert.ok(truth === null || typeof truth === 'boolean');
          each.release(context);
          JSON.stringify({ ...each.values(context), path: path() });
        });
      }
    }),
    { numRuns: 2000 },
  );
});

test('whatever a plugin declares, a condition fits it or is refused', () => {
  const anything = fc.anything({ withNullPrototype: true, withBigInt: true });
  const name = fc.constantFrom('x', 'y', 'list', 'group');
  const { fields } = fc.letrec<{ fields: object; node: unknown }>((tie) => ({
    fields: fc.dictionary(name, tie('node'), { maxKeys: 4 }),
    node: fc.oneof(
      { maxDepth: 3 },
      anything,
      fc.record({ kind: fc.oneof(fc.constantFrom('gauge', 'info'), anything), unit: anything, type: anything, values: anything }),
      fc.record({ each: tie('fields'), identity: anything }),
      fc.record({ fields: tie('fields') }),
    ),
  }));
  const conditions = [
    'x > 1kB',
    'y = up',
    'list/*/x is null and y = 2',
    'group/x != true',
    'list/a/y < 5',
    'x = 90% or list/*/list/*/y > 1',
  ];
  fc.assert(
    fc.property(fields, fc.constantFrom(...conditions), fc.array(fc.dictionary(name, anything)), (declared, text, list) => {
      try {
        const bound = bindCondition(parseCondition(text), text, declaredShape(declared as Fields, identityFields(declared as Fields)));
        judged(bound, { list, x: list[0], group: list[1] });
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'HOSTPULSE_ERR_BAD_VARIABLE', String(error));
      }
    }),
    { numRuns: 5000 },
  );
});
