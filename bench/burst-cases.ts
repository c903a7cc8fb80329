/** The measured side of `burst`: runs inside the namespace. */
import { Host } from '../src/core/host.ts';
import { BURST_MEASURES } from '../src/plugins/netinfo/burst.ts';
import { LinuxSource } from '../src/plugins/netinfo/linux-source.ts';
import NetInfo from '../src/plugins/netinfo/plugin.ts';
import { MONOTONIC_COLUMNS } from '../src/plugins/netinfo/schema.ts';
import { encodeOnce } from '../src/streams/frame.ts';
import { BurstCollector } from '../src/streams/sampling/burst.ts';
import type { Reading } from '../src/streams/sampling/counter-table.ts';
import { EpochTracker } from '../src/streams/sampling/epoch-tracker.ts';
import { cpuPerCall } from './kit/rounds.ts';

export interface BurstFigures {
  readonly stepUs: number;
  readonly takeUs: number;
  readonly heapBytesPerStep: number;
}

const HOST_PATHS = { procfs: '/proc', sysfs: '/sys' };
const STEPS = 20_000;

/** netinfo with its defaults and one subscriber whose samples are encoded, and nothing else. */
export async function netinfoAlone(query: string): Promise<void> {
  const quiet = () => {};
  const netinfo = new NetInfo({
    parameters: { intervalMs: 1000, shortestIntervalMs: 100, historyMs: 300_000, historyBytes: 8_388_608, shortestBurstMs: 20 },
    config: {},
    log: { debug: quiet, info: quiet, warn: quiet, error: console.error },
    host: new Host(HOST_PATHS),
    plugins: null as never,
  });
  await netinfo.initialize();
  netinfo
    .observables()
    .rates.values(Object.fromEntries(new URLSearchParams(query)))
    .subscribe((sample) => encodeOnce(sample));
}

/** What there is beside reading: a step, and what is made of the steps at the end of an interval. */
export function measureBurst(): BurstFigures {
  const source = new LinuxSource(new Host(HOST_PATHS));
  const epochs = new EpochTracker(MONOTONIC_COLUMNS);
  const reading = (monotonicMs: number): Reading => {
    const table = source.read();
    return { ...table, sequence: monotonicMs, timestampMs: monotonicMs, monotonicMs, sleeps: 0, epochs: epochs.track(table) };
  };
  // Two readings by turns, each as old as it must be.
  const readings = [reading(0), reading(50)] as [Reading, Reading];
  const collector = new BurstCollector(BURST_MEASURES, 32);
  collector.begin(readings[0]);
  let turn = 0;
  const step = () => collector.step(readings[++turn % 2] as Reading);
  const { step: stepUs, take: takeUs } = cpuPerCall({ step, take: () => collector.take() }, { rounds: 31, roundUs: 20_000 });
  globalThis.gc?.();
  const before = process.memoryUsage();
  for (let n = 0; n < STEPS; n++) step();
  const after = process.memoryUsage();
  source.close();
  const heapBytes = after.heapUsed + after.external - before.heapUsed - before.external;
  return { stepUs, takeUs, heapBytesPerStep: Math.max(0, heapBytes / STEPS) };
}
