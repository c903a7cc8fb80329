import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { concatMap, filter, firstValueFrom, take, toArray } from 'rxjs';
import { LinuxSource } from '../../src/plugins/cpu/linux-source.ts';
import Cpu from '../../src/plugins/cpu/plugin.ts';
import { until } from '../helpers/build-agent.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { setStage, type Told } from '../helpers/sampled-stage.ts';

const stat = (user: number, cores: readonly number[] = [0, 1]) =>
  [
    `cpu ${user} 0 0 ${user}`,
    ...cores.map((core) => `cpu${core} ${user} 0 0 ${user}`),
    `intr ${user} 1`,
    `ctxt ${user}`,
    `processes ${user}`,
    '',
  ].join('\n');

test('a recorded host is told as it was', async (t) => {
  const { get } = await setStage(t, Cpu, new RecordedTree(t, 'raspberry-pi-4'));
  const answer = await get();
  assert.deepEqual(
    [answer.model, answer.logicalCores, answer.physicalCores, answer.load1, answer.load15, answer.forks, answer.interrupts],
    ['ARM Cortex-A72', 4, 4, 0.08, 0.01, 81233, 31172334],
  );
  assert.deepEqual(
    answer.cores.map(({ core, frequencyHertz }: Told) => [core, frequencyHertz]),
    [
      ['0', 600e6],
      ['1', 1500e6],
      ['2', 1500e6],
      ['3', 1500e6],
    ],
  );
  assert.equal(answer.total.idleSeconds, 482110.34);
});

test('what is pushed and what is asked for are one object, per interval and view', async (t) => {
  const { get, topic } = await setStage(t, Cpu, new RecordedTree(t, 'linux-3.10'));
  for (const query of [{}, { interval: '60ms' }, { core: '1', fields: 'usedRatio,core' }]) {
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

test('a view has the chosen cores and fields, of the total, too', async (t) => {
  const { get } = await setStage(t, Cpu, new RecordedTree(t, 'linux-3.10'));
  const { cores, total, logicalCores } = await get({ core: '1', fields: 'userSeconds,core' });
  assert.deepEqual([cores, total, logicalCores], [[{ core: '1', userSeconds: 44012.11 }], { userSeconds: 88122.33 }, 2]);
});

test('what is not understood is refused', async (t) => {
  const { get, topic } = await setStage(t, Cpu, new RecordedTree(t, 'linux-3.10'));
  for (const query of [{ cores: '0' }, { core: 'a' }, { core: '' }, { fields: 'used' }, { interval: '1ms' }, { window: '9s' }]) {
    await assert.rejects(get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' }, JSON.stringify(query));
  }
  assert.throws(() => topic({ window: '1s' }), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('ratios follow the counters, and a window looks back', async (t) => {
  const host = new RecordedTree(t);
  host.write('proc/stat', stat(100));
  const { get, topic } = await setStage(t, Cpu, host);
  const next = firstValueFrom(topic().pipe(filter(({ total }) => total.rateStatus === 'ok')));
  host.write('proc/stat', stat(150));
  const { total, cores, contextSwitchesPerSecond, processesRunning, load1, model } = await next;
  assert.deepEqual([total.usedRatio, cores[1].idleRatio, processesRunning, load1, model], [0.5, 0.5, null, null, null]);
  assert.ok(contextSwitchesPerSecond > 0);
  await firstValueFrom(topic().pipe(take(2), toArray()));
  assert.equal((await get({ window: '3s' })).total.usedRatio, 0.5);
});

test('a core that goes offline is not in the answer, and is there again when it is back', async (t) => {
  const host = new RecordedTree(t);
  host.write('proc/stat', stat(100));
  const { topic } = await setStage(t, Cpu, host);
  const names = ({ cores }: Told) => cores.map(({ core }: Told) => core).join();
  host.write('proc/stat', stat(200, [1]));
  const gone = await firstValueFrom(topic().pipe(filter((told) => names(told) === '1')));
  assert.equal(gone.logicalCores, 1);
  host.write('proc/stat', stat(300));
  const back = await firstValueFrom(topic().pipe(filter((told) => names(told) === '0,1')));
  assert.deepEqual([back.cores[0].rateStatus, back.cores[0].usedRatio], ['first', null]);
});

test('a file that is cut is a gap that is said once, and the stream goes on', async (t) => {
  const host = new RecordedTree(t);
  host.write('proc/stat', stat(100));
  const { topic, logged } = await setStage(t, Cpu, host);
  host.cut('proc/stat', 20);
  await until(() => logged.length > 0, 'it is told');
  await setTimeout(250);
  assert.deepEqual(logged, ['cpu could not be read; trying again at every tick']);
  host.write('proc/stat', stat(500));
  assert.equal((await firstValueFrom(topic().pipe(filter(({ forks }) => forks === 500)))).total.userSeconds, 5);
});

test("elsewhere than on Linux Node's own look is told", async (t) => {
  const { get } = await setStage(t, Cpu, new RecordedTree(t, undefined, 'darwin'));
  await until(async () => (await get()).total.rateStatus === 'ok', 'ratios are known');
  const { total, cores, contextSwitches } = await get();
  assert.ok(cores.length > 0 && total.idleSeconds > 0);
  assert.deepEqual([contextSwitches, total.stealSeconds, total.iowaitRatio], [null, null, null]);
  assert.ok(total.usedRatio >= 0 && total.usedRatio <= 1);
});

test('a first core that does not tell its frequency does not hide those of the others', async (t) => {
  const host = new RecordedTree(t, 'raspberry-pi-4');
  for (const untold of ['<unknown>\n', '0\n', '']) {
    host.write('sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq', untold);
    const source = new LinuxSource(host);
    t.after(() => source.close());
    const { frequencyHertz } = source.look(['0', '1', '2', '3']);
    assert.deepEqual([...frequencyHertz.keys()], ['1', '2', '3']);
  }
});

test('what is replayed has the frequency of its own time', async (t) => {
  const host = new RecordedTree(t, 'raspberry-pi-4');
  const { topic, past } = await setStage(t, Cpu, host);
  const pushed: Told[] = [];
  const listening = topic().subscribe((sample) => pushed.push(sample));
  const frequencies = (samples: readonly Told[]) => samples.map(({ cores }) => cores[0].frequencyHertz);
  await until(() => pushed.length > 1, 'samples come');
  host.write('sys/devices/system/cpu/cpu0/cpufreq/scaling_cur_freq', '900000\n');
  await until(() => frequencies(pushed).at(-1) === 900e6, 'it is pushed');
  listening.unsubscribe();
  assert.deepEqual([frequencies(pushed)[0], frequencies(pushed).at(-1)], [600e6, 900e6]);
  assert.deepEqual(frequencies(past().slice(-pushed.length)), frequencies(pushed));
});
