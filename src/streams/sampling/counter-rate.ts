import type { Burst } from './burst.ts';
import type { CounterTable, Reading } from './counter-table.ts';

/** `ok`, or why there is no rate: `first` sight of the device, its counters were `reset`, or there is a `gap` in time. */
export type RateStatus = 'ok' | 'first' | 'reset' | 'gap';

/** A reading together with its counters' rates since a baseline. Never changed once made. */
export interface RateSample<T extends CounterTable = CounterTable> {
  readonly reading: Reading<T>;
  /** What the rates were averaged over, on the monotonic clock; null without a baseline. */
  readonly elapsedMs: number | null;
  /** Per second, laid out as the reading's counters; NaN where unknown. */
  readonly perSecond: Float64Array;
  /** Per row. */
  readonly statuses: readonly RateStatus[];
  /** What happened in between; only for who asked for it. */
  readonly burst?: Burst;
}

/**
 * Rates between two readings: difference over measured time, row by row, only where the row's counters ran on
 * all the time in between (same epoch). Never negative, never a spike.
 * @param longestMs a baseline older than this is a gap: an average over it would not be what was asked for
 */
export function counterRate<T extends CounterTable>(
  baseline: Reading<T> | null,
  current: Reading<T>,
  longestMs = Number.POSITIVE_INFINITY,
): RateSample<T> {
  const rows = current.names.length;
  const perSecond = new Float64Array(rows * current.width).fill(Number.NaN);
  if (!baseline || current.monotonicMs <= baseline.monotonicMs) {
    return { reading: current, elapsedMs: null, perSecond, statuses: new Array(rows).fill('first') };
  }
  const elapsedMs = current.monotonicMs - baseline.monotonicMs;
  if (elapsedMs > longestMs || baseline.sleeps !== current.sleeps) {
    return { reading: current, elapsedMs, perSecond, statuses: new Array(rows).fill('gap') };
  }
  const rowBefore = rowsByEpoch(baseline, current);
  const known = baseline.names === current.names ? null : new Set(baseline.names);
  const statuses = current.names.map((name, row): RateStatus => {
    const before = rowBefore(row);
    if (before === undefined) return known && !known.has(name) ? 'first' : 'reset';
    for (let column = 0; column < current.width; column++) {
      const is = current.counters[row * current.width + column] as number;
      const was = baseline.counters[before * current.width + column] as number;
      // A column outside the epoch's watch (an error counter) may fall: unknown then, like a missing one.
      perSecond[row * current.width + column] = is >= was ? ((is - was) * 1000) / elapsedMs : Number.NaN;
    }
    return 'ok';
  });
  return { reading: current, elapsedMs, perSecond, statuses };
}

function rowsByEpoch(baseline: Reading, current: Reading): (row: number) => number | undefined {
  if (baseline.epochs === current.epochs) return (row) => row;
  const rows = new Map(baseline.epochs.map((epoch, row) => [epoch, row]));
  return (row) => rows.get(current.epochs[row] as number);
}
