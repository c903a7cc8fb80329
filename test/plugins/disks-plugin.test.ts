import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { concatMap, filter, firstValueFrom, take, toArray } from 'rxjs';
import type { Query } from '../../src/core/base-plugin.ts';
import { kindOf, looksLikePartition } from '../../src/plugins/disks/kind.ts';
import Disks from '../../src/plugins/disks/plugin.ts';
import { EVENTS, KINDS } from '../../src/plugins/disks/schema.ts';
import { DiskSource } from '../../src/plugins/disks/source.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { type SampledStage, setStage, type Told } from '../helpers/sampled-stage.ts';

/** reads, sectors read, ms reading, writes, sectors written, ms writing, under way, ms busy, ms weighted */
type Counts = readonly [number, number, number, number, number, number, number, number, number];
const line = (name: string, [r, rs, rm, w, ws, wm, now, io, weighted]: Counts) =>
  ` 8 0 ${name} ${r} 0 ${rs} ${rm} ${w} 0 ${ws} ${wm} ${now} ${io} ${weighted}\n`;
const ZERO: Counts = [0, 0, 0, 0, 0, 0, 0, 0, 0];
const names = ({ devices }: Told) => devices.map(({ device }: Told) => device);
const isKnown = ({ devices }: Told) => devices[0]?.rateStatus === 'ok';
const events = ({ topic }: SampledStage, query: Query = {}) => topic(query, 'events');

test('a recorded host is told as it was, disks first', async (t) => {
  const { get } = await setStage(t, Disks, new RecordedTree(t, 'linux-3.10'));
  const answer = await get();
  assert.deepEqual(names(answer), ['sda']);
  const [sda] = answer.devices;
  assert.deepEqual(
    [sda.readBytes, sda.writeTimeSeconds, sda.sizeBytes, sda.model, sda.revision, sda.rotational, sda.discards, sda.major, sda.parent],
    [98112344 * 512, 40112.331, 300e9, 'PERC H710', '3.13', true, null, 8, null],
  );
  assert.deepEqual(names(await get({ kind: 'all' })), ['sda', 'sda1', 'sda2', 'sr0', 'dm-0', 'dm-1']);
  const [part, volume] = (await get({ device: 'sda2,dm-0' })).devices;
  assert.deepEqual([part.kind, part.parent, part.rotational, volume.kind, volume.label], ['partition', 'sda', true, 'dm', 'vg0-root']);
});

test('other recorded hosts', async (t) => {
  const board = await setStage(t, Disks, new RecordedTree(t, 'raspberry-pi-4'));
  const [card] = (await board.get()).devices;
  assert.deepEqual(
    [card.device, card.model, card.serial, card.flushes, card.flushTimeSeconds],
    ['mmcblk0', 'SC32G', '0x12ab34cd', 1811, 3.112],
  );
  const server = await setStage(t, Disks, new RecordedTree(t, 'linux-4.20'));
  const [nvme, raid] = (await server.get({ kind: 'disk,md' })).devices;
  assert.deepEqual([nvme.wwn, nvme.discardedBytes, nvme.flushes, raid.label], ['eui.0025388b81b00001', 98112344 * 512, null, 'raid1']);
});

test('what is pushed and what is asked for are one object, per interval and view', async (t) => {
  const { get, topic } = await setStage(t, Disks, new RecordedTree(t, 'linux-3.10'));
  for (const query of [{}, { interval: '60ms' }, { kind: 'dm', fields: 'device,reads' }]) {
    const pairs = await firstValueFrom(
      topic(query).pipe(
        concatMap(async (pushed) => [pushed, await get(query)]),
        take(3),
        toArray(),
      ),
    );
    for (const [pushed, asked] of pairs) assert.equal(asked, pushed);
  }
});

test('what is not understood is refused, by its name', async (t) => {
  const stage = await setStage(t, Disks, new RecordedTree(t, 'linux-3.10'));
  for (const query of [{ devices: 'a' }, { kind: 'hdd' }, { kind: '' }, { fields: 'x' }, { device: '' }, { device: 'x'.repeat(300) }]) {
    const [name] = Object.keys(query);
    await assert.rejects(stage.get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message: new RegExp(name as string) });
  }
  for (const query of [{ event: 'gone' }, { fields: 'device' }])
    assert.throws(() => events(stage, query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('rates, shares and averages follow the counters', async (t) => {
  const host = new RecordedTree(t);
  host.write('proc/diskstats', line('sda', ZERO));
  const { topic } = await setStage(t, Disks, host);
  const next = firstValueFrom(topic().pipe(filter((told) => isKnown(told) && told.devices[0].reads > 0)));
  host.write('proc/diskstats', line('sda', [10, 80, 50, 20, 160, 40, 3, 20, 90]));
  const { devices, totals, intervalMs } = await next;
  const [sda] = devices;
  const perSecond = (count: number) => (count * 1000) / intervalMs;
  const near = (told: number, expected: number) => assert.ok(Math.abs(told / expected - 1) < 0.001, `${told} is not ${expected}`);
  near(sda.readsPerSecond, perSecond(10));
  near(sda.writtenBytesPerSecond, perSecond(160 * 512));
  near(sda.utilisedRatio, Math.min(1, 20 / intervalMs));
  near(sda.averageQueueLength, 90 / intervalMs);
  assert.deepEqual([sda.readAwaitMs, sda.writeAwaitMs, sda.discardAwaitMs, sda.inProgress], [5, 2, null, 3]);
  assert.equal(totals.disk.readsPerSecond, sda.readsPerSecond);
});

test('times that start from 0 behind 32 bits are told as they are, and their rates run on', async (t) => {
  const host = new RecordedTree(t);
  const end = 2 ** 32;
  host.write('proc/diskstats', line('sda', [1, 8, end - 4, 1, 8, 1, 0, end - 10, end - 4]));
  const { topic } = await setStage(t, Disks, host);
  const next = firstValueFrom(topic().pipe(filter((told) => isKnown(told) && told.devices[0].reads === 3)));
  host.write('proc/diskstats', line('sda', [3, 24, 6, 1, 8, 1, 0, 0, 6]));
  const [sda] = (await next).devices;
  assert.deepEqual([sda.readAwaitMs, sda.rateStatus, sda.readTimeSeconds, sda.ioTimeSeconds], [5, 'ok', 0.006, 0]);
  assert.ok(sda.utilisedRatio > 0 && sda.averageQueueLength > 0);
});

test('a time that falls for no reason leaves only its own rates unknown', async (t) => {
  const host = new RecordedTree(t);
  host.write('proc/diskstats', line('sda', [1, 8, 5, 1, 8, 1, 0, 50, 70]));
  const { topic } = await setStage(t, Disks, host);
  const next = firstValueFrom(topic().pipe(filter((told) => isKnown(told) && told.devices[0].reads === 2)));
  host.write('proc/diskstats', line('sda', [2, 16, 9, 1, 8, 1, 0, 51, 60]));
  const [sda] = (await next).devices;
  assert.deepEqual([sda.averageQueueLength, sda.readAwaitMs], [null, 4]);
});

test('a disk that goes and comes back within a tick, counting anew, is a reset and never a spike', async (t) => {
  const host = new RecordedTree(t);
  host.write('proc/diskstats', line('sda', [900, 8000, 0, 0, 0, 0, 0, 0, 0]));
  const stage = await setStage(t, Disks, host);
  const reset = firstValueFrom(events(stage, { event: 'reset', device: 'sd*' }));
  const shown = firstValueFrom(stage.topic().pipe(filter(({ devices }) => devices[0].reads === 5)));
  host.write('proc/diskstats', line('sda', [5, 40, 0, 0, 0, 0, 0, 0, 0]));
  const { devices, totals } = await shown;
  assert.deepEqual([devices[0].rateStatus, devices[0].readsPerSecond, totals.disk.readsPerSecond], ['reset', null, null]);
  assert.deepEqual([(await reset).device, (await reset).kind], ['sda', 'disk']);
});

test('another disk under the name of one that went is noticed by its number, even where its counters are ahead', async (t) => {
  const host = new RecordedTree(t);
  host.write('proc/diskstats', line('sda', [900, 8000, 0, 0, 0, 0, 0, 0, 0]));
  host.write('sys/class/block/sda/size', '2048\n');
  host.write('sys/class/block/sda/diskseq', '5\n');
  const stage = await setStage(t, Disks, host);
  const reset = firstValueFrom(events(stage, { event: 'reset' }));
  await firstValueFrom(stage.topic().pipe(filter(isKnown)));
  host.write('sys/class/block/sda/diskseq', '6\n');
  host.write('sys/class/block/sda/size', '4096\n');
  assert.equal((await reset).device, 'sda');
  assert.equal((await stage.get()).devices[0].sizeBytes, 4096 * 512);
});

test('disks that come and go are told, and are in the answer or not', async (t) => {
  const host = new RecordedTree(t);
  host.write('proc/diskstats', line('sda', ZERO));
  host.write('sys/class/block/sdb/size', '2048\n');
  const stage = await setStage(t, Disks, host);
  const happened = firstValueFrom(events(stage).pipe(take(2), toArray()));
  host.write('proc/diskstats', line('sda', ZERO) + line('sdb', ZERO));
  const both = await firstValueFrom(stage.topic().pipe(filter((told) => names(told).length === 2)));
  assert.deepEqual([both.devices[1].rateStatus, both.totals.disk.readsPerSecond], ['first', null]);
  host.write('proc/diskstats', line('sda', ZERO));
  await firstValueFrom(stage.topic().pipe(filter((told) => names(told).length === 1)));
  const told = (await happened).map(({ event, device, kind, sizeBytes }) => [event, device, kind, sizeBytes]);
  assert.deepEqual(told, [
    ['added', 'sdb', 'disk', 2048 * 512],
    ['removed', 'sdb', 'disk', 2048 * 512],
  ]);
});

test('a size that changes is seen without the device going', async (t) => {
  const host = new RecordedTree(t);
  host.write('proc/diskstats', line('vda', ZERO));
  host.write('sys/class/block/vda/size', '2048\n');
  const { topic } = await setStage(t, Disks, host);
  host.write('sys/class/block/vda/size', '4096\n');
  await firstValueFrom(topic().pipe(filter(({ devices }) => devices[0].sizeBytes === 4096 * 512)));
});

test('a file that is cut is a gap that is said once, and the stream goes on', async (t) => {
  const host = new RecordedTree(t, 'linux-3.10');
  const stage = await setStage(t, Disks, host);
  host.cut('proc/diskstats', 70);
  assert.match((await firstValueFrom(events(stage, { event: 'gap' }))).reason, /ends in the middle/);
  await setTimeout(250);
  assert.deepEqual(stage.logged, ['disks could not be read; trying again at every tick']);
  host.write('proc/diskstats', line('sdz', ZERO));
  await firstValueFrom(stage.topic().pipe(filter((told) => names(told)[0] === 'sdz')));
});

test('another disk in the place of one is itself at once: counters that begin anew are looked behind', async (t) => {
  const host = new RecordedTree(t);
  const old: Counts = [500, 900, 1, 700, 900, 1, 0, 1, 1];
  const other: Counts = [3, 9, 1, 0, 0, 0, 0, 1, 1];
  const plug = (model: string, sectors: number) => {
    host.write('sys/class/block/sdb/device/model', `${model}\n`);
    host.write('sys/class/block/sdb/size', `${sectors}\n`);
  };
  plug('OLD', 1000);
  host.write('proc/diskstats', line('sdb', old));
  const source = new DiskSource(host);
  t.after(() => source.close());
  const told = () => source.read().facts.map(({ model, sizeBytes }) => [model, sizeBytes]);
  assert.deepEqual(told(), [['OLD', 512_000]]);
  plug('NEW', 2000);
  assert.deepEqual(told(), [['OLD', 512_000]]);
  host.write('proc/diskstats', line('sdb', other));
  assert.deepEqual(told(), [['NEW', 1_024_000]]);
  // Also where others come and go at the same moment.
  plug('THIRD', 3000);
  host.write('proc/diskstats', line('sda', ZERO) + line('sdb', ZERO));
  assert.deepEqual(told(), [
    [null, null],
    ['THIRD', 1_536_000],
  ]);
});

test('where nothing counts, nothing is told, and why', async (t) => {
  for (const host of [new RecordedTree(t), new RecordedTree(t, 'linux-3.10', 'darwin')]) {
    const { get, logged } = await setStage(t, Disks, host);
    const { devices, status, totals } = await get();
    assert.deepEqual([devices, status, totals.disk.readsPerSecond, logged], [[], 'unsupported', null, []]);
  }
});

test('kinds by name and by sysfs', () => {
  const kinds = (isVirtual: boolean, ...all: string[]) => all.map((name) => kindOf({ name, isPartition: false, isVirtual }));
  assert.deepEqual(kinds(false, 'sda', 'nvme0n1', 'mmcblk0', 'cciss/c0d0', 'xvda', 'vda', 'dasda'), new Array(7).fill('disk'));
  assert.deepEqual(kinds(true, 'nvme0n1', 'nvme0c0n1', 'rbd0', 'bcache0', 'zd0'), ['disk', 'path', 'disk', 'virtual', 'virtual']);
  assert.deepEqual(kinds(true, 'md127', 'md_d0', 'dm-12', 'loop0', 'zram0', 'ram1'), ['md', 'md', 'dm', 'loop', 'zram', 'ram']);
  // What lies on another disk is none itself, or its bytes would be in the totals twice; also where there is no sysfs.
  for (const isVirtual of [true, false]) assert.deepEqual(kinds(isVirtual, 'drbd0', 'bcache0', 'zd16'), new Array(3).fill('virtual'));
  const parts = ['sda1', 'hdc12', 'xvda1', 'nvme0n1p1', 'mmcblk0p2', 'cciss/c0d0p1', 'md0p1', 'dasda1', 'pmem0p1', 'nbd0p1', 'zd0p2'];
  assert.deepEqual(parts.filter(looksLikePartition), parts);
  assert.deepEqual(
    ['sda', 'sdaa', 'nvme0n1', 'mmcblk0', 'mmcblk0boot0', 'dm-1', 'md0', 'dasda', 'nbd0', 'pmem0'].filter(looksLikePartition),
    [],
  );
});

test('the README tells every kind and every event', () => {
  const readme = readFileSync('src/plugins/disks/README.md', 'utf8');
  for (const word of [...KINDS, ...EVENTS]) assert.match(readme, new RegExp(`^\\|[^|]*\`${word}\`[^|]*\\|`, 'm'));
});
