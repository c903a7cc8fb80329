import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { concatMap, filter, firstValueFrom, take, toArray } from 'rxjs';
import type { Query } from '../../src/core/base-plugin.ts';
import { Host } from '../../src/core/host.ts';
import { isDevice, spaceOf } from '../../src/plugins/filesystems/ask.ts';
import { mountChanges } from '../../src/plugins/filesystems/events.ts';
import FileSystems from '../../src/plugins/filesystems/plugin.ts';
import { parseView } from '../../src/plugins/filesystems/query.ts';
import { EVENTS, KINDS, STATUSES } from '../../src/plugins/filesystems/schema.ts';
import { toSnapshot } from '../../src/plugins/filesystems/snapshot.ts';
import { LinuxSource, type MountState, SystemInformationSource } from '../../src/plugins/filesystems/source.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { type SampledStage, setStage, type Told } from '../helpers/sampled-stage.ts';

const SPACE = { sizeBytes: 1000, freeBytes: 400, availableBytes: 350, inodes: 100, inodesFree: 75 };
const show = (gauges: readonly MountState[], query: Query = {}): Told =>
  toSnapshot({ reading: { gauges, sequence: 1, timestampMs: 1, monotonicMs: 1, sleeps: 0 } }, parseView(query));
const places = ({ mounts }: Told) => mounts.map(({ mountpoint }: Told) => mountpoint);
const events = ({ topic }: SampledStage, query: Query = {}) => topic(query, 'events');

/** What a recorded host's mounts would answer if all were well. */
async function recorded(t: TestContext, host: string) {
  const asked: string[] = [];
  const ask = async ({ mountpoint }: { mountpoint: string }) => {
    asked.push(mountpoint);
    return { status: 'ok', error: null, space: SPACE } as const;
  };
  const source = new LinuxSource(new RecordedTree(t, host), 500, ask);
  t.after(() => source.close());
  return { states: await source.read(), asked };
}

/** A host with one mount, which is a real directory. */
function hostWithRoot(t: TestContext) {
  const host = new RecordedTree(t);
  mkdirSync(`${host.root}/proc/1/root`, { recursive: true });
  const dev = BigInt(statSync(host.root).dev);
  const [major, minor] = [(dev >> 8n) & 0xfffn, (dev & 0xffn) | ((dev >> 12n) & 0xffffff00n)];
  const write = (...lines: string[]) => host.write('proc/1/mountinfo', lines.map((line) => `${line}\n`).join(''));
  return { host, root: (options = 'rw') => `1 0 ${major}:${minor} / / ${options} - ext4 /dev/sda1 rw`, write };
}

const stageOf = (t: TestContext, host: Host) => setStage(t, FileSystems, host, { answerMs: 30_000 });

test('without a question there is what has room, each file system once', async (t) => {
  const { states, asked } = await recorded(t, 'linux-3.10');
  assert.deepEqual(places(show(states)), ['/', '/boot', '/mnt/backup', '/media/USB Stick\ta\\b', '/mnt/f uses']);
  assert.deepEqual(asked.sort(), ['/', '/boot', '/dev/shm', '/media/USB Stick\ta\\b', '/mnt/backup', '/mnt/f uses', '/run']);
  const container = await recorded(t, 'container');
  assert.deepEqual(places(show(container.states)), ['/', '/database']);
  const btrfs = await recorded(t, 'debian-12');
  assert.deepEqual(places(show(btrfs.states)), ['/', '/boot/efi', '/tank', '/mnt/pool', '/mnt/auto']);
});

test('whatever else is mounted can be asked for', async (t) => {
  const { states } = await recorded(t, 'linux-3.10');
  assert.deepEqual(places(show(states, { kind: 'memory,overlay' })), ['/dev/shm', '/run', '/var/lib/docker/overlay2/aa/merged']);
  assert.deepEqual(places(show(states, { type: 'nfs*,vfat' })), ['/mnt/backup', '/media/USB Stick\ta\\b']);
  assert.deepEqual(places(show(states, { mountpoint: '/var/*' })), ['/var/www/data', '/var/lib/docker/overlay2/aa/merged']);
  assert.deepEqual(places(show(states, { kind: 'all' })).length, 11);
  assert.deepEqual(places(show(states, { kind: 'all', duplicates: 'true' })).length, 12);
  const [data, merged] = show(states, { mountpoint: '/var/*' }).mounts;
  assert.deepEqual([data.duplicateOf, data.sizeBytes, merged.status, merged.sizeBytes], ['/', 1000, 'unasked', null]);
});

test('used is what df calls used, of what users can have', async (t) => {
  const { states } = await recorded(t, 'container');
  const [root] = show(states).mounts;
  assert.deepEqual([root.usedBytes, root.usedRatio, root.inodesUsedRatio], [600, 0.631579, 0.25]);
  const without = states.map((state) => ({
    ...state,
    space: { ...SPACE, inodes: 0, inodesFree: 0, sizeBytes: 0, freeBytes: 0, availableBytes: 0 },
  }));
  const [empty] = show(without).mounts;
  assert.deepEqual([empty.sizeBytes, empty.usedRatio, empty.inodes, empty.inodesFree, empty.inodesUsedRatio], [0, null, null, null, null]);
});

test('room is counted in fragments where they are told: a file system behind FUSE may have blocks of 128 KiB and fragments of 512 bytes', () => {
  const found = { type: 0x65735546, bsize: 131_072, blocks: 1000, bfree: 500, bavail: 400, files: 10, ffree: 5 };
  const space = { sizeBytes: 512_000, freeBytes: 256_000, availableBytes: 204_800, inodes: 10, inodesFree: 5 };
  assert.deepEqual(spaceOf({ ...found, frsize: 512 }), space);
  for (const unknown of [found, { ...found, frsize: 0 }]) assert.equal(spaceOf(unknown).sizeBytes, 131_072_000);
});

test('a real file system, pushed and asked for as one object', async (t) => {
  const { host, root, write } = hostWithRoot(t);
  write(root());
  const { get, topic } = await stageOf(t, host);
  const [mount] = (await get()).mounts;
  assert.deepEqual([mount.status, mount.mountpoint, mount.readOnly], ['ok', '/', false]);
  assert.ok(mount.sizeBytes > 0 && mount.usedRatio >= 0 && mount.usedRatio <= 1);
  for (const query of [{}, { interval: '60ms' }, { fields: 'mountpoint' }]) {
    const pairs = await firstValueFrom(
      topic(query).pipe(
        concatMap(async (pushed) => [pushed, await get(query)]),
        take(2),
        toArray(),
      ),
    );
    for (const [pushed, asked] of pairs) assert.equal(asked, pushed);
  }
});

test('behind a prefix the directory below a mount does not answer for it', async (t) => {
  const { host, root, write } = hostWithRoot(t);
  mkdirSync(`${host.root}/proc/1/root/mnt`);
  write(root(), '2 1 0:9999 / /mnt rw - ext4 /dev/sdz1 rw', '3 1 0:9998 / /gone rw - ext4 /dev/sdy1 rw');
  const { get } = await stageOf(t, host);
  const told = async (own: typeof get) =>
    (await own()).mounts.map(({ status, error, sizeBytes }: Told) => [status, error, sizeBytes === null]);
  assert.deepEqual(await told(get), [
    ['ok', null, false],
    ['unreachable', null, true],
    ['unreachable', 'ENOENT', true],
  ]);
  symlinkSync(`${host.root}/proc/1/root`, `${host.root}/rootfs`);
  const other = await stageOf(t, new Host({ procfs: host.procfs, sysfs: host.sysfs, rootfs: `${host.root}/rootfs/` }));
  assert.equal((await told(other.get))[0]?.[0], 'ok');
});

test('what is not understood is refused, by its name', async (t) => {
  const { host, root, write } = hostWithRoot(t);
  write(root());
  const stage = await stageOf(t, host);
  for (const query of [{ mount: '/' }, { kind: 'ssd' }, { type: '' }, { duplicates: 'maybe' }, { fields: 'free' }, { window: '3s' }]) {
    const [name] = Object.keys(query);
    await assert.rejects(stage.get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message: new RegExp(name as string) });
  }
  for (const query of [{ event: 'x' }, { type: 'ext4' }]) assert.throws(() => events(stage, query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('mounts that come, go and are locked are told', async (t) => {
  const { host, root, write } = hostWithRoot(t);
  write(root());
  const stage = await stageOf(t, host);
  const happened = firstValueFrom(events(stage).pipe(take(4), toArray()));
  const next = (mounts: number) => firstValueFrom(stage.topic().pipe(filter((told) => told.mounts.length === mounts)));
  await next(1);
  write(root('ro'), '2 1 0:9999 / /mnt rw - ext4 /dev/sdz1 rw', '3 1 0:9 / /run/x rw - tmpfs none rw');
  await next(2);
  write(root());
  await next(1);
  const told = (await happened).map(({ event, mountpoint, device, kind }) => [event, mountpoint, device, kind]);
  assert.deepEqual(told, [
    ['readonly', '/', '/dev/sda1', 'disk'],
    ['mounted', '/mnt', '/dev/sdz1', 'disk'],
    ['unmounted', '/mnt', '/dev/sdz1', 'disk'],
    ['writable', '/', '/dev/sda1', 'disk'],
  ]);
});

test('who is stuck is told once, also at the first look, and when it has answered', async (t) => {
  const { states } = await recorded(t, 'linux-3.10');
  const as = (status: MountState['status']) =>
    states.map((state) => (state.kind === 'network' ? { ...state, status, space: null } : state));
  const told = (before: readonly MountState[] | null, after: readonly MountState[]) =>
    mountChanges(before, after).map(({ event, mountpoint }) => `${event} ${mountpoint}`);
  const stuck = ['stuck /mnt/backup', 'stuck /mnt/f uses'];
  assert.deepEqual(told(null, as('stuck')), stuck);
  assert.deepEqual(told(states, as('stuck')), stuck);
  assert.deepEqual(told(as('stuck'), as('stuck')), []);
  assert.deepEqual(told(as('stuck'), as('ok')), ['recovered /mnt/backup', 'recovered /mnt/f uses']);
  assert.deepEqual(told(null, states), []);
});

test('a list that is cut is a gap that is said once, and the stream goes on', async (t) => {
  const { host, root, write } = hostWithRoot(t);
  write(root());
  const stage = await stageOf(t, host);
  host.cut('proc/1/mountinfo', 20);
  assert.match((await firstValueFrom(events(stage, { event: 'gap' }))).reason, /ends in the middle/);
  await setTimeout(250);
  assert.deepEqual(stage.logged, ['filesystems could not be read; trying again at every tick']);
  write(root('ro'));
  await firstValueFrom(stage.topic().pipe(filter(({ mounts }) => mounts[0].readOnly)));
});

test('elsewhere than on Linux systeminformation is asked', async () => {
  const row = { fs: '/dev/disk1', type: 'APFS', size: 1000, used: 600, available: 350, use: 60, mount: '/', rw: false };
  const source = new SystemInformationSource({ fsSize: async () => [row] });
  const [root] = show(await source.read()).mounts;
  assert.deepEqual(
    [root.mountpoint, root.freeBytes, root.readOnly, root.inodes, root.kind, root.major],
    ['/', 400, true, null, 'disk', null],
  );
});

test('how Linux writes two numbers as one', () => {
  assert.ok(isDevice(0xfe00, 254, 0) && isDevice(0x803, 8, 3) && isDevice(2 ** 20 + 0x801, 8, 257));
  assert.ok(!isDevice(0x803, 8, 4) && !isDevice(0x803, 9, 3));
});

test('the README tells every kind, status and event', () => {
  const readme = readFileSync('src/plugins/filesystems/README.md', 'utf8');
  for (const word of [...KINDS, ...STATUSES, ...EVENTS]) assert.match(readme, new RegExp(`^\\| \`${word}\` \\|`, 'm'));
});
