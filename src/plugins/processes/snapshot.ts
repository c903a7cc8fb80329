import { badVariable, type Query, readText } from '../../core/base-plugin.ts';
import type { RateSample } from '../../streams/sampling/counter-rate.ts';
import { fitsAny, readPatterns } from '../shared/names.ts';
import type { View as SampleView } from '../shared/sampled-plugin.ts';
import { known, rounded, roundedRatio } from '../shared/view.ts';
import type { ProcessStat } from './proc-pid-stat.ts';
import { COLUMNS, MOST_TOP, STATE_NAMES, USER_HZ } from './schema.ts';
import type { ProcessTable } from './source.ts';

export type ProcessSample = RateSample<ProcessTable>;

export interface View extends SampleView {
  /** null: none. */
  readonly top: number | null;
  readonly names: readonly string[] | null;
}

/** What /processes answers; README.md beside this file says what each field means. */
export type Snapshot = Readonly<Record<string, unknown>>;

const WIDTH = COLUMNS.length;

/** @throws HOSTPULSE_ERR_BAD_VARIABLE naming the variable, what came, and what is allowed */
export function parseView(query: Query): View {
  const given = readText(query, 'top');
  const top = given === null ? null : Number(given);
  if (top !== null && !(/^\d{1,3}$/.test(given as string) && top >= 1 && top <= MOST_TOP)) {
    throw badVariable('top', query.top, `a number from 1 to ${MOST_TOP}`);
  }
  const names = readPatterns(query, 'name', 'nginx*,node');
  return { top, names, key: JSON.stringify([top, names?.toSorted()]) };
}

/** A sample as one view of it. Pure, so that whoever asks the same of the same sample gets the same. */
export function toSnapshot(sample: ProcessSample, view: View): Snapshot {
  const { reading, elapsedMs } = sample;
  const { isSupported, isWhole } = reading;
  const rows = [...reading.stats.keys()].filter((row) => fitsAny((reading.stats[row] as ProcessStat).name, view.names));
  const stats = rows.map((row) => reading.stats[row] as ProcessStat);
  const counted = (count: number) => (isSupported && isWhole ? count : null);
  const states = new Map<string, number>();
  for (const { state } of stats) states.set(state, (states.get(state) ?? 0) + 1);
  return Object.freeze({
    sequence: reading.sequence,
    timestampMs: reading.timestampMs,
    intervalMs: elapsedMs === null ? null : rounded(elapsedMs),
    status: !isSupported ? 'unsupported' : isWhole ? 'ok' : 'hidden',
    total: counted(stats.length),
    threads: counted(stats.reduce((sum, { threads }) => sum + threads, 0)),
    states: Object.fromEntries(STATE_NAMES.map((state) => [state, counted(states.get(state) ?? 0)])),
    maxProcesses: known(reading.maxProcesses),
    maxThreads: known(reading.maxThreads),
    ...(view.top === null ? {} : topOf(sample, rows, view.top)),
  });
}

function topOf(sample: ProcessSample, rows: readonly number[], top: number): Snapshot {
  const { stats } = sample.reading;
  const first = (amount: (row: number) => number) => {
    // Unknown is least; of equals the older one comes first.
    const least = (row: number) => (Number.isNaN(amount(row)) ? -1 : amount(row));
    const sorted = rows.toSorted((a, b) => least(b) - least(a) || a - b);
    return sorted.slice(0, top).map((row) => toProcess(sample, row));
  };
  return { topByCpu: first((row) => ticksPerSecond(sample, row)), topByMemory: first((row) => (stats[row] as ProcessStat).residentPages) };
}

function toProcess(sample: ProcessSample, row: number): Snapshot {
  const { reading } = sample;
  const { name, state, parent, userTicks, systemTicks, threads, virtualBytes, residentPages } = reading.stats[row] as ProcessStat;
  return {
    pid: Number(reading.names[row]),
    name,
    cpuRatio: roundedRatio(ticksPerSecond(sample, row) / USER_HZ),
    cpuSeconds: (userTicks + systemTicks) / USER_HZ,
    residentBytes: residentPages * reading.pageBytes,
    virtualBytes,
    threads,
    state,
    parent,
  };
}

function ticksPerSecond({ perSecond }: ProcessSample, row: number): number {
  return (perSecond[row * WIDTH] as number) + (perSecond[row * WIDTH + 1] as number);
}
