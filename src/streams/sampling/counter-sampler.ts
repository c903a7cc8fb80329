import type { SchedulerLike } from 'rxjs';
import type { Clock } from '../clock.ts';
import { counterRate, type RateSample } from './counter-rate.ts';
import type { CounterTable, Reading } from './counter-table.ts';
import { EpochTracker } from './epoch-tracker.ts';
import { IntervalSampler, type SamplingPace } from './interval-sampler.ts';

export interface CounterSamplerOptions<T extends CounterTable = CounterTable> extends SamplingPace {
  /** One read of all devices, sync or async. The arrays of names and keys stay the same objects while nothing changes. */
  readonly read: () => T | Promise<T>;
  /** How many of the first columns never decrease while a device lives. */
  readonly monotonicColumns: number;
  readonly clock?: Clock;
  readonly scheduler?: SchedulerLike;
}

/** Samples tables of counters: what is told of a reading are its rates. Gauges that were read with a table come along. */
export class CounterSampler<T extends CounterTable = CounterTable> extends IntervalSampler<T, Reading<T>, RateSample<T>> {
  constructor({ monotonicColumns, ...options }: CounterSamplerOptions<T>) {
    const epochs = new EpochTracker(monotonicColumns);
    super({ ...options, stamp: (table, stamp) => ({ ...table, ...stamp, epochs: epochs.track(table) }), derive: counterRate });
  }
}
