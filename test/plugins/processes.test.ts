import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { concatMap, filter, firstValueFrom, take, toArray } from 'rxjs';
import { Host } from '../../src/core/host.ts';
import { processCollectors } from '../../src/plugins/processes/metrics.ts';
import Processes from '../../src/plugins/processes/plugin.ts';
import { parseProcessStat } from '../../src/plugins/processes/proc-pid-stat.ts';
import { ProcessSource } from '../../src/plugins/processes/source.ts';
import fc from '../helpers/properties.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { setStage, type Told } from '../helpers/sampled-stage.ts';
import { samples } from '../helpers/told-metrics.ts';

interface Given {
  readonly name?: string;
  readonly state?: string;
  readonly user?: number;
  readonly system?: number;
  readonly threads?: number;
  readonly start?: number;
  readonly pages?: number;
}

const stat = (pid: number, { name = 'sh', state = 'S', user = 0, system = 0, threads = 1, start = 5, pages = 10 }: Given = {}) =>
  `${pid} (${name}) ${state} 1 ${pid} ${pid} 0 -1 4194560 100 0 0 0 ${user} ${system} 0 0 20 0 ${threads} 0 ${start} 4096000 ${pages} 18446744073709551615 1 1 0\n`;

function hostWith(t: Parameters<typeof setStage>[0], processes: Readonly<Record<number, Given>>) {
  const host = new RecordedTree(t);
  const write = (pid: number, given: Given) => host.write(`proc/${pid}/stat`, stat(pid, given));
  for (const [pid, given] of Object.entries(processes)) write(Number(pid), given);
  host.write('proc/sys/kernel/pid_max', '4194304\n');
  host.write('proc/meminfo', 'MemTotal: 1 kB\n');
  return { host, write };
}

const pids = (list: readonly Told[]) => list.map(({ pid }) => pid);

test('a line is a process, whatever its name', () => {
  for (const name of ['sh', 'a b', '(sd-pam)', ')', ') S 1', 'x) R 2 (y', '', 'ü', 'new\nline']) {
    const parsed = parseProcessStat(stat(7, { name, user: 3, system: 4, threads: 5, start: 6, pages: 8 }));
    assert.deepEqual(parsed, {
      ...{ name, state: 'sleeping', parent: 1, userTicks: 3, systemTicks: 4, threads: 5, startTicks: 6 },
      ...{ virtualBytes: 4_096_000, residentPages: 8 },
    });
  }
});

test('whatever the name, the numbers behind it are found; any other text is no process', () => {
  const count = fc.nat(2 ** 31 - 1);
  fc.assert(
    fc.property(fc.string(), fc.constantFrom(...'RSDIZTtXPW'), count, count, (name, state, user, system) => {
      const parsed = parseProcessStat(stat(7, { name, state, user, system }));
      assert.deepEqual([parsed?.name, parsed?.userTicks, parsed?.systemTicks], [Buffer.from(name).toString(), user, system]);
    }),
  );
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('(', ')', ' ', '1', 'S', '\n') }), (text) => {
      const parsed = parseProcessStat(text);
      assert.ok(parsed === null || Number.isFinite(parsed.userTicks));
    }),
  );
  assert.deepEqual([parseProcessStat(''), parseProcessStat('7 (sh) S 1 2')], [null, null]);
});

test('processes are counted by state, with their threads', async (t) => {
  const { host } = hostWith(t, {
    1: {},
    20: { state: 'R', threads: 4 },
    3: { state: 'Z' },
    4: { state: 'D' },
    5: { state: 'I' },
    6: { state: 'X' },
  });
  const { get } = await setStage(t, Processes, host);
  const { total, threads, states, maxProcesses, maxThreads, topByCpu } = await get();
  assert.deepEqual([total, threads, maxProcesses, maxThreads, topByCpu], [6, 9, 4194304, null, undefined]);
  assert.deepEqual(states, { running: 1, sleeping: 1, blocked: 1, idle: 1, zombie: 1, stopped: 0, traced: 0, other: 1 });
});

test('where others are hidden from the agent, how many there are is not known, and not the number of its own', async (t) => {
  const { host, write } = hostWith(t, { 7: { state: 'R' }, 8: {} });
  const { get, topic } = await setStage(t, Processes, host);
  const { status, total, threads, states, maxProcesses } = await get();
  assert.deepEqual([status, total, threads, maxProcesses], ['hidden', null, null, 4194304]);
  assert.deepEqual(new Set(Object.values(states)), new Set([null]));
  assert.deepEqual(pids((await get({ top: '5' })).topByMemory), [7, 8]);
  const collectors = processCollectors(() => new ProcessSource(host).read());
  assert.deepEqual(await samples(collectors, 'processes'), ['node_processes_max_processes 4194304']);
  write(1, {});
  assert.equal((await firstValueFrom(topic().pipe(filter((told) => told.status === 'ok')))).total, 3);
});

test('who uses most, by processor and by memory', async (t) => {
  const { host, write } = hostWith(t, { 1: { pages: 900 }, 2: { name: 'node', pages: 7 }, 3: { name: 'nginx', pages: 500 } });
  const { get, topic } = await setStage(t, Processes, host);
  const next = firstValueFrom(topic({ top: '2' }).pipe(filter(({ topByCpu }) => topByCpu[0].cpuSeconds > 0 && topByCpu[0].cpuRatio > 0)));
  write(2, { name: 'node', pages: 7, user: 80, system: 20 });
  write(3, { name: 'nginx', pages: 500, user: 10 });
  const { topByCpu, topByMemory, intervalMs } = await next;
  assert.deepEqual(
    [pids(topByCpu), pids(topByMemory)],
    [
      [2, 3],
      [1, 3],
    ],
  );
  const [node] = topByCpu;
  assert.deepEqual(
    [node.name, node.cpuSeconds, node.parent, node.residentBytes % 4096, node.residentBytes / 7 >= 4096],
    ['node', 1, 1, 0, true],
  );
  assert.ok(Math.abs((node.cpuRatio * intervalMs) / 1000 - 1) < 0.001);
  const named = await get({ top: '9', name: 'n*' });
  assert.deepEqual([pids(named.topByMemory), named.total, named.states.sleeping], [[3, 2], 2, 2]);
});

test('a number that is given anew is another process: its use is unknown at first, and no spike', async (t) => {
  const { host, write } = hostWith(t, { 5: { user: 100, start: 50 } });
  const { topic } = await setStage(t, Processes, host);
  const told = (seconds: number) => firstValueFrom(topic({ top: '1' }).pipe(filter(({ topByCpu }) => topByCpu[0]?.cpuSeconds === seconds)));
  await told(1);
  write(5, { user: 90_000, start: 70 });
  assert.equal((await told(900)).topByCpu[0].cpuRatio, null);
});

test('who ends while the others are read is not there', async (t) => {
  const { host } = hostWith(t, { 1: {}, 2: {} });
  host.remove('proc/2/stat');
  host.write('proc/3/stat', '');
  const { get } = await setStage(t, Processes, host);
  assert.equal((await get()).total, 1);
});

test('others have their turn while thousands are read', async (t) => {
  const many = Object.fromEntries(Array.from({ length: 400 }, (_, index) => [index + 1, {}]));
  const { host } = hostWith(t, many);
  const reading = new ProcessSource(host).read();
  let isDone = false;
  let turns = 0;
  reading.then(() => {
    isDone = true;
  });
  for (; !isDone; turns++) await setImmediate();
  assert.equal((await reading).stats.length, 400);
  assert.ok(turns >= 10);
});

test('what is pushed and what is asked for are one object, per interval and view', async (t) => {
  const { get, topic } = await setStage(t, Processes, hostWith(t, { 1: {}, 2: {} }).host);
  for (const query of [{}, { interval: '60ms' }, { top: '1' }]) {
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
  const { get } = await setStage(t, Processes, hostWith(t, { 1: {} }).host);
  for (const query of [{ top: '0' }, { top: '101' }, { top: '1e1' }, { top: 'ten' }, { name: '' }, { state: 'R' }, { fields: 'total' }]) {
    const [name] = Object.keys(query);
    await assert.rejects(get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message: new RegExp(name as string) });
  }
});

test('this process is found on this host', { skip: process.platform !== 'linux' && 'needs Linux' }, async () => {
  const { names, stats, pageBytes } = await new ProcessSource(new Host({ procfs: '/proc', sysfs: '/sys' })).read();
  const ownBytes = process.memoryUsage.rss();
  const own = stats[names.indexOf(String(process.pid))];
  const resident = (own?.residentPages ?? 0) * pageBytes;
  assert.ok(own && own.threads > 1);
  // In pages it would be thousands of times less; memory may have been given back in between.
  assert.ok(resident > ownBytes / 4 && resident < ownBytes * 4, `${resident} and ${ownBytes}`);
});

test('elsewhere than on Linux nothing is told, and why', async (t) => {
  const { get } = await setStage(t, Processes, new RecordedTree(t, undefined, 'darwin'));
  const { total, states, status } = await get();
  assert.deepEqual([total, states.running, status], [null, null, 'unsupported']);
  assert.deepEqual((await get({ top: '3' })).topByCpu, []);
});

test('metrics are called as node_exporter calls them; a state that nobody is in has no series', async (t) => {
  const { host } = hostWith(t, { 1: { threads: 3 }, 2: { state: 'D' }, 30: { state: 't' }, 31: { state: 't' }, 4: { state: 'P' } });
  host.write('proc/sys/kernel/threads-max', '250000\n');
  const source = new ProcessSource(host);
  assert.deepEqual(
    await samples(
      processCollectors(() => source.read()),
      'processes',
    ),
    [
      'node_processes_state{state="S"} 1',
      'node_processes_state{state="D"} 1',
      'node_processes_state{state="t"} 2',
      'node_processes_pids 5',
      'node_processes_threads 7',
      'node_processes_max_processes 4194304',
      'node_processes_max_threads 250000',
    ],
  );
  const elsewhere = new ProcessSource(new RecordedTree(t, undefined, 'darwin'));
  assert.deepEqual(
    await samples(
      processCollectors(() => elsewhere.read()),
      'processes',
    ),
    [],
  );
});
