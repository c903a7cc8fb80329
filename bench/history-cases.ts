import { performance } from 'node:perf_hooks';
import { firstValueFrom, NEVER, type Observable } from 'rxjs';
import type { BasePlugin, RecordedTopic } from '../src/core/base-plugin.ts';
import { Host } from '../src/core/host.ts';
import { builtIns } from '../src/plugins/index.ts';
import { encodeOnce } from '../src/streams/frame.ts';
import { ReadingHistory } from '../src/streams/sampling/reading-history.ts';
import type { Stamp } from '../src/streams/sampling/timed-reader.ts';

export interface HistoryCase {
  readonly name: string;
  readonly samples: number;
  /** Of the heap, and as the history itself takes it to be. */
  readonly heapBytes: number;
  readonly estimatedBytes: number;
  readonly jsonBytes: number;
  /** Of one sample that is replayed, and encoded. */
  readonly replayUs: number;
}

/** Readings that are nearer to one another would be one. */
const PACE_MS = 6;
const REPLAYED_MS = 4000;
const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

/** What is private to a plugin that samples; only here somebody looks into it. */
interface Inside {
  readonly sampling?: { readonly sampler: { readonly ticking: { read: () => Observable<Stamp> } } };
}

/** One plugin: what its readings take in memory, and what it takes to make samples of them again. null: it does not sample. */
export async function historyCase(name: string, samples: number): Promise<HistoryCase | null> {
  // Its own history is to stay out of the heap that is measured.
  const kept = await during(name, 3_600_000, async (plugin) => {
    const sampler = (plugin as unknown as Inside).sampling?.sampler;
    return sampler ? memoryOf(samples, () => firstValueFrom(sampler.ticking.read())) : null;
  });
  if (!kept) return null;
  const replayed = await during(name, 20, async (plugin) => {
    const [topic] = Object.values(plugin.observables?.() ?? {}) as [RecordedTopic];
    // One that reads nothing while nobody listens remembers nothing.
    const listening = topic.values({}).subscribe();
    await new Promise((resolve) => setTimeout(resolve, REPLAYED_MS));
    listening.unsubscribe();
    return replay(topic);
  });
  return { name, samples, ...kept, ...replayed };
}

async function during<T>(name: string, intervalMs: number, work: (plugin: BasePlugin) => Promise<T>): Promise<T> {
  const pluginClass = builtIns[name];
  if (!pluginClass) throw new Error(`there is no plugin ${name}`);
  const schema = (pluginClass.parameterSchema ?? {}) as Readonly<Record<string, { readonly default?: unknown }>>;
  const defaults = Object.fromEntries(Object.entries(schema).map(([key, { default: value }]) => [key, value]));
  const parameters = { ...defaults, intervalMs, shortestIntervalMs: 10 };
  const host = new Host({ procfs: '/proc', sysfs: '/sys' });
  const plugins = { observe: () => NEVER, ask: () => Promise.reject(new Error('alone')), describe: () => null, past: () => [] };
  const plugin = new pluginClass({ parameters, config: {}, log: SILENT, host, plugins });
  await plugin.initialize?.();
  try {
    return await work(plugin);
  } finally {
    await plugin.terminate?.();
  }
}

async function memoryOf(samples: number, read: () => Promise<Stamp>) {
  const history = new ReadingHistory<Stamp>({ baseIntervalMs: 1, historyMs: 1e9, historyBytes: 1e12 });
  history.begin(1, null, false);
  const take = async (count: number) => {
    for (let n = 0; n < count; n++) {
      history.push(1, { baseline: null, reading: await read(), longestMs: 1 });
      await new Promise((resolve) => setTimeout(resolve, PACE_MS));
    }
  };
  await take(200);
  const before = { heapBytes: heapBytes(), bytes: history.bytes, size: history.size };
  await take(samples);
  const count = history.size - before.size;
  const heap = (heapBytes() - before.heapBytes) / count;
  return { heapBytes: heap, estimatedBytes: (history.bytes - before.bytes) / count };
}

async function replay(topic: RecordedTopic) {
  let [count, jsonBytes] = [0, 0];
  const start = { afterSequence: 0, fromTimestampMs: 0 };
  const startMs = performance.now();
  for (let round = 0; round < 3; round++) {
    for (const sample of topic.past({}, start).values) {
      jsonBytes += encodeOnce(sample).length;
      count++;
    }
  }
  return { jsonBytes: jsonBytes / count, replayUs: ((performance.now() - startMs) * 1000) / count };
}

function heapBytes(): number {
  globalThis.gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
