import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseUnknown } from '../../src/core/base-plugin.ts';
import { formatRate } from '../../src/plugins/netinfo/format-rate.ts';
import { parseView } from '../../src/plugins/netinfo/query.ts';
import { FIELDS, KINDS, variables } from '../../src/plugins/netinfo/schema.ts';
import { fitsGlob } from '../../src/plugins/shared/glob.ts';
import { parseInterval, parseWindow } from '../../src/plugins/shared/sampling.ts';
import fc from '../helpers/properties.ts';

const LIMITS = { intervalMs: 1000, shortestIntervalMs: 100, historyMs: 60_000, historyBytes: 1_000_000 };

test('a pattern fits as the same regular expression does', () => {
  const text = fc.string({ unit: fc.constantFrom('a', 'b', '.', '0', '(', '\\', 'é'), maxLength: 8 });
  const pattern = fc.string({ unit: fc.constantFrom('a', 'b', '.', '*', '?', '0', '(', '\\', 'é'), maxLength: 8 });
  fc.assert(
    fc.property(text, pattern, (name, glob) => {
      const source = [...glob].map((c) => (c === '*' ? '.*' : c === '?' ? '.' : c.replace(/[.(\\]/, '\\$&'))).join('');
      assert.equal(fitsGlob(name, glob), new RegExp(`^${source}$`).test(name));
    }),
    { numRuns: 2000 },
  );
});

test('every name fits itself, a star, and itself with a star anywhere in it', () => {
  const name = fc.stringMatching(/^[a-z0-9]{1,15}$/);
  fc.assert(
    fc.property(name, fc.nat(15), fc.nat(15), (own, at, length) => {
      assert.ok(fitsGlob(own, own) && fitsGlob(own, '*'));
      assert.ok(fitsGlob(own, `${own.slice(0, at)}*${own.slice(at + length)}`));
    }),
  );
});

test('a hostile pattern is no more work than an honest one', () => {
  let looks = 0;
  const counting = (text: string) =>
    new Proxy(Object(text), {
      get: (target, key) => {
        if (typeof key === 'string' && /^\d+$/.test(key)) looks++;
        return Reflect.get(target, key);
      },
    }) as string;
  assert.equal(fitsGlob(counting('a'.repeat(15)), `${'*a'.repeat(31)}*b`), false);
  assert.ok(looks < 15 * 64 * 3, `${looks} looks at a character`);
});

test('nothing asked for is everything, in bytes', () => {
  assert.deepEqual({ ...parseView({}), key: '' }, { iface: null, kinds: null, fields: null, unit: 'bytes', key: '' });
  assert.equal(parseInterval({}, LIMITS), 1000);
  assert.equal(parseWindow({}, LIMITS), null);
});

test('a view is what was asked for, from a URL or from JSON', () => {
  const fromUrl = parseView({ iface: 'eth0, wlan*', kind: 'physical,bridge', fields: 'rx,iface', unit: 'bits' });
  const fromJson = parseView({ iface: ['eth0', 'wlan*'], kind: ['physical', 'bridge'], fields: ['rx', 'iface'], unit: 'bits' });
  assert.deepEqual(fromJson, fromUrl);
  assert.deepEqual(fromUrl.iface, ['eth0', 'wlan*']);
  assert.deepEqual([...(fromUrl.kinds ?? [])], ['physical', 'bridge']);
  // In the order of the answer, not of the question.
  assert.deepEqual(fromUrl.fields, ['iface', 'rx']);
  assert.deepEqual(parseView({ iface: 5 }).iface, ['5']);
});

test('views have one key exactly if they show the same', () => {
  const same = [
    { iface: 'a,b', kind: 'tun,tap', fields: 'rx,tx' },
    { iface: ['b', 'a'], kind: 'tap,tun,tap', fields: ['tx', 'rx'], unit: 'bytes' },
  ];
  assert.equal(new Set(same.map((query) => parseView(query).key)).size, 1);
  const different = [
    {},
    { iface: 'a' },
    { iface: 'a,b' },
    { kind: 'tun' },
    { fields: 'rx' },
    { unit: 'bits' },
    { iface: '*' },
    { iface: 'null' },
  ];
  assert.equal(new Set(different.map((query) => parseView(query).key)).size, different.length);
});

test('every field and every kind may be asked for', () => {
  assert.deepEqual(parseView({ fields: FIELDS.join(',') }).fields, [...FIELDS]);
  assert.deepEqual([...(parseView({ kind: KINDS.join(',') }).kinds ?? [])], [...KINDS]);
});

test('durations have a unit, and may have a fraction', () => {
  const times = { '100ms': 100, '250ms': 250, '1s': 1000, '2.5s': 2500, '1m': 60_000, '0.5m': 30_000, '1h': 3_600_000, '60m': 3_600_000 };
  for (const [interval, ms] of Object.entries(times)) assert.equal(parseInterval({ interval }, LIMITS), ms);
  assert.equal(parseWindow({ window: '10s' }, LIMITS), 10_000);
  assert.equal(parseWindow({ window: '1s' }, LIMITS), 1000);
  assert.equal(parseWindow({ window: '1m' }, LIMITS), 60_000);
});

const interval = (query: object) => parseInterval(query as Record<string, unknown>, LIMITS);
const window = (query: object) => parseWindow(query as Record<string, unknown>, LIMITS);
const view = (query: object) => parseView(query as Record<string, unknown>);
const BAD: readonly (readonly [what: (query: object) => unknown, query: Record<string, unknown>, allowed: RegExp])[] = [
  ...['', '5', '2 s', '-1s', '1e3ms', 'fast', '1d', '99ms', '0s', '61m', '2h', 'NaNms', 'Infinitys', '1s,2s', 500, null, {}, true].map(
    (value) => [interval, { interval: value }, /a number with ms, s, m or h, from 100ms to 3600s, such as 2s|text/] as const,
  ),
  ...['999ms', '61s', '', 'all'].map((value) => [window, { window: value }, /from 1s to 60s/] as const),
  [window, { window: '10s', interval: '1s' }, /window or interval, not both/],
  ...['', 'a,,b', ',', 'a/b', '../x', 'x'.repeat(65), new Array(101).fill('a').join(','), []].map(
    (value) => [view, { iface: value }, /names or patterns such as eth0,wlan\* \(up to 100\)/] as const,
  ),
  [view, { iface: { a: 1 } }, /names or patterns such as eth0,wlan\*/],
  [view, { iface: null }, /names or patterns such as eth0,wlan\*/],
  ...['ethernet', 'Physical', 'physical,', '', 'toString', ['physical', {}]].map(
    (value) => [view, { kind: value }, /physical, bridge, .*, virtual/] as const,
  ),
  ...['rxbytes', 'rx,nothing', '__proto__', ''].map(
    (value) => [view, { fields: value }, /iface, address, rx, tx, rxBytes, .*, addresses/] as const,
  ),
  ...['byte', 'Bits', '', 8, ['bytes', 'bits'], null].map((value) => [view, { unit: value }, /bytes, bits|text/] as const),
  [
    (query) => refuseUnknown(query as Record<string, unknown>, Object.keys(variables)),
    { face: 'eth0' },
    /iface, kind, fields, unit, interval, window/,
  ],
];

for (const [parse, query, allowed] of BAD) {
  test(`${JSON.stringify(query).slice(0, 80)} is refused with the variable, what came and what is allowed`, () => {
    assert.throws(
      () => parse(query),
      (error: Error & { statusCode: number; code: string }) => {
        assert.equal(error.statusCode, 400);
        assert.equal(error.code, 'HOSTPULSE_ERR_BAD_VARIABLE');
        assert.match(error.message, allowed);
        const [[name, value] = []] = Object.entries(query);
        const [variable, came] = name === 'face' ? ['variable', name] : [name, value];
        assert.ok(error.message.startsWith(`${variable} `), error.message);
        if (typeof came === 'string') assert.ok(error.message.includes(came.slice(0, 20)));
        return true;
      },
    );
  });
}

test('known variables are not refused', () => {
  refuseUnknown({ iface: 'a', kind: 'b', fields: 'c', unit: 'd', interval: 'e', window: 'f' }, Object.keys(variables));
});

test('rates are written in SI units; each unit ends where its next one would be written as 1.00', () => {
  const written: [number | null, string][] = [
    [null, 'n/a'],
    [0, '0 B/s'],
    [0.4, '0 B/s'],
    [512, '512 B/s'],
    [999, '999 B/s'],
    [999.4, '999 B/s'],
    [999.5, '1.00 kB/s'],
    [999.994, '1.00 kB/s'],
    [999.995, '1.00 kB/s'],
    [1000, '1.00 kB/s'],
    [1234, '1.23 kB/s'],
    [999_994, '999.99 kB/s'],
    [999_995, '1.00 MB/s'],
    [1_000_000, '1.00 MB/s'],
    [1_210_000, '1.21 MB/s'],
    [999_994_999, '999.99 MB/s'],
    [999_995_000, '1.00 GB/s'],
    [12.5e9, '12.50 GB/s'],
    [1e12, '1.00 TB/s'],
    [1e15, '1.00 PB/s'],
    [5e18, '5000.00 PB/s'],
  ];
  for (const [rate, text] of written) assert.equal(formatRate(rate, 'bytes'), text, String(rate));
});

test('bits are eight times as many', () => {
  const written: [number | null, string][] = [
    [null, 'n/a'],
    [0, '0 bit/s'],
    [100, '800 bit/s'],
    [124.9, '999 bit/s'],
    [125, '1.00 kbit/s'],
    [1_210_000, '9.68 Mbit/s'],
    [125e6, '1.00 Gbit/s'],
  ];
  for (const [rate, text] of written) assert.equal(formatRate(rate, 'bits'), text, String(rate));
});

test('no rate is ever written with more than three digits before the point, up to the last unit', () => {
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1e17, noNaN: true }), fc.constantFrom('bytes', 'bits'), (rate, unit) => {
      assert.match(formatRate(rate, unit), /^\d{1,3}(\.\d\d)? [kMGTP]?(B|bit)\/s$/);
    }),
  );
});
