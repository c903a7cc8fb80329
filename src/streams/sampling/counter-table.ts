import type { Stamp } from './timed-reader.ts';

/** Cumulative counters of many devices at one moment: a row per device, a column per counter. Never changed once made. */
export interface CounterTable {
  readonly names: readonly string[];
  /** What stays the same for a device as long as it lives, whatever its name (ifindex); null where unknown. */
  readonly keys: readonly (number | null)[];
  /** Row by row; NaN for a counter that the source does not have. */
  readonly counters: Float64Array;
  readonly width: number;
}

/** A table, and whatever else was read with it, with its time and its place in the stream. */
export type Reading<T extends CounterTable = CounterTable> = T &
  Stamp & {
    /** Per row: a number that stays as long as the row's counters run on, and changes where they begin anew. */ readonly epochs: readonly number[];
  };
