import assert from 'node:assert/strict';
import { linkSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import type { Systeminformation } from 'systeminformation';
import { Host } from '../../src/core/host.ts';
import { LinuxSource } from '../../src/plugins/netinfo/linux-source.ts';
import { COLUMNS, MONOTONIC_COLUMNS } from '../../src/plugins/netinfo/schema.ts';
import { scopeOf } from '../../src/plugins/netinfo/scope.ts';
import { openSource, type SystemInformation, SystemInformationSource } from '../../src/plugins/netinfo/source.ts';
import { counterRate } from '../../src/streams/sampling/counter-rate.ts';
import type { Reading } from '../../src/streams/sampling/counter-table.ts';
import { EpochTracker } from '../../src/streams/sampling/epoch-tracker.ts';
import { device, RecordedHost } from '../helpers/sysfs-tree.ts';

interface Recording {
  stats: Systeminformation.NetworkStatsData[];
  readonly interfaces: Systeminformation.NetworkInterfacesData[];
}

const recorded = (name: string) => JSON.parse(readFileSync(`test/fixtures/network/systeminformation/${name}.json`, 'utf8')) as Recording;
const sourceOf = (recording: Recording) =>
  new SystemInformationSource({
    networkStats: async () => recording.stats,
    networkInterfaces: async () => recording.interfaces,
  } as unknown as SystemInformation);

test('on macOS bytes, errors and drops are known, packets are not', async () => {
  const { names, counters, width } = await sourceOf(recorded('macos')).read();
  assert.deepEqual(names, ['lo0', 'en0', 'en5', 'awdl0', 'utun3']);
  assert.equal(width, COLUMNS.length);
  const { NaN: unknown } = Number;
  assert.deepEqual([...counters.slice(width, 2 * width)], [18273645911, 2938475610, unknown, unknown, 0, 0, 0, 0]);
});

test('on macOS kinds, addresses and states are what the system says, and null what it does not', async () => {
  const links = await sourceOf(recorded('macos')).inspect();
  assert.deepEqual(links.get('en0'), {
    index: null,
    kind: 'physical',
    master: null,
    operstate: 'up',
    mtu: 1500,
    mac: 'a4:83:e7:01:02:03',
    speedBitsPerSecond: null,
    addresses: [
      { family: 'ipv4', address: '192.168.1.23', prefixLength: 24 },
      { family: 'ipv6', address: 'fe80::8f1:2ea4:c0de:1234', prefixLength: 64 },
    ],
  });
  assert.deepEqual([links.get('lo0')?.kind, links.get('lo0')?.mac], ['loopback', null]);
  assert.deepEqual(
    links.get('lo0')?.addresses.map(({ prefixLength }) => prefixLength),
    [8, 128],
  );
  assert.deepEqual([links.get('utun3')?.kind, links.get('utun3')?.addresses[0]?.prefixLength], ['virtual', 22]);
  assert.deepEqual(links.get('en5')?.addresses, []);
});

test('on Windows names have spaces, speeds are Mbit/s, and a negative speed or no MTU is unknown', async () => {
  const source = sourceOf(recorded('windows'));
  assert.deepEqual((await source.read()).names, ['Ethernet', 'WiFi', 'vEthernet (WSL)', 'Loopback Pseudo-Interface 1']);
  const links = await source.inspect();
  assert.deepEqual([links.get('Ethernet')?.speedBitsPerSecond, links.get('Ethernet')?.addresses[0]?.prefixLength], [1e9, 23]);
  assert.deepEqual([links.get('WiFi')?.speedBitsPerSecond, links.get('WiFi')?.mtu, links.get('WiFi')?.operstate], [null, null, 'down']);
  assert.deepEqual([links.get('vEthernet (WSL)')?.kind, links.get('vEthernet (WSL)')?.addresses[0]?.prefixLength], ['virtual', 20]);
});

test('names and keys are the same arrays for as long as the interfaces stay the same', async () => {
  const recording = recorded('macos');
  const source = sourceOf(recording);
  const first = await source.read();
  recording.stats = recording.stats.map((row) => (row.rx_bytes > 0 ? { ...row, rx_bytes: row.rx_bytes + 5 } : row));
  const second = await source.read();
  assert.equal(second.names, first.names);
  assert.equal(second.keys, first.keys);
  recording.stats = recording.stats.slice(1);
  const third = await source.read();
  assert.deepEqual(third.names, ['en0', 'en5', 'awdl0', 'utun3']);
  assert.deepEqual(third.keys, first.keys.slice(1));
});

test('the zeros that systeminformation answers after an error are a reset on the way down and up, never a spike', async () => {
  const recording = recorded('macos');
  const source = sourceOf(recording);
  const tracker = new EpochTracker(MONOTONIC_COLUMNS);
  const setBytes = (bytes: number) => {
    recording.stats = recording.stats.map((row) => (row.iface === 'en0' ? { ...row, rx_bytes: bytes, tx_bytes: bytes } : row));
  };
  const rates: unknown[] = [];
  let last: Reading | null = null;
  let first: Reading | null = null;
  for (const [index, bytes] of [5e9, 5e9 + 100, 0, 0, 5e9 + 400, 5e9 + 500].entries()) {
    setBytes(bytes);
    const table = await source.read();
    const reading: Reading = {
      ...table,
      sequence: index,
      timestampMs: 0,
      monotonicMs: index * 1000,
      epochs: tracker.track(table),
      sleeps: 0,
    };
    const { statuses, perSecond, reading: read } = counterRate(last, reading);
    const row = read.names.indexOf('en0');
    rates.push([statuses[row], perSecond[row * read.width]]);
    last = reading;
    first ??= reading;
  }
  const { NaN: unknown } = Number;
  assert.deepEqual(rates, [
    ['first', unknown],
    ['ok', 100],
    ['reset', unknown],
    ['ok', 0],
    ['reset', unknown],
    ['ok', 100],
  ]);
  assert.equal(counterRate(first, last as Reading).statuses[last?.names.indexOf('en0') ?? -1], 'reset');
});

test('a host without interfaces is none, and a single one that is no array is one', async () => {
  assert.deepEqual((await sourceOf({ stats: [], interfaces: [] }).read()).names, []);
  const single = recorded('macos').interfaces[1] as Systeminformation.NetworkInterfacesData;
  const source = sourceOf({ stats: [], interfaces: single as unknown as Systeminformation.NetworkInterfacesData[] });
  assert.deepEqual([...(await source.inspect()).keys()], ['en0']);
});

test('Linux is read directly, everything else through systeminformation', async (t) => {
  const linux = await openSource(new RecordedHost(t));
  assert.ok(linux instanceof LinuxSource);
  linux.close();
  assert.ok((await openSource(new RecordedHost(t, 'darwin'))) instanceof SystemInformationSource);
});

test('another procfs than our own shows a host, and so does every system that has no containers of this kind', (t) => {
  assert.equal(scopeOf(new RecordedHost(t)), 'host');
  assert.equal(scopeOf(new RecordedHost(t, 'win32')), 'host');
});

test('where PID 1 is hidden from the agent (hidepid), hardware tells whose interfaces they are', (t) => {
  const recorded = new RecordedHost(t);
  const proc = `${recorded.root}/own`;
  mkdirSync(`${proc}/self/net`, { recursive: true });
  mkdirSync(`${proc}/self/ns`, { recursive: true });
  writeFileSync(`${proc}/self/net/dev`, '');
  symlinkSync('pid:[4026531836]', `${proc}/self/ns/pid`);
  const own = new Host({ procfs: '/proc', sysfs: recorded.sysfs, platform: 'linux' });
  recorded.plug('lo', device({ type: 772 }, 1));
  assert.equal(scopeOf(own, proc), 'container');
  recorded.plug('eth0', device({ device: { '->': '../lo' } }, 2));
  assert.equal(scopeOf(own, proc), 'host');
  // Seen, it is in another network namespace, or in ours.
  mkdirSync(`${proc}/1/net`, { recursive: true });
  writeFileSync(`${proc}/1/net/dev`, '');
  assert.equal(scopeOf(own, proc), 'container');
  rmSync(`${proc}/1/net/dev`);
  linkSync(`${proc}/self/net/dev`, `${proc}/1/net/dev`);
  recorded.unplug('eth0');
  assert.equal(scopeOf(own, proc), 'host');
});
