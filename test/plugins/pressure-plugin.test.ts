import assert from 'node:assert/strict';
import { test } from 'node:test';
import { concatMap, filter, firstValueFrom, take, toArray } from 'rxjs';
import Pressure from '../../src/plugins/pressure/plugin.ts';
import { PressureParser } from '../../src/plugins/pressure/proc-pressure.ts';
import fc from '../helpers/properties.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { setStage } from '../helpers/sampled-stage.ts';

const line = (extent: string, averages: readonly number[], total: number) => {
  const [a, b, c] = averages.map((value) => value.toFixed(2));
  return `${extent} avg10=${a} avg60=${b} avg300=${c} total=${total}\n`;
};

test('a kernel with all of it is told as it was', async (t) => {
  const { get } = await setStage(t, Pressure, new RecordedTree(t, 'debian-12'));
  const { isSupported, reason, cpu, io, irq } = await get();
  assert.deepEqual([isSupported, reason], [true, null]);
  assert.deepEqual([cpu.some.avg10Ratio, io.full.avg60Ratio, io.some.stalledSeconds], [0.0153, 0.035, 50.23199]);
  assert.deepEqual([irq.some, irq.full.avg10Ratio], [null, 0.001]);
});

test('an older kernel has no irq, and cpu without full', async (t) => {
  const { get } = await setStage(t, Pressure, new RecordedTree(t, 'linux-4.20'));
  const { isSupported, cpu, irq, memory } = await get();
  assert.deepEqual([isSupported, cpu.full, irq, memory.full.stalledSeconds], [true, null, null, 0]);
});

test('a kernel without any says so, quietly', async (t) => {
  const { get, topic, logged } = await setStage(t, Pressure, new RecordedTree(t, 'linux-3.10'));
  await firstValueFrom(topic().pipe(take(2), toArray()));
  const { isSupported, reason, cpu, memory, io, irq } = await get();
  assert.deepEqual([isSupported, cpu, memory, io, irq, logged], [false, null, null, null, null, []]);
  assert.match(reason, /older than 4\.20 or was built without/);
  const elsewhere = await setStage(t, Pressure, new RecordedTree(t, undefined, 'win32'));
  assert.deepEqual([(await elsewhere.get()).isSupported, (await elsewhere.get()).reason], [false, 'only Linux measures pressure']);
});

test('a file that is half written leaves its resource unknown until the next read, and no other', async (t) => {
  const host = new RecordedTree(t, 'debian-12');
  const { topic, logged } = await setStage(t, Pressure, host);
  for (const text of ['some avg10=0.00 avg6', 'some avg10=0.00 avg60=0.00 avg300=0.00 total=\n', '']) {
    host.write('proc/pressure/io', text);
    const told = await firstValueFrom(topic().pipe(filter(({ io }) => io === null)));
    assert.ok(told.isSupported && told.memory.some, text);
    host.write('proc/pressure/io', line('some', [1, 1, 1], 60_000_000));
    assert.equal((await firstValueFrom(topic().pipe(filter(({ io }) => io !== null)))).io.some.avg10Ratio, 0.01);
  }
  assert.deepEqual(logged, []);
});

test('the ratio of an interval follows the counter, and is never above 1', async (t) => {
  const host = new RecordedTree(t, 'linux-4.20');
  const { topic } = await setStage(t, Pressure, host);
  await firstValueFrom(topic().pipe(filter(({ cpu }) => cpu.rateStatus === 'ok')));
  const next = firstValueFrom(topic().pipe(filter(({ cpu }) => cpu.some.stalledRatio > 0)));
  host.write('proc/pressure/cpu', line('some', [3, 2, 1], 268109926 + 9e9));
  assert.equal((await next).cpu.some.stalledRatio, 1);
  host.write('proc/pressure/cpu', line('some', [3, 2, 1], 5));
  const reset = await firstValueFrom(topic().pipe(filter(({ cpu }) => cpu.rateStatus === 'reset')));
  assert.deepEqual([reset.cpu.some.stalledRatio, reset.cpu.some.stalledSeconds], [null, 0.000005]);
});

test('what is pushed and what is asked for are one object, per interval and view; what is not understood is refused', async (t) => {
  const { get, topic } = await setStage(t, Pressure, new RecordedTree(t, 'debian-12'));
  for (const query of [{}, { interval: '60ms' }, { fields: 'io' }]) {
    const pairs = await firstValueFrom(
      topic(query).pipe(
        concatMap(async (pushed) => [pushed, await get(query)]),
        take(3),
        toArray(),
      ),
    );
    for (const [pushed, asked] of pairs) assert.equal(asked, pushed);
  }
  for (const query of [{ resource: 'cpu' }, { fields: 'disk' }, { interval: '0s' }])
    await assert.rejects(get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('whatever the kernel writes is what is read', () => {
  const percent = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
  const extent = fc.tuple(fc.array(percent, { minLength: 3, maxLength: 3 }), fc.nat({ max: Number.MAX_SAFE_INTEGER }));
  fc.assert(
    fc.property(extent, extent, ([someAverages, someTotal], [fullAverages, fullTotal]) => {
      const bytes = Buffer.from(line('some', someAverages, someTotal) + line('full', fullAverages, fullTotal));
      const [averages, totals] = [new Float64Array(24), new Float64Array(8)];
      new PressureParser().parse({ bytes, length: bytes.length }, averages, totals, 2);
      assert.deepEqual([...totals.subarray(4, 6)], [someTotal, fullTotal]);
      for (const [index, value] of [...someAverages, ...fullAverages].entries())
        assert.ok(Math.abs((averages[12 + index] as number) - value / 100) < 1e-9);
    }),
  );
});
