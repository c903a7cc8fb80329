import assert from 'node:assert/strict';
import { cpSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { concatMap, filter, firstValueFrom, skip, take, toArray } from 'rxjs';
import type { Query } from '../../src/core/base-plugin.ts';
import Containers from '../../src/plugins/containers/plugin.ts';
import type { Cleanup } from '../helpers/build-agent.ts';
import { until, within } from '../helpers/build-agent.ts';
import { samplesOf } from '../helpers/collected.ts';
import { containerTree, idOf } from '../helpers/container-tree.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { type SampledStage, setStage, type Told } from '../helpers/sampled-stage.ts';

const [WEB, DB, INNER] = [idOf('3f2a'), idOf('b70c'), idOf('91de')];
const [web, db, inner] = [WEB, DB, INNER].map((id) => id.slice(0, 12)) as [string, string, string];
const GROUPS = 'sys/fs/cgroup';
const WEB_V2 = `${GROUPS}/system.slice/docker-${WEB}.scope`;

const stageOf = (t: Cleanup, host: RecordedTree) => setStage(t, Containers, host, { socketPath: '' });
const named = (told: Told, name: string): Told => told.containers.find(({ container }: Told) => container === name);
const names = ({ containers }: Told) => containers.map(({ container }: Told) => container);
const events = ({ topic }: SampledStage, query: Query = {}) => topic(query, 'events');
const countGroups = (host: RecordedTree, count: number) =>
  host.write(`${GROUPS}/cgroup.stat`, `nr_descendants ${count}\nnr_dying_descendants 0\n`);

test('Docker under systemd on v2, with one Docker in another', async (t) => {
  const { get } = await stageOf(t, containerTree(t, 'docker-v2'));
  const told = await get();
  assert.deepEqual([told.cgroupVersion, told.status, names(told)], ['v2', 'ok', [web, inner, db].sort()]);
  const own = named(told, web);
  assert.deepEqual(
    [own.id, own.runtime, own.name, own.image, own.state, own.parent, own.cgroup],
    [WEB, 'docker', null, null, 'running', null, `/system.slice/docker-${WEB}.scope`],
  );
  assert.deepEqual([own.cpuSeconds, own.cpuUserSeconds, own.cpuSystemSeconds, own.cpuLimitCores], [52.345678, 40, 12.345678, 1.5]);
  assert.deepEqual([own.cpuPeriods, own.cpuThrottledPeriods, own.cpuThrottledSeconds], [1000, 50, 2.5]);
  assert.deepEqual(
    [own.memoryUsedBytes, own.memoryChargedBytes, own.memoryLimitBytes, own.memoryUsedRatio, own.memoryAnonBytes, own.memoryFileBytes],
    [83886080, 104857600, 268435456, 0.3125, 62914560, 41943040],
  );
  assert.deepEqual([own.swapUsedBytes, own.swapLimitBytes, own.oomKills, own.pids, own.pidsLimit], [4096, null, 1, 12, 100]);
  assert.deepEqual([own.rxBytes, own.txBytes, own.rxErrors, own.txDropped, own.networkReason], [123456, 654321, 1, 4, null]);
  const [outer, nested] = [named(told, db), named(told, inner)];
  assert.deepEqual([nested.parent, nested.state, outer.state, outer.rxBytes, nested.rxBytes], [db, 'paused', 'running', 1000, 100]);
  assert.deepEqual(told.totals.containers, 3);
  assert.equal(told.totals.memoryUsedBytes, 2 * 83886080, 'what runs in another one is counted there');
  assert.equal((await get({ container: inner })).totals.memoryUsedBytes, 83886080);
  assert.match(told.nameReason, /socketPath is not set/);
});

test('what is read from a volume is told of the disk below it, once', async (t) => {
  const host = containerTree(t, 'docker-v2');
  // The names have a colon, which not every system can check out.
  mkdirSync(`${host.root}/sys/dev/block/253:0/slaves/sda3`, { recursive: true });
  mkdirSync(`${host.root}/sys/dev/block/8:0/slaves`, { recursive: true });
  const { get, topic } = await stageOf(t, host);
  const own = named(await get(), web);
  assert.deepEqual([own.readBytes, own.writtenBytes, own.reads, own.writes], [4096000, 8192000, 900, 1900]);
  // A kernel that tells nothing of the disk below, and a sysfs that tells of no slaves.
  host.write(`${WEB_V2}/io.stat`, '253:0 rbytes=10 wbytes=20 rios=1 wios=2 dbytes=0 dios=0\n');
  const volume = topic().pipe(filter((told) => named(told, web).readBytes === 10));
  assert.equal(named(await within(firstValueFrom(volume), 'those of the volume'), web).writes, 2);
});

test('Docker on v1, one paused; and on Linux 3.10, which tells less', async (t) => {
  const { get } = await stageOf(t, containerTree(t, 'docker-v1'));
  const told = await get();
  assert.deepEqual([told.cgroupVersion, names(told)], ['v1', [web, inner, db].sort()]);
  const own = named(told, web);
  assert.deepEqual([own.cpuSeconds, own.cpuUserSeconds, own.cpuSystemSeconds, own.cpuLimitCores, own.state], [7.5, 6, 1.5, 0.5, 'paused']);
  assert.deepEqual([own.cpuThrottledSeconds, own.oomKills, own.pids, own.pidsLimit], [12.5, 2, 3, 64]);
  assert.deepEqual(
    [own.memoryUsedBytes, own.memoryChargedBytes, own.memoryLimitBytes, own.swapLimitBytes, own.swapUsedBytes],
    [41943040, 52428800, 134217728, 134217728, 8192],
  );
  assert.deepEqual([own.readBytes, own.writtenBytes, own.reads, own.writes, own.rxBytes], [2048000, 1024000, 500, 250, 5000]);
  const free = named(told, db);
  assert.deepEqual([free.cpuLimitCores, free.memoryLimitBytes, free.swapLimitBytes, free.pidsLimit], [null, null, null, null]);
  assert.equal(named(told, inner).parent, db);
  const [old] = (await (await stageOf(t, containerTree(t, 'docker-v1-old'))).get()).containers;
  assert.deepEqual(
    [old.cpuSeconds, old.readBytes, old.reads, old.oomKills, old.pids, old.pidsLimit],
    [7.5, 2048000, 500, null, null, null],
  );
});

test('a kernel that counts no disks for v1 says "Total 0": that is unknown, not none', async (t) => {
  const host = containerTree(t, 'docker-v1');
  for (const name of ['io_service_bytes', 'io_serviced'])
    host.write(`${GROUPS}/blkio/docker/${WEB}/blkio.throttle.${name}_recursive`, 'Total 0\n');
  const { get } = await stageOf(t, host);
  const own = named(await get(), web);
  assert.deepEqual([own.readBytes, own.writes, own.readBytesPerSecond], [null, null, null]);
  host.write(`${GROUPS}/blkio/docker/${DB}/blkio.throttle.io_service_bytes_recursive`, 'Total 0\n');
  host.write(`${GROUPS}/blkio/docker/${DB}/blkio.bfq.io_service_bytes_recursive`, '8:0 Read 7\n8:0 Write 9\nTotal 16\n');
  const anew = named(await (await stageOf(t, host)).get(), db);
  assert.deepEqual([anew.readBytes, anew.writtenBytes], [7, 9]);
});

test('LXC on a hybrid host, one in another, and no monitors', async (t) => {
  const told = await (await stageOf(t, containerTree(t, 'lxc-hybrid'))).get();
  assert.deepEqual([told.cgroupVersion, names(told)], ['hybrid', ['inner', 'mail', 'old']]);
  const [nested, mail] = told.containers;
  assert.deepEqual([mail.name, mail.id, mail.runtime, nested.parent, mail.cpuSeconds], ['mail', 'mail', 'lxc', 'mail', 7.5]);
});

test('Kubernetes: pods, one network for all of a pod, that of the host, and processes that cannot be seen', async (t) => {
  const host = containerTree(t, 'kubernetes-v2');
  // One network has one file, under whatever process.
  for (const pid of [5002, 5003]) {
    rmSync(`${host.root}/proc/${pid}/net/dev`);
    linkSync(`${host.root}/proc/5001/net/dev`, `${host.root}/proc/${pid}/net/dev`);
  }
  const told = await (await stageOf(t, host)).get();
  const [a, b, sandbox, crio, bare] = ['a001', 'b002', 'c003', 'd004', 'e005'].map((digits) => named(told, idOf(digits).slice(0, 12)));
  const pod = '0a1b2c3d-1111-2222-3333-444455556666';
  assert.deepEqual([a.pod, b.pod, sandbox.pod, a.runtime, a.memoryLimitBytes], [pod, pod, pod, 'containerd', 2 ** 30]);
  assert.deepEqual(
    [a.networkSharedWith, b.networkSharedWith, sandbox.networkSharedWith, b.rxBytes],
    [null, a.container, a.container, 5000],
  );
  assert.deepEqual([crio.runtime, crio.networkReason, crio.rxBytes], ['crio', "it uses the host's network", null]);
  assert.deepEqual([bare.runtime, bare.pod, bare.memoryUsedBytes, bare.pids], [null, '9a8b7c6d-1111-2222-3333-444455556666', null, null]);
  assert.equal(bare.networkReason, 'its processes cannot be seen from here');
});

test('where a group does not tell the numbers of its processes, they tell their group', async (t) => {
  // v2 writes 0 for them, v1 nothing; that there are some says their count.
  const cases = [
    { tree: 'kubernetes-v2', group: `/kubepods/besteffort/pod9a8b7c6d-1111-2222-3333-444455556666/${idOf('e005')}`, hide: [] },
    {
      tree: 'docker-v1',
      group: `/docker/${WEB}`,
      hide: ['cpu,cpuacct', 'memory'].map((name) => `${GROUPS}/${name}/docker/${WEB}/cgroup.procs`),
    },
  ];
  for (const { tree, group, hide } of cases) {
    const host = containerTree(t, tree);
    const container = group.slice(-64).slice(0, 12);
    for (const path of hide) host.write(path, '');
    const blind = named(await (await stageOf(t, host)).get(), container);
    assert.deepEqual([blind.networkReason, blind.state === 'empty'], ['its processes cannot be seen from here', false]);
    host.write('proc/5005/net/dev', 'a\nb\n  eth0: 44 1 0 0 0 0 0 0 55 1 0 0 0 0 0 0\n');
    host.write('proc/5005/cgroup', `0::/../../..${group}\n`);
    const { topic } = await stageOf(t, host);
    await within(firstValueFrom(topic().pipe(filter((told) => named(told, container)?.rxBytes === 44))), 'the process is found');
  }
});

test('Podman: of root, of a pod, of a user; systemd-nspawn by its services and scopes', async (t) => {
  const told = await (await stageOf(t, containerTree(t, 'podman-v2'))).get();
  const [ofRoot, ofPod, ofUser] = ['1a1a', '2b2b', '3c3c'].map((digits) => named(told, idOf(digits).slice(0, 12)));
  assert.equal(told.containers.length, 3, 'neither monitors nor the groups within a container');
  assert.deepEqual([ofRoot.runtime, ofRoot.rxBytes, ofPod.pod, ofPod.state, ofUser.rxBytes], ['podman', 6001, idOf('4d4d'), 'empty', 6003]);
  const machines = await (await stageOf(t, containerTree(t, 'nspawn-v2'))).get();
  assert.deepEqual(names(machines), ['adhoc', 'builder']);
  assert.deepEqual([named(machines, 'builder').rxBytes, named(machines, 'builder').runtime], [1, 'nspawn']);
});

test('a host without containers tells an empty list; one without control groups says so', async (t) => {
  const host = containerTree(t, 'docker-v2');
  rmSync(`${host.root}/${GROUPS}/system.slice`, { recursive: true });
  const told = await (await stageOf(t, host)).get();
  assert.deepEqual([told.containers, told.status, told.totals], [[], 'ok', { containers: 0, cpuRatio: 0, memoryUsedBytes: 0 }]);
  const nothing = await (await stageOf(t, new RecordedTree(t))).get();
  assert.deepEqual([nothing.containers, nothing.status, nothing.cgroupVersion], [[], 'unsupported', null]);
  assert.deepEqual(nothing.totals, { containers: null, cpuRatio: null, memoryUsedBytes: null });
  const elsewhere = await (await stageOf(t, new RecordedTree(t, undefined, 'darwin'))).get();
  assert.equal(elsewhere.status, 'unsupported');
});

test('rates, shares of limits and throttling follow the counters', async (t) => {
  const host = containerTree(t, 'docker-v2');
  const { topic } = await stageOf(t, host);
  const next = firstValueFrom(topic().pipe(filter((told) => named(told, web).cpuSeconds === 53 && named(told, web).rateStatus === 'ok')));
  host.write(
    `${WEB_V2}/cpu.stat`,
    'usage_usec 53000000\nuser_usec 40500000\nsystem_usec 12500000\nnr_periods 1010\nnr_throttled 55\nthrottled_usec 2600000\n',
  );
  const told = await within(next, 'a sample of the new numbers');
  const own = named(told, web);
  const near = (value: number, expected: number) => assert.ok(Math.abs(value / expected - 1) < 0.001, `${value} is not ${expected}`);
  near(own.cpuRatio, 0.654322 / (told.intervalMs / 1000));
  near(own.cpuUserRatio, 0.5 / (told.intervalMs / 1000));
  near(own.cpuLimitRatio, own.cpuRatio / 1.5);
  assert.equal(own.throttledRatio, 0.5);
  assert.ok(Math.abs(told.totals.cpuRatio - own.cpuRatio) < 0.001);
});

test('who comes and goes is told, and one that was made anew under the same name does not count on', async (t) => {
  const host = containerTree(t, 'docker-v2');
  const stage = await stageOf(t, host);
  const added = firstValueFrom(events(stage, { event: 'added', container: 'cafe*' }));
  cpSync(`${host.root}/${WEB_V2}`, `${host.root}/${GROUPS}/system.slice/docker-${idOf('cafe')}.scope`, { recursive: true });
  countGroups(host, 15);
  assert.equal((await within(added, 'added')).id, idOf('cafe'));
  const removed = firstValueFrom(events(stage, { event: 'removed', runtime: 'docker' }));
  rmSync(`${host.root}/${GROUPS}/system.slice/docker-${idOf('cafe')}.scope`, { recursive: true });
  assert.equal((await within(removed, 'removed')).container, idOf('cafe').slice(0, 12));
  assert.deepEqual(names(await stage.get()), [web, inner, db].sort());

  // The same id and more on the clock than before: only its group's number tells.
  const reset = firstValueFrom(stage.topic().pipe(filter((told) => named(told, web)?.rateStatus === 'reset')));
  cpSync(`${host.root}/${WEB_V2}`, `${host.root}/anew`, { recursive: true });
  rmSync(`${host.root}/${WEB_V2}`, { recursive: true });
  renameSync(`${host.root}/anew`, `${host.root}/${WEB_V2}`);
  host.write(`${WEB_V2}/cpu.stat`, 'usage_usec 99000000\nuser_usec 1\nsystem_usec 1\n');
  countGroups(host, 16);
  assert.equal(named(await within(reset, 'reset'), web).cpuRatio, null);
});

test('one that goes file by file is noticed when all of it is gone, although the number of groups says nothing', async (t) => {
  const host = containerTree(t, 'docker-v2');
  const stage = await stageOf(t, host);
  const emptied = firstValueFrom(stage.topic().pipe(filter((told) => named(told, web)?.cpuSeconds === null)));
  for (const file of readdirSync(`${host.root}/${WEB_V2}`)) host.remove(`${WEB_V2}/${file}`);
  await within(emptied, 'its files are gone');
  // Long enough for each to be looked at again.
  await firstValueFrom(stage.topic().pipe(skip(5)));
  const removed = firstValueFrom(stage.topic().pipe(filter((told) => named(told, web) === undefined)));
  host.remove(WEB_V2);
  await within(removed, 'it is gone');
});

test('pauses and kills are events, too', async (t) => {
  const host = containerTree(t, 'docker-v2');
  const stage = await stageOf(t, host);
  await stage.get();
  const paused = firstValueFrom(events(stage, { event: 'paused' }));
  host.write(`${WEB_V2}/cgroup.events`, 'populated 1\nfrozen 1\n');
  assert.equal((await within(paused, 'paused')).container, web);
  const killed = firstValueFrom(events(stage, { event: 'oomKilled', container: web }));
  host.write(`${WEB_V2}/memory.events`, 'low 0\nhigh 0\nmax 9\noom 4\noom_kill 4\n');
  assert.equal((await within(killed, 'killed')).kills, 3);
});

test('files that are missing, empty, half written or nonsense are unknown, each on its own', async (t) => {
  const host = containerTree(t, 'docker-v2');
  host.remove(`${WEB_V2}/io.stat`);
  host.write(`${WEB_V2}/memory.stat`, 'anon 5\ninactive_f');
  host.write(`${WEB_V2}/pids.current`, '');
  host.write(`${WEB_V2}/cpu.stat`, '\0\0 what\n');
  host.write(`${WEB_V2}/cpu.max`, 'a lot');
  host.write(`${WEB_V2}/memory.max`, '-5');
  host.write('proc/4101/net/dev', 'short');
  const { get, logged } = await stageOf(t, host);
  const own = named(await get(), web);
  assert.deepEqual(
    [own.readBytes, own.memoryUsedBytes, own.memoryChargedBytes, own.pids, own.cpuSeconds, own.cpuLimitCores, own.memoryLimitBytes],
    [null, null, 104857600, null, null, null, null],
  );
  assert.deepEqual([own.rxBytes, logged], [null, []]);
});

test('five hundred are read in turns, and those that end meanwhile are left out', async (t) => {
  const host = containerTree(t, 'docker-v2');
  const group = (index: number) => `${host.root}/${GROUPS}/system.slice/docker-${index.toString(16).padStart(64, '0')}.scope`;
  for (let index = 0; index < 500; index++) cpSync(`${host.root}/${WEB_V2}`, group(index), { recursive: true });
  const stage = await setStage(t, Containers, host, { socketPath: '' });
  assert.equal((await stage.get()).containers.length, 503);
  const reading = stage.get({ interval: '60ms' });
  rmSync(group(499), { recursive: true });
  rmSync(group(0), { recursive: true });
  await reading;
  await until(async () => (await stage.get()).containers.length === 501, 'two are gone');
});

test("/metrics has cAdvisor's names and labels; what is unknown is left out, and a pod's network is told once", async (t) => {
  const { plugin } = await stageOf(t, containerTree(t, 'docker-v2'));
  const lines = await samplesOf(plugin, 'containers');
  const labels = `id="/system.slice/docker-${WEB}.scope",name="${web}",image=""`;
  for (const line of [
    `container_cpu_usage_seconds_total{${labels},cpu="total"} 52.345678`,
    `container_cpu_cfs_throttled_seconds_total{${labels}} 2.5`,
    `container_memory_working_set_bytes{${labels}} 83886080`,
    `container_spec_memory_limit_bytes{${labels}} 268435456`,
    `container_spec_cpu_quota{${labels}} 150000`,
    `container_network_receive_bytes_total{${labels}} 123456`,
    `container_fs_writes_total{${labels}} 3900`,
    `container_oom_events_total{${labels}} 1`,
    `container_threads{${labels}} 12`,
  ])
    assert.ok(lines.includes(line), line);
  const host = containerTree(t, 'kubernetes-v2');
  for (const pid of [5002, 5003]) {
    rmSync(`${host.root}/proc/${pid}/net/dev`);
    linkSync(`${host.root}/proc/5001/net/dev`, `${host.root}/proc/${pid}/net/dev`);
  }
  const pods = await samplesOf((await stageOf(t, host)).plugin, 'containers');
  assert.equal(pods.filter((line) => line.startsWith('container_network_receive_bytes_total')).length, 1);
  assert.equal(pods.filter((line) => line.startsWith('container_memory_usage_bytes')).length, 4);
});

test('what is pushed and what is asked for are one object, per interval and view; what is not understood is refused', async (t) => {
  const stage = await stageOf(t, containerTree(t, 'docker-v2'));
  for (const query of [{}, { interval: '60ms' }, { runtime: 'docker', fields: 'container,cpuRatio' }]) {
    const pairs = await firstValueFrom(
      stage.topic(query).pipe(
        concatMap(async (pushed) => [pushed, await stage.get(query)]),
        take(3),
        toArray(),
      ),
    );
    for (const [pushed, asked] of pairs) assert.equal(asked, pushed);
  }
  for (const query of [{ name: 'web' }, { runtime: 'rkt' }, { fields: 'x' }, { container: '' }, { container: 'x'.repeat(300) }]) {
    const [name] = Object.keys(query);
    await assert.rejects(stage.get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message: new RegExp(name as string) });
  }
  assert.throws(() => events(stage, { event: 'gone' }), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});
