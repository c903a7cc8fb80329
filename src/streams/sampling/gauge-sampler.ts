import type { SchedulerLike } from 'rxjs';
import type { Clock } from '../clock.ts';
import { IntervalSampler, type Sample, type SamplingPace } from './interval-sampler.ts';
import type { Stamp } from './timed-reader.ts';

/** Gauges at one moment. */
export interface GaugeReading<G> extends Stamp {
  readonly gauges: G;
}

export type GaugeSample<G> = Sample<GaugeReading<G>>;

export interface GaugeSamplerOptions<G> extends SamplingPace {
  /** One read of everything, sync or async. */
  readonly read: () => G | Promise<G>;
  readonly clock?: Clock;
  readonly scheduler?: SchedulerLike;
}

/** Samples what has no rates: a reading says everything, whatever was before. */
export class GaugeSampler<G> extends IntervalSampler<G, GaugeReading<G>, GaugeSample<G>> {
  constructor(options: GaugeSamplerOptions<G>) {
    super({ ...options, stamp: (gauges, stamp) => ({ gauges, ...stamp }), derive: (_, reading) => ({ reading }) });
  }
}
