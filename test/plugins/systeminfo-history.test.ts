import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NEVER } from 'rxjs';
import { badVariable, type PastStart, type Query } from '../../src/core/base-plugin.ts';
import type { PluginList } from '../../src/core/loading/plugin-loader.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { together } from '../../src/plugins/systeminfo/past.ts';
import SystemInfo from '../../src/plugins/systeminfo/plugin.ts';
import { until } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { stage } from '../helpers/stage.ts';

interface Columns {
  readonly timestampMs: readonly number[];
  readonly series: Readonly<Record<string, Record<'mean' | 'min' | 'max', readonly (number | null)[]> & { readonly unit: string | null }>>;
}

const at = (...pairs: [timestampMs: number, value: unknown][]) => pairs.map(([timestampMs, value]) => ({ timestampMs, value }));

test('what was told at about one time stands together, each part once, in the order of time', () => {
  const parts = [
    { name: 'a', values: at([1000, 1], [2000, 2], [3000, 3], [3010, 4]) },
    { name: 'b', values: at([1004, 'x'], [3001, 'y']) },
    { name: 'none', values: [] },
    { name: 'late', values: at([2600, true]) },
  ];
  assert.deepEqual(
    [...together(parts, 1000)].map(({ timestampMs, value }) => [timestampMs, value]),
    [
      [1000, { a: 1, b: 'x' }],
      [2000, { a: 2 }],
      [2600, { late: true, a: 3, b: 'y' }],
      [3010, { a: 4 }],
    ],
  );
  assert.deepEqual([...together([], 1000)], []);
});

test('nobody takes more than is needed, and what was begun is ended', () => {
  const taken: number[] = [];
  let isEnded = false;
  function* endless() {
    try {
      for (let n = 1; ; n++) {
        taken.push(n);
        yield { timestampMs: n * 1000, value: n };
      }
    } finally {
      isEnded = true;
    }
  }
  for (const { value } of together([{ name: 'n', values: endless() }], 1000)) if ((value as { n: number }).n === 2) break;
  assert.deepEqual([taken, isEnded], [[1, 2, 3], true]);
});

const columnsOf = async (get: (url: string) => Promise<{ body: unknown }>, query: string) =>
  (await get(`/systeminfo/history?${query}`)).body as Columns;

test('the history of systeminfo is that of its parts, though nobody had listened', async (t) => {
  const { cpu, memory, netinfo } = builtIns as PluginList;
  const { get } = await stage(t, { cpu, memory, netinfo, systeminfo: SystemInfo } as PluginList);
  const wanted = 'fields=cpu/total/usedRatio,ram/availableBytes,rxBytes&step=1s';
  await until(async () => {
    const { series } = await columnsOf(get, wanted);
    return (series['ram/availableBytes']?.mean.filter((value) => value !== null).length ?? 0) > 1;
  }, 'two samples are remembered');
  const { series, timestampMs } = await columnsOf(get, wanted);
  assert.equal(series['ram/availableBytes']?.unit, 'bytes');
  assert.ok('network/interfaces/lo/rxBytes' in series && 'cpu/total/usedRatio' in series, Object.keys(series).join());
  for (const { mean } of Object.values(series)) assert.equal(mean.length, timestampMs.length);
  const samples = (await get('/memory?since=0&fields=availableBytes')).body as readonly { readonly availableBytes: number }[];
  const sampled = new Set([null, ...samples.map(({ availableBytes }) => availableBytes)]);
  const ram = series['ram/availableBytes'];
  for (const value of [...(ram?.min ?? []), ...(ram?.max ?? [])]) assert.ok(sampled.has(value), `${value} of ${[...sampled]}`);
  const { body } = await get('/systeminfo/history?parts=cpu&step=1s');
  assert.deepEqual(
    Object.keys((body as Columns).series).filter((name) => !name.startsWith('cpu/')),
    [],
  );
  assert.equal((await get('/systeminfo/history?parts=none')).status, 400);
});

function remembering(route: string, values: readonly { timestampMs: number }[], refuses: (query: Query) => boolean = () => false) {
  const past = (query: Query, { afterSequence }: PastStart) => {
    if (refuses(query)) throw badVariable('interval', query.interval, 'none');
    return { values: values.filter(({ timestampMs }) => timestampMs > afterSequence), completeAfter: 0, newest: null };
  };
  const made = pluginOf(route, { topics: () => ({ t: { values: () => NEVER, past } }) });
  return Object.assign(made, { variables: { interval: { description: 'pace' } } });
}

test('a part that refuses the interval is told at its own; one that is gone, refuses at all or is this one itself is missing', async (t) => {
  const nowMs = Date.now();
  const sample = (n: number) => ({ sequence: nowMs - n, timestampMs: nowMs - n, n });
  const others = {
    cpu: remembering('cpu', [sample(3000), sample(2000)]),
    memory: remembering('memory', [sample(2500)], ({ interval }) => interval !== undefined),
    disks: remembering('disks', [sample(2500)], () => true),
  };
  const parts = ['cpu', 'ram=memory', 'disks', 'netinfo', 'systeminfo'];
  const { get, agent } = await stage(t, { ...others, systeminfo: SystemInfo }, { plugins: { systeminfo: { parts } } });
  const counted = async (query: string) => {
    const answer = await get(`/systeminfo/history?${query}`);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const { series } = answer.body as Columns;
    const numbers = Object.entries(series).filter(([name]) => name.endsWith('/n'));
    return Object.fromEntries(numbers.map(([name, { mean }]) => [name, mean.filter((value) => value !== null)]));
  };
  // What is declared of cpu and memory tells what numbers there are; here it is nothing.
  assert.deepEqual(await counted('step=10ms'), { 'cpu/n': [3000, 2000], 'ram/n': [2500] });
  assert.deepEqual(await counted('step=10ms&interval=1s'), { 'cpu/n': [3000, 2000], 'ram/n': [2500] });
  assert.deepEqual(await counted(`step=10ms&since=${nowMs - 2500}`), { 'cpu/n': [2000] });
  const { headers } = await agent.app.inject('/systeminfo/history?since=1');
  assert.equal(headers['hostpulse-gap'], undefined, 'nothing is said to be missing that is told');
});

test('nobody sees through systeminfo what their own key would not open', async (t) => {
  const others = {
    cpu: remembering('cpu', [{ timestampMs: Date.now() - 1000 }]),
    memory: remembering('memory', [{ timestampMs: Date.now() - 1000 }]),
  };
  const plugins = { systeminfo: { parts: ['cpu', 'ram=memory'] }, memory: { apiKey: 'only-for-memory-1234' } };
  const { get } = await stage(t, { ...others, systeminfo: SystemInfo }, { plugins });
  const { body } = await get('/systeminfo/history');
  assert.deepEqual(Object.keys((body as Columns).series), ['cpu/timestampMs']);
});
