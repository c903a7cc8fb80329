import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import Kernel from '../../src/plugins/kernel/plugin.ts';
import { collected, samplesOf } from '../helpers/collected.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { setStage, type Told } from '../helpers/sampled-stage.ts';

const stageOf = (t: TestContext, host: RecordedTree) => setStage(t, Kernel, host, { textfileDirectory: '' });
const recorded = (t: TestContext, name: string) => stageOf(t, new RecordedTree(t, `../kernel/${name}`));

test('neighbours are counted by device; a table with none of them is no lack', async (t) => {
  const { get, plugin } = await recorded(t, 'server');
  assert.deepEqual((await get()).arp, [
    { device: 'bond0', entries: 3 },
    { device: 'docker0', entries: 1 },
  ]);
  assert.deepEqual(await samplesOf(plugin, 'arp'), ['node_arp_entries{device="bond0"} 3', 'node_arp_entries{device="docker0"} 1']);
  assert.deepEqual((await (await recorded(t, 'laptop')).get()).arp, []);
});

test("softnet's cores have the kernel's numbers where it tells them, and the columns that it has", async (t) => {
  const { get, plugin } = await recorded(t, 'server');
  const [first, , last] = (await get()).softnet;
  assert.deepEqual([first.processed, first.dropped, first.timesSqueezed, first.receivedRps, first.flowLimited], [171909572, 2, 31, 11, 3]);
  assert.deepEqual([last.cpu, last.processed, last.backlogPackets], ['3', 4294967295, 0]);
  assert.ok((await samplesOf(plugin, 'softnet')).includes('node_softnet_times_squeezed_total{cpu="1"} 17'));
  const old = (await (await recorded(t, 'linux-2.6.32')).get()).softnet;
  assert.deepEqual(old[1], {
    cpu: '1',
    processed: 13529,
    dropped: 0,
    timesSqueezed: 0,
    collisions: 0,
    ...nulls(['receivedRps', 'flowLimited', 'backlogPackets']),
  });
});

function nulls(names: readonly string[]): Told {
  return Object.fromEntries(names.map((name) => [name, null]));
}

test('tracked connections: the entries are those of the whole table, the rest is summed over the cores', async (t) => {
  const { get, plugin } = await recorded(t, 'server');
  const { entries, limit, found, invalid, ignored, insertFailed, dropped, droppedEarly, searchRestarts } = (await get()).conntrack;
  assert.deepEqual([entries, limit, found, invalid, ignored], [500, 262144, 48, 21, 2001]);
  assert.deepEqual([insertFailed, dropped, droppedEarly, searchRestarts], [3, 3, 1, 11]);
  const samples = await samplesOf(plugin, 'conntrack');
  assert.deepEqual(
    [samples.length, samples[0], samples.at(-1)],
    [10, 'node_nf_conntrack_entries 500', 'node_nf_conntrack_stat_search_restart 11'],
  );
  const old = await recorded(t, 'linux-2.6.32');
  assert.deepEqual([(await old.get()).conntrack.found, (await old.get()).conntrack.searchRestarts], [43, null]);
});

test('without its table the tracked connections of another network namespace are not those of ours', async (t) => {
  const host = new RecordedTree(t, '../kernel/server');
  host.remove('proc/net/stat/nf_conntrack');
  const { entries, limit, found } = (await (await stageOf(t, host)).get()).conntrack;
  assert.deepEqual([entries, limit, found], [null, 262144, null]);
});

test("the scheduler's time is told in seconds; of a version in which other numbers stand there, nothing", async (t) => {
  const { get, plugin } = await recorded(t, 'server');
  assert.deepEqual((await get()).schedstat[2], { cpu: '3', runningSeconds: 3.123456789, waitingSeconds: 1.23456789, timeslices: 4567 });
  assert.ok((await samplesOf(plugin, 'schedstat')).includes('node_schedstat_waiting_seconds_total{cpu="0"} 901.23456789'));
  const old = await recorded(t, 'linux-2.6.32');
  const { schedstat, unknown } = await old.get();
  assert.equal(schedstat, null);
  assert.match(unknown.find((one: Told) => one.part === 'schedstat').reason, /version '14'/);
  await assert.rejects(collected(old.plugin, 'schedstat'), /version '14'/);
});

test('file handles and randomness', async (t) => {
  const { get, plugin } = await recorded(t, 'server');
  const { fileHandles, entropy } = await get();
  assert.deepEqual([fileHandles.allocated, entropy.availableBits, entropy.poolSizeBits], [2592, 3405, 4096]);
  assert.deepEqual(await samplesOf(plugin, 'filefd'), ['node_filefd_allocated 2592', 'node_filefd_maximum 9223372036854776000']);
  assert.deepEqual(await samplesOf(plugin, 'entropy'), ['node_entropy_available_bits 3405', 'node_entropy_pool_size_bits 4096']);
});

test('datagrams that wait are summed up, by version of IP; one that is switched off is unknown', async (t) => {
  const { get, plugin } = await recorded(t, 'server');
  assert.deepEqual((await get()).udpQueues.ipv4, { sockets: 2, txBytes: 2560, rxBytes: 768 });
  assert.deepEqual((await samplesOf(plugin, 'udp_queues')).slice(0, 2), [
    'node_udp_queues{ip="v4",queue="tx"} 2560',
    'node_udp_queues{ip="v4",queue="rx"} 768',
  ]);
  assert.equal((await (await recorded(t, 'linux-2.6.32')).get()).udpQueues.ipv6, null);
});

test('SELinux has the mode of now and that of the next start', async (t) => {
  const host = new RecordedTree(t, '../kernel/server');
  const { get, plugin } = await stageOf(t, host);
  assert.deepEqual((await get()).selinux, { isEnabled: true, mode: 'enforcing', configuredMode: 'permissive' });
  assert.deepEqual(await samplesOf(plugin, 'selinux'), [
    'node_selinux_enabled 1',
    'node_selinux_config_mode 0',
    'node_selinux_current_mode 1',
  ]);
  host.write('proc/1/root/etc/selinux/config', '#SELINUX=enforcing\nSELINUX="disabled"\n');
  assert.ok((await samplesOf(plugin, 'selinux')).includes('node_selinux_config_mode -1'));
  host.write('proc/self/attr/current', 'kernel\0\n');
  assert.deepEqual(await samplesOf(plugin, 'selinux'), ['node_selinux_enabled 0']);
});

test('errors of memory are told by controller and row, in the order of their numbers', async (t) => {
  const { get, plugin } = await recorded(t, 'server');
  const [first, second] = (await get()).memoryErrors;
  assert.deepEqual([first.correctable, first.uncorrectable, second.controller], [5, 1, '10']);
  assert.deepEqual(
    first.csrows.map((row: Told) => [row.csrow, row.correctable]),
    [
      ['unknown', 1],
      ['0', 3],
      ['10', 1],
    ],
  );
  assert.ok((await samplesOf(plugin, 'edac')).includes('node_edac_csrow_uncorrectable_errors_total{controller="0",csrow="unknown"} 1'));
});

test('RAID: arrays that are whole, degraded, recovering, waiting, checked, striped and stopped', async (t) => {
  const { get, plugin } = await recorded(t, 'server');
  const told = (await get()).raid.map((array: Told) => [
    [array.device, array.level, array.state],
    [array.disksRequired, array.disksActive, array.disksFailed, array.disksSpare],
    [array.blocks, array.blocksSynced, array.syncedRatio],
  ]);
  assert.deepEqual(told, [
    [
      ['md127', 'raid1', 'active'],
      [2, 2, 0, 0],
      [523712, 523712, null],
    ],
    [
      ['md3', 'raid6', 'recovering'],
      [4, 3, 1, 1],
      [7813772288, 492287361, 0.126005],
    ],
    [
      ['md4', 'raid1', 'resyncing'],
      [2, 2, 0, 0],
      [4190208, 0, 0],
    ],
    [
      ['md5', 'raid0', 'active'],
      [2, 2, 0, 0],
      [1953258496, 1953258496, null],
    ],
    [
      ['md6', null, 'inactive'],
      [0, 0, 0, 1],
      [976630488, 976630488, null],
    ],
    [
      ['md7', 'raid5', 'checking'],
      [3, 3, 0, 0],
      [209715200, 5976883, 0.057],
    ],
  ]);
  const samples = await samplesOf(plugin, 'mdadm');
  assert.ok(
    samples.includes('node_md_state{device="md3",state="recovering"} 1') &&
      samples.includes('node_md_state{device="md3",state="active"} 0'),
  );
  assert.ok(
    samples.includes('node_md_disks{device="md3",state="failed"} 1') && samples.includes('node_md_state{device="md4",state="resync"} 1'),
  );
});

test('bonds count their slaves and those that have a link; one that goes meanwhile is left out', async (t) => {
  const host = new RecordedTree(t, '../kernel/server');
  const { get, plugin } = await stageOf(t, host);
  assert.deepEqual((await get()).bonding, [
    { master: 'bond0', mode: '802.3ad', slaves: 2, activeSlaves: 1 },
    { master: 'bond1', mode: 'active-backup', slaves: 0, activeSlaves: 0 },
  ]);
  host.remove('sys/class/net/bond1');
  host.write('sys/class/net/bonding_masters', 'bond0 bond1 böse\\0"\n');
  host.write('sys/class/net/böse\\0"/bonding/slaves', 'ä\n');
  host.write('sys/class/net/böse\\0"/slave_ä/bonding_slave/mii_status', 'up\n');
  assert.deepEqual((await samplesOf(plugin, 'bonding')).slice(1, 2), ['node_bonding_slaves{master="böse\\\\0\\""} 1']);
  assert.ok((await samplesOf(plugin, 'bonding')).includes('node_bonding_active{master="böse\\\\0\\""} 1'));
});

test('energy is told by zone; equal names have indices, and those in a name are not part of it', async (t) => {
  const host = new RecordedTree(t, '../kernel/laptop');
  // No folder in a repository may have a colon in its name.
  const zones = [
    ['intel-rapl:0', 'package-0', 5_000_001],
    ['intel-rapl:0:0', 'dram', 1_000_000],
    ['intel-rapl:1', 'package-1', 7_000_000],
    ['intel-rapl:1:0', 'dram', 2_000_000],
    ['intel-rapl:1:1', 'odd name', 3_000_000],
  ] as const;
  for (const [zone, name, microjoules] of zones) {
    host.write(`sys/class/powercap/${zone}/name`, `${name}\n`);
    host.write(`sys/class/powercap/${zone}/energy_uj`, `${microjoules}\n`);
  }
  host.write('sys/class/powercap/intel-rapl/enabled', '1\n');
  host.write('sys/class/powercap/dtpm/name', 'dtpm\n');
  const { get, plugin } = await stageOf(t, host);
  assert.deepEqual((await get()).energy[0], { zone: 'intel-rapl:0', name: 'package-0', joules: 5.000001 });
  const path = (zone: string) => `path="${host.sysfs}/class/powercap/${zone}"`;
  assert.deepEqual(await samplesOf(plugin, 'rapl'), [
    `node_rapl_package_joules_total{index="0",${path('intel-rapl:0')}} 5.000001`,
    `node_rapl_package_joules_total{index="1",${path('intel-rapl:1')}} 7`,
    `node_rapl_dram_joules_total{index="0",${path('intel-rapl:0:0')}} 1`,
    `node_rapl_dram_joules_total{index="1",${path('intel-rapl:1:0')}} 2`,
    `node_rapl_odd_name_joules_total{index="0",${path('intel-rapl:1:1')}} 3`,
  ]);
});

test('a battery and the mains tell what they have, in units of people', async (t) => {
  const host = new RecordedTree(t, '../kernel/laptop');
  const { get, plugin } = await stageOf(t, host);
  const [mains, battery] = (await get()).powerSupplies;
  assert.deepEqual([mains.supply, mains.type, mains.isOnline, mains.capacityRatio], ['AC', 'Mains', false, null]);
  assert.deepEqual([battery.capacityRatio, battery.powerWatts, battery.temperatureCelsius, battery.isOnline], [0.61, 5.93, 31.2, null]);
  assert.deepEqual([battery.model, battery.cycles, battery.timeToEmptySeconds], ['02DL "S1\\N" ü', 231, 16457]);
  const samples = await samplesOf(plugin, 'powersupplyclass');
  assert.ok(samples.includes('node_power_supply_energy_watthour{power_supply="BAT0"} 27.11'));
  const info = samples.find((line) => line.startsWith('node_power_supply_info{power_supply="BAT0"'));
  assert.match(info ?? '', /model_name="02DL \\"S1\\\\N\\" ü",serial_number="1873"/);
  // On older kernels the type stands only in a file of its own.
  host.write('sys/class/power_supply/AC/uevent', 'POWER_SUPPLY_NAME=AC\nPOWER_SUPPLY_ONLINE=1\n');
  host.remove('sys/class/power_supply/BAT0/uevent');
  await setTimeout(10);
  const [again, ...none] = (await get()).powerSupplies;
  assert.deepEqual([again.type, again.isOnline, none], ['Mains', true, []]);
});

test('cooling devices; one that says -1 does not tell', async (t) => {
  const host = new RecordedTree(t, '../kernel/laptop');
  const { get, plugin } = await stageOf(t, host);
  assert.deepEqual(
    (await get()).coolingDevices.map((device: Told) => Object.values(device)),
    [
      ['0', 'Processor', 0, 10],
      ['1', 'Processor', 3, 10],
      ['2', 'intel_powerclamp', null, 50],
      ['10', 'iwlwifi "0"', 0, 19],
    ],
  );
  assert.deepEqual((await samplesOf(plugin, 'thermal_zone')).slice(0, 3), [
    'node_cooling_device_cur_state{name="0",type="Processor"} 0',
    'node_cooling_device_cur_state{name="1",type="Processor"} 3',
    'node_cooling_device_cur_state{name="10",type="iwlwifi \\"0\\""} 0',
  ]);
  host.remove('sys/class/thermal/cooling_device1');
  mkdirSync(`${host.sysfs}/class/thermal/loop`);
  symlinkSync('loop', `${host.sysfs}/class/thermal/cooling_device7`);
  await setTimeout(10);
  assert.deepEqual(
    (await get()).coolingDevices.map(({ device, state }: Told) => [device, state]),
    [
      ['0', 0],
      ['2', null],
      ['7', null],
      ['10', 0],
    ],
  );
});
