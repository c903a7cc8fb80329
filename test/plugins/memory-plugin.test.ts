import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { concatMap, filter, firstValueFrom, take, toArray } from 'rxjs';
import Memory from '../../src/plugins/memory/plugin.ts';
import { SystemInformationSource } from '../../src/plugins/memory/source.ts';
import { until } from '../helpers/build-agent.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { setStage } from '../helpers/sampled-stage.ts';

test('a recorded host is told as it was, in bytes', async (t) => {
  const { get } = await setStage(t, Memory, new RecordedTree(t, 'raspberry-pi-4'));
  const { totalBytes, availableBytes, usedBytes, usedRatio, swap, hugePages, majorFaults, oomKills } = await get();
  assert.deepEqual([totalBytes, availableBytes, usedBytes], [3884676 * 1024, 3333508 * 1024, 551168 * 1024]);
  assert.equal(usedRatio, 0.141883);
  assert.deepEqual([swap.usedBytes, swap.usedRatio, swap.inPages, majorFaults, oomKills], [0, 0, 12, 3120, 0]);
  assert.deepEqual(new Set(Object.values(hugePages)), new Set([null]));
});

test('a kernel that does not tell what is available says so, and is not guessed at', async (t) => {
  const { get } = await setStage(t, Memory, new RecordedTree(t, 'linux-3.10'));
  const { availableBytes, usedBytes, usedRatio, availableStatus, oomKills, hugePages, swap } = await get();
  assert.deepEqual([availableBytes, usedBytes, usedRatio, availableStatus, oomKills], [null, null, null, 'unsupported', null]);
  assert.deepEqual([hugePages.sizeBytes, hugePages.total, hugePages.free], [2097152, 8, 5]);
  assert.equal(swap.usedBytes, 96124 * 1024);
});

test('what is pushed and what is asked for are one object, per interval and view', async (t) => {
  const { get, topic } = await setStage(t, Memory, new RecordedTree(t, 'linux-3.10'));
  for (const query of [{}, { interval: '60ms' }, { fields: 'swap,freeBytes' }]) {
    const pairs = await firstValueFrom(
      topic(query).pipe(
        concatMap(async (pushed) => [pushed, await get(query)]),
        take(3),
        toArray(),
      ),
    );
    for (const [pushed, asked] of pairs) assert.equal(asked, pushed);
  }
  assert.deepEqual(Object.keys(await get({ fields: 'rateStatus,freeBytes' })).slice(3), ['freeBytes', 'rateStatus']);
  for (const query of [{ field: 'swap' }, { fields: 'MemFree' }, { fields: 'sequence' }])
    await assert.rejects(get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('swap that moves has a rate; a counter that begins anew has none, once', async (t) => {
  const host = new RecordedTree(t, 'raspberry-pi-4');
  const { topic } = await setStage(t, Memory, host);
  await firstValueFrom(topic().pipe(filter(({ rateStatus }) => rateStatus === 'ok')));
  const next = firstValueFrom(topic().pipe(filter(({ swap }) => swap.inPagesPerSecond > 0)));
  host.write('proc/vmstat', 'pswpin 1012\npswpout 40\npgmajfault 3120\n');
  const moved = await next;
  assert.deepEqual([moved.swap.inPages, moved.swap.outPagesPerSecond, moved.oomKills], [1012, 0, null]);
  host.write('proc/vmstat', 'pswpin 2\npswpout 40\npgmajfault 3120\n');
  const reset = await firstValueFrom(topic().pipe(filter(({ rateStatus }) => rateStatus === 'reset')));
  assert.deepEqual([reset.swap.inPages, reset.swap.inPagesPerSecond, reset.majorFaultsPerSecond], [2, null, null]);
});

test('without vmstat memory is told, and what only vmstat says is not', async (t) => {
  const host = new RecordedTree(t, 'raspberry-pi-4');
  host.remove('proc/vmstat');
  const { get, topic, logged } = await setStage(t, Memory, host);
  await firstValueFrom(topic());
  const { freeBytes, majorFaults, majorFaultsPerSecond } = await get();
  assert.deepEqual([freeBytes, majorFaults, majorFaultsPerSecond, logged], [2711280 * 1024, null, null, []]);
});

test('a meminfo that is cut or says nothing is a gap that is told once, and the stream goes on', async (t) => {
  const host = new RecordedTree(t, 'raspberry-pi-4');
  const { topic, get, logged } = await setStage(t, Memory, host);
  host.write('proc/meminfo', 'MemFree: 12 kB\n');
  await until(() => logged.length > 0, 'it is told');
  host.cut('proc/meminfo', 5);
  await setTimeout(150);
  assert.deepEqual(logged, ['memory could not be read; trying again at every tick']);
  await assert.rejects(get({ interval: '3s' }), /ends in the middle/);
  host.write('proc/meminfo', 'MemTotal: 4 kB\nMemAvailable: 5 kB\n');
  const { usedBytes, freeBytes } = await firstValueFrom(topic().pipe(filter(({ totalBytes }) => totalBytes === 4096)));
  assert.deepEqual([usedBytes, freeBytes], [0, null]);
});

test('elsewhere than on Linux systeminformation says what it knows', async () => {
  const mem = { total: 100, available: 60, free: 20, swaptotal: 10, swapfree: 9 };
  const { gauges, counters } = await new SystemInformationSource({ mem: async () => mem } as never).read();
  assert.deepEqual(
    [...gauges].filter((value) => !Number.isNaN(value)).sort((a, b) => a - b),
    [9, 10, 20, 60, 100],
  );
  assert.ok(counters.every((value) => Number.isNaN(value)));
});
