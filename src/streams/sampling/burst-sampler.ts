import { catchError, concat, concatMap, defer, EMPTY, filter, finalize, first, map, type Observable, of, tap } from 'rxjs';
import { firstTick, type PollResult, poll } from '../poll.ts';
import { SharedByKey } from '../shared-by-key.ts';
import { BurstCollector, type BurstMeasures } from './burst.ts';
import { counterRate, type RateSample } from './counter-rate.ts';
import type { CounterSampler } from './counter-sampler.ts';
import type { CounterTable, Reading } from './counter-table.ts';
import { longestMs } from './reading-history.ts';

/** Who asks once is told what happens in so long, or in the interval where that is shorter. */
const LONGEST_LOOK_MS = 1000;

/** What a sampler tells, by interval. */
export interface SamplesByInterval<S> {
  samples(intervalMs: number): Observable<S>;
  newest(intervalMs: number): S | null;
  latest(intervalMs: number): Observable<S>;
}

/** Samples that tell what happened inside their interval, beside those of a sampler that do not. */
export interface Bursts<S> {
  /** Paces at which is read now, milliseconds. */
  readonly paces: readonly number[];
  at(burstMs: number): SamplesByInterval<S>;
}

/**
 * Reads at a pace of its own while somebody listens, one for all who ask for that pace. Each sample lies between two of
 * these readings, so its interval consists of whole steps: the mean of their rates, weighted by their time, is its rate.
 */
export class BurstSampler<T extends CounterTable> implements Bursts<RateSample<T>> {
  readonly #sampler: CounterSampler<T>;
  readonly #measures: BurstMeasures;
  readonly #paces = new SharedByKey<Reading<T>>();
  readonly #streams = new SharedByKey<RateSample<T>>();
  readonly #newest = new Map<string, RateSample<T>>();

  constructor(sampler: CounterSampler<T>, measures: BurstMeasures) {
    this.#sampler = sampler;
    this.#measures = measures;
  }

  get paces(): readonly number[] {
    return this.#paces.keys.map(Number);
  }

  at(burstMs: number): SamplesByInterval<RateSample<T>> {
    return {
      samples: (intervalMs) => this.samples(intervalMs, burstMs),
      newest: (intervalMs) => this.newest(intervalMs, burstMs),
      latest: (intervalMs) => this.latest(intervalMs, burstMs),
    };
  }

  /** A sample at once, of which nothing is known inside, then one per interval. */
  samples(intervalMs: number, burstMs: number): Observable<RateSample<T>> {
    const key = keyOf(intervalMs, burstMs);
    return this.#streams.get(key, () =>
      this.#stream(intervalMs, burstMs).pipe(
        tap((sample) => this.#newest.set(key, sample)),
        finalize(() => this.#newest.delete(key)),
      ),
    );
  }

  /** What a listener has seen last; null where nobody listens. */
  newest(intervalMs: number, burstMs: number): RateSample<T> | null {
    const newest = this.#newest.get(keyOf(intervalMs, burstMs));
    return newest && this.#sampler.isFresh(newest.reading, intervalMs) ? newest : null;
  }

  /** What a listener has seen last; where nobody listens, what happens from now on. */
  latest(intervalMs: number, burstMs: number): Observable<RateSample<T>> {
    const newest = this.newest(intervalMs, burstMs);
    if (newest) return of(newest);
    const lookMs = Math.min(intervalMs, Math.max(LONGEST_LOOK_MS, 2 * burstMs));
    // What cannot be read is told at once.
    const trial = defer(() => this.#sampler.opening(lookMs));
    return trial.pipe(
      concatMap(() => this.samples(lookMs, burstMs)),
      first(({ burst }) => (burst?.steps ?? 0) > 0),
    );
  }

  #stream(intervalMs: number, burstMs: number): Observable<RateSample<T>> {
    const sampler = this.#sampler;
    const collector = new BurstCollector(this.#measures, mostSteps(intervalMs, burstMs));
    const { originMs = 0 } = sampler.ticking;
    let baseline: Reading<T> | null = null;
    let last: Reading<T> | null = null;
    let dueMs = 0;
    const begin = (reading: Reading<T>) => {
      baseline = last = reading;
      dueMs = firstTick(reading.monotonicMs, intervalMs, originMs);
      collector.begin(reading);
    };
    const opening = defer(() => sampler.opening(intervalMs)).pipe(
      map((sample) => {
        begin(sample.reading);
        return { ...sample, burst: collector.take() };
      }),
      catchError((error: unknown) => {
        sampler.failures.next(error);
        return EMPTY;
      }),
    );
    const whole = this.#readings(burstMs).pipe(
      filter((reading) => {
        if (!last) begin(reading);
        // A step that is much shorter than the others would be noise: it becomes part of the next one.
        if (!last || reading.monotonicMs - last.monotonicMs < burstMs / 2) return false;
        collector.step(reading);
        last = reading;
        return reading.monotonicMs >= dueMs - burstMs / 2;
      }),
      map((reading) => {
        const sample = { ...counterRate(baseline, reading, longestMs(intervalMs)), burst: collector.take() };
        baseline = reading;
        dueMs = tickAfter(reading.monotonicMs + burstMs / 2, intervalMs, originMs);
        return sample;
      }),
    );
    return concat(opening, whole);
  }

  /** One that failed is left out: the step is longer then, and the base interval's own reads tell of it. */
  #readings(burstMs: number): Observable<Reading<T>> {
    return this.#paces.get(String(burstMs), () =>
      poll({ ...this.#sampler.ticking, intervalMs: burstMs }).pipe(
        filter((result): result is PollResult<Reading<T>> & { ok: true } => result.ok),
        map(({ value }) => value),
      ),
    );
  }
}

function keyOf(intervalMs: number, burstMs: number): string {
  return `${intervalMs}/${burstMs}`;
}

/** The readings of bursts fall on the grid or near it; the nearest to a tick is the interval's end. */
function tickAfter(ms: number, intervalMs: number, originMs: number): number {
  return originMs + (Math.floor((ms - originMs) / intervalMs) + 1) * intervalMs;
}

/** Steps are at least half as long as they should be, and an interval ends half a step late at most. */
function mostSteps(intervalMs: number, burstMs: number): number {
  return Math.ceil((1.5 * intervalMs) / burstMs) + 2;
}
