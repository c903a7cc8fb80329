import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Link, type Links, UNKNOWN_LINK } from '../../src/plugins/netinfo/link.ts';
import { parseView } from '../../src/plugins/netinfo/query.ts';
import { COLUMNS, FIELDS } from '../../src/plugins/netinfo/schema.ts';
import { toSnapshot } from '../../src/plugins/netinfo/snapshot.ts';
import type { RateSample, RateStatus } from '../../src/streams/sampling/counter-rate.ts';
import fc from '../helpers/properties.ts';

const ALL = parseView({});
const WIDTH = COLUMNS.length;
const { NaN: unknown } = Number;

/** name -> rx and tx rates; what else is in the row does not matter for totals. */
function sampleOf(rates: Readonly<Record<string, readonly [rx: number, tx: number]>>, statuses?: readonly RateStatus[]): RateSample {
  const names = Object.keys(rates);
  const perSecond = Float64Array.from(Object.values(rates).flatMap((pair) => [...pair, ...new Array(WIDTH - 2).fill(0)]));
  const counters = new Float64Array(names.length * WIDTH);
  const [keys, epochs] = [names.map(() => null), names.map((_, row) => row)];
  const reading = { names, keys, counters, width: WIDTH, sequence: 7, timestampMs: 1_790_000_001_812, monotonicMs: 5, epochs, sleeps: 0 };
  return { reading, elapsedMs: 1000.25678, perSecond, statuses: statuses ?? names.map(() => 'ok') };
}

const linked = (links: Readonly<Record<string, Partial<Link>>>): Links =>
  new Map(Object.entries(links).map(([name, link]) => [name, { ...UNKNOWN_LINK, ...link }]));
const totals = (rates: Parameters<typeof sampleOf>[0], links: Readonly<Record<string, Partial<Link>>>) => {
  const { physical, all } = toSnapshot(sampleOf(rates), linked(links), 'host', ALL).totals;
  return { physical: [physical.rxBytesPerSecond, physical.txBytesPerSecond], all: [all.rxBytesPerSecond, all.txBytesPerSecond] };
};
const names = (query: Record<string, unknown>, links: Links) => {
  const sample = sampleOf({ lo: [0, 0], eth0: [0, 0], eth1: [0, 0], wlan0: [0, 0], tun0: [0, 0] });
  return toSnapshot(sample, links, 'host', parseView(query)).interfaces.map(({ iface }) => iface);
};

test('a snapshot says all that is known, field by field, as the contract has it', () => {
  const sample = sampleOf({ eth0: [0, 0] });
  const whole: RateSample = {
    ...sample,
    reading: { ...sample.reading, counters: Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8) },
    perSecond: Float64Array.of(1_210_000, 300_000.1234567, 1000, 250.0004, 0, 0, 0, 0),
  };
  const ipv4 = { family: 'ipv4', address: '10.0.0.5', prefixLength: 24 } as const;
  const ipv6 = { family: 'ipv6', address: 'fe80::1', prefixLength: 64 } as const;
  const state = { index: 2, kind: 'physical', master: null, operstate: 'up', mtu: 1500 } as const;
  const links = linked({ eth0: { ...state, mac: '02:00:00:00:00:01', speedBitsPerSecond: 1e9, addresses: [ipv6, ipv4] } });
  assert.deepEqual(toSnapshot(whole, links, 'container', ALL), {
    sequence: 7,
    timestampMs: 1_790_000_001_812,
    intervalMs: 1000.257,
    scope: 'container',
    interfaces: [
      {
        iface: 'eth0',
        address: '10.0.0.5/24',
        rx: '1.21 MB/s',
        tx: '300.00 kB/s',
        rxBytes: 1,
        txBytes: 2,
        rxPackets: 3,
        txPackets: 4,
        rxErrors: 5,
        txErrors: 6,
        rxDropped: 7,
        txDropped: 8,
        rxBytesPerSecond: 1_210_000,
        txBytesPerSecond: 300_000.123,
        rxPacketsPerSecond: 1000,
        txPacketsPerSecond: 250,
        rxUtilisationRatio: 0.00968,
        txUtilisationRatio: 0.0024,
        rateStatus: 'ok',
        ...state,
        mac: '02:00:00:00:00:01',
        speedBitsPerSecond: 1e9,
        addresses: [ipv6, ipv4],
      },
    ],
    totals: {
      physical: { rxBytesPerSecond: 1_210_000, txBytesPerSecond: 300_000.123 },
      all: { rxBytesPerSecond: 1_210_000, txBytesPerSecond: 300_000.123 },
    },
  });
});

test('the fields of an interface are those of the schema, in its order', () => {
  const [iface] = toSnapshot(sampleOf({ eth0: [1, 1] }), new Map(), 'host', ALL).interfaces;
  assert.deepEqual(Object.keys(iface ?? {}), [...FIELDS]);
});

test('what is unknown is null: never NaN, never -1, never left out', () => {
  const sample = sampleOf({ en0: [unknown, unknown] }, ['first']);
  const blank = { ...sample, elapsedMs: null, reading: { ...sample.reading, counters: new Float64Array(WIDTH).fill(unknown) } };
  const snapshot = toSnapshot({ ...blank, perSecond: new Float64Array(WIDTH).fill(unknown) }, new Map(), 'host', ALL);
  assert.equal(snapshot.intervalMs, null);
  const { iface, rateStatus, rx, tx, addresses, ...rest } = snapshot.interfaces[0] ?? assert.fail('none');
  assert.deepEqual({ iface, rateStatus, rx, tx, addresses }, { iface: 'en0', rateStatus: 'first', rx: 'n/a', tx: 'n/a', addresses: [] });
  for (const [field, value] of Object.entries(rest)) assert.equal(value, null, field);
  assert.deepEqual(JSON.parse(JSON.stringify(snapshot)), snapshot);
});

test('bits change what is written for people, and nothing else', () => {
  const [bytes, bits] = ['bytes', 'bits'].map((unit) =>
    toSnapshot(sampleOf({ eth0: [1_210_000, 5] }), new Map(), 'host', parseView({ unit })),
  );
  assert.deepEqual([bits?.interfaces[0]?.rx, bits?.interfaces[0]?.tx], ['9.68 Mbit/s', '40 bit/s']);
  assert.deepEqual({ ...bits?.interfaces[0], rx: '', tx: '' }, { ...bytes?.interfaces[0], rx: '', tx: '' });
});

test('interfaces are chosen by names, patterns and kinds', () => {
  const links = linked({ lo: { kind: 'loopback' }, eth0: { kind: 'physical' }, eth1: { kind: 'physical' }, tun0: { kind: 'tun' } });
  assert.deepEqual(names({}, links), ['lo', 'eth0', 'eth1', 'wlan0', 'tun0']);
  assert.deepEqual(names({ iface: 'wlan0,eth0' }, links), ['eth0', 'wlan0']);
  assert.deepEqual(names({ iface: 'eth?,*0' }, links), ['eth0', 'eth1', 'wlan0', 'tun0']);
  assert.deepEqual(names({ iface: 'nosuch' }, links), []);
  assert.deepEqual(names({ kind: 'physical,tun' }, links), ['eth0', 'eth1', 'tun0']);
  assert.deepEqual(names({ kind: 'physical', iface: '*1' }, links), ['eth1']);
});

test('fields that were asked for come in the order of the answer, and only they', () => {
  const snapshot = toSnapshot(sampleOf({ eth0: [5, 6] }), new Map(), 'host', parseView({ fields: 'txBytesPerSecond,iface' }));
  assert.equal(JSON.stringify(snapshot.interfaces), '[{"iface":"eth0","txBytesPerSecond":6}]');
});

test('what is shown does not change the totals', () => {
  const links = linked({ eth0: { kind: 'physical' }, eth1: { kind: 'physical' } });
  const snapshot = toSnapshot(sampleOf({ eth0: [5, 6], eth1: [7, 8] }), links, 'host', parseView({ iface: 'eth0', fields: 'iface' }));
  assert.deepEqual(snapshot.totals.physical, { rxBytesPerSecond: 12, txBytesPerSecond: 14 });
});

test('a bridge counts what its ports count: only the hardware is in the physical total', () => {
  const links: Record<string, Partial<Link>> = {
    eth0: { kind: 'physical', master: 'br0' },
    br0: { kind: 'bridge' },
    veth1: { kind: 'veth', master: 'br0' },
    lo: { kind: 'loopback' },
  };
  const rates = { eth0: [100, 10], br0: [100, 10], veth1: [10, 100], lo: [1, 1] } as const;
  assert.deepEqual(totals(rates, links), { physical: [100, 10], all: [211, 121] });
});

test('a bond counts what its slaves count, and a VLAN what its bond counts', () => {
  const links: Record<string, Partial<Link>> = {
    eth0: { kind: 'physical', master: 'bond0' },
    eth1: { kind: 'physical', master: 'bond0' },
    bond0: { kind: 'bond' },
    'bond0.7': { kind: 'vlan' },
  };
  const rates = { eth0: [100, 10], eth1: [50, 5], bond0: [150, 15], 'bond0.7': [150, 15] } as const;
  assert.deepEqual(totals(rates, links).physical, [150, 15]);
});

test('a virtual function under its synthetic network card is counted there, once', () => {
  const links: Record<string, Partial<Link>> = { eth0: { kind: 'physical' }, enP1s1: { kind: 'physical', master: 'eth0' } };
  assert.deepEqual(totals({ eth0: [100, 10], enP1s1: [100, 10] }, links).physical, [100, 10]);
});

test('a physical port whose master is not known counts itself', () => {
  assert.deepEqual(totals({ eth0: [100, 10] }, { eth0: { kind: 'physical', master: 'gone' } }).physical, [100, 10]);
});

test('a total is null as soon as one of its parts is unknown, and is not when the unknown is no part of it', () => {
  const links: Record<string, Partial<Link>> = { eth0: { kind: 'physical' }, eth1: { kind: 'physical' }, tun0: { kind: 'tun' } };
  assert.deepEqual(totals({ eth0: [100, 10], eth1: [unknown, 5], tun0: [1, 1] }, links), { physical: [null, 15], all: [null, 16] });
  assert.deepEqual(totals({ eth0: [100, 10], eth1: [1, 5], tun0: [unknown, 1] }, links), { physical: [101, 15], all: [null, 16] });
});

test('without the kinds nobody can say what is hardware: the physical total is unknown, not zero', () => {
  assert.deepEqual(totals({ eth0: [100, 10], lo: [1, 1] }, { lo: { kind: 'loopback' } }), { physical: [null, null], all: [101, 11] });
  assert.deepEqual(totals({ eth0: [100, 10] }, { eth0: { kind: null } }).physical, [null, null]);
});

test('without any hardware the physical total is zero', () => {
  assert.deepEqual(totals({ lo: [1, 2] }, { lo: { kind: 'loopback' } }), { physical: [0, 0], all: [1, 2] });
});

test('a snapshot is frozen, so that it is encoded once, and the same question gives an equal one', () => {
  const sample = sampleOf({ eth0: [1, 2] });
  const snapshot = toSnapshot(sample, new Map(), 'host', ALL);
  assert.ok(Object.isFrozen(snapshot));
  assert.deepEqual(toSnapshot(sample, new Map(), 'host', ALL), snapshot);
});

test('the physical total is at most the total of all, whatever hangs on what', () => {
  const one = fc.record({
    kind: fc.constantFrom('physical', 'bridge', 'bond', 'veth', 'loopback'),
    master: fc.option(fc.constantFrom('a', 'b', 'c')),
  });
  const row = fc.tuple(fc.nat(1000), fc.nat(1000));
  fc.assert(
    fc.property(fc.tuple(one, one, one), fc.tuple(row, row, row), ([a, b, c], [ra, rb, rc]) => {
      const found = totals({ a: ra, b: rb, c: rc }, { a, b, c } as Record<string, Partial<Link>>);
      for (const column of [0, 1]) assert.ok((found.physical[column] as number) <= (found.all[column] as number));
    }),
  );
});
