import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { cpuCollectors } from '../../src/plugins/cpu/metrics.ts';
import { openSource } from '../../src/plugins/cpu/source.ts';
import { SteadyTicks } from '../../src/plugins/cpu/steady-ticks.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { samples } from '../helpers/told-metrics.ts';

test('a recorded host is told in node_exporter’s words', async (t) => {
  const source = openSource(new RecordedTree(t, 'raspberry-pi-4'));
  t.after(() => source.close());
  const collectors = cpuCollectors(source);
  const cpu = await samples(collectors, 'cpu');
  assert.equal(cpu.length, 4 * (8 + 2));
  assert.deepEqual(
    cpu.filter((line) => line.includes('cpu="0"')),
    [
      'node_cpu_seconds_total{cpu="0",mode="user"} 472.11',
      'node_cpu_seconds_total{cpu="0",mode="nice"} 0.3',
      'node_cpu_seconds_total{cpu="0",mode="system"} 261.2',
      'node_cpu_seconds_total{cpu="0",mode="idle"} 120217.74',
      'node_cpu_seconds_total{cpu="0",mode="iowait"} 52.4',
      'node_cpu_seconds_total{cpu="0",mode="irq"} 0',
      'node_cpu_seconds_total{cpu="0",mode="softirq"} 40.11',
      'node_cpu_seconds_total{cpu="0",mode="steal"} 0',
      'node_cpu_guest_seconds_total{cpu="0",mode="user"} 0',
      'node_cpu_guest_seconds_total{cpu="0",mode="nice"} 0',
    ],
  );
  assert.deepEqual(await samples(collectors, 'loadavg'), ['node_load1 0.08', 'node_load5 0.03', 'node_load15 0.01']);
  const stat = await samples(collectors, 'stat');
  for (const line of ['node_intr_total 31172334', 'node_forks_total 81233', 'node_boot_time_seconds 1752300012']) {
    assert.ok(stat.includes(line), line);
  }
});

test('what an old kernel does not count is not told', async (t) => {
  const tree = new RecordedTree(t);
  tree.write('proc/stat', 'cpu 1 2 3 4\ncpu0 1 2 3 4\nintr 7 1\nctxt 8\n');
  const collectors = cpuCollectors(openSource(tree));
  assert.deepEqual(
    (await samples(collectors, 'cpu')).map((line) => /mode="(.*)"/.exec(line)?.[1]),
    ['user', 'nice', 'system', 'idle'],
  );
  assert.deepEqual(await samples(collectors, 'stat', 'loadavg'), ['node_context_switches_total 8', 'node_intr_total 7']);
});

test('a source that cannot be read fails the collector, and the next scrape reads anew', async (t) => {
  const tree = new RecordedTree(t, 'raspberry-pi-4');
  const collectors = cpuCollectors(openSource(tree));
  tree.write('proc/stat', 'cpu 1 2 3 4\ncpu0 1 2');
  await assert.rejects(samples(collectors, 'cpu'), /too short|middle/);
  tree.write('proc/stat', 'cpu 1 2 3 4\ncpu0 100 2 3 4\n');
  assert.ok((await samples(collectors, 'cpu')).includes('node_cpu_seconds_total{cpu="0",mode="user"} 1'));
  tree.write('proc/stat', 'cpu 1 2 3 4\ncpu0 200 2 3 4\n');
  await sleep(10);
  assert.ok((await samples(collectors, 'cpu')).includes('node_cpu_seconds_total{cpu="0",mode="user"} 2'));
});

test('idle time that the kernel takes back is told as standing still; a counter that begins anew is told as it is', () => {
  const ticks = new SteadyTicks();
  const keys = [-1, -1, 0];
  const steady = (idle: number) => {
    const counters = new Float64Array(30).fill(5);
    counters[27] = idle;
    return ticks.steady({ keys, counters } as never).counters[27];
  };
  assert.deepEqual([1000, 990, 999, 1001, 2000, 1699, 1700].map(steady), [1000, 1000, 1000, 1001, 2000, 1699, 1700]);
});
