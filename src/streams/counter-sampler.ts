import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  map,
  type Observable,
  of,
  Subject,
  type Subscription,
  tap,
} from 'rxjs';
import { type Clock, systemClock } from './clock.ts';
import { counterRate, type RateSample } from './counter-rate.ts';
import { CounterReader, type CounterReaderOptions } from './counter-reader.ts';
import type { Reading } from './counter-table.ts';
import { History } from './history.ts';
import { poll } from './poll.ts';
import { SharedByKey } from './shared-by-key.ts';

export interface CounterSamplerOptions extends CounterReaderOptions {
  /** Pace that is kept with nobody listening, so that a question is answered at once; and the default interval. */
  readonly baseIntervalMs: number;
  /** How far back `window` can look. */
  readonly historyMs: number;
}

/** Rates are known this long after the start. */
const WARM_UP_MS = 250;
/** Older than this, what should come once per interval is a gap. */
function longestMs(intervalMs: number): number {
  return Math.max(3 * intervalMs, intervalMs + 2000);
}

/**
 * Kernel -> poll -> rate -> share. Every interval is one shared stream with its own exact baseline (its previous
 * reading), all fed from one source. Work stops with the last listener, but for the base interval's.
 */
export class CounterSampler {
  /** Emits what a failed read threw; the streams go on. */
  readonly failures = new Subject<unknown>();
  readonly baseIntervalMs: number;
  /** Ticks that passed while a read or the process was held up. */
  missedTicks = 0;

  readonly #options: CounterSamplerOptions;
  readonly #clock: Clock;
  readonly #reader: CounterReader;
  readonly #history: History<Reading>;
  readonly #streams = new SharedByKey<RateSample>();
  readonly #newest = new Map<number, RateSample>();
  #originMs = 0;
  #base: Subscription | null = null;

  constructor(options: CounterSamplerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#reader = new CounterReader(options);
    this.#history = new History(options.historyMs);
    this.baseIntervalMs = options.baseIntervalMs;
  }

  /** Of the same stream as the samples', for what else is told about it. */
  nextSequence(): number {
    return this.#reader.nextSequence();
  }

  start(): void {
    this.#originMs = this.#clock.monotonicMs() + Math.min(WARM_UP_MS, this.baseIntervalMs / 4);
    this.#base = this.samples(this.baseIntervalMs).subscribe(({ reading }) => this.#history.push(reading));
  }

  stop(): void {
    this.#base?.unsubscribe();
    this.#base = null;
  }

  /** The stream of one interval: a sample at once, then one per tick, each averaged over the time since the one before. */
  samples(intervalMs: number): Observable<RateSample> {
    return this.#streams.get(String(intervalMs), () => this.#stream(intervalMs));
  }

  /** What a listener of that interval has seen last; null where nobody listens, or where reading has failed since. */
  newest(intervalMs: number): RateSample | null {
    const newest = this.#newest.get(intervalMs);
    return newest && this.#isFresh(newest.reading, intervalMs) ? newest : null;
  }

  /** What a listener of that interval has seen last, or would be told first. */
  latest(intervalMs: number): Observable<RateSample> {
    const newest = this.newest(intervalMs);
    return newest ? of(newest) : defer(() => this.#opening(intervalMs));
  }

  /** Average over the past `windowMs`, or over as much of it as history holds. */
  window(windowMs: number): RateSample | null {
    const current = this.#history.newest;
    if (!current || !this.#isFresh(current, this.baseIntervalMs)) return null;
    const baseline = this.#history.atOrBefore(current.monotonicMs - windowMs);
    return counterRate(baseline === current ? null : baseline, current);
  }

  #stream(intervalMs: number): Observable<RateSample> {
    const { scheduler = asyncScheduler } = this.#options;
    const { monotonicMs } = this.#clock;
    let baseline: Reading | null = null;
    const reportFailure = (error: unknown) => {
      this.failures.next(error);
      return EMPTY;
    };
    const opening = this.#opening(intervalMs).pipe(catchError(reportFailure));
    const ticks = defer(() => poll({ intervalMs, originMs: this.#originMs, read: () => this.#reader.read(), monotonicMs, scheduler }));
    const rates = ticks.pipe(
      tap(({ missedTicks }) => {
        this.missedTicks += missedTicks;
      }),
      concatMap((result) => {
        if (!result.ok) return reportFailure(result.error);
        // A late tick and the next one on time are one reading: a rate over no time would be none.
        return result.value === baseline ? EMPTY : of(counterRate(baseline, result.value, longestMs(intervalMs)));
      }),
    );
    return concat(opening, rates).pipe(
      tap((sample) => {
        baseline = sample.reading;
        this.#newest.set(intervalMs, sample);
      }),
      finalize(() => this.#newest.delete(intervalMs)),
    );
  }

  /** The first sample of an interval that nobody listens to yet: a reading now against history. */
  #opening(intervalMs: number): Observable<RateSample> {
    return defer(() => this.#reader.read()).pipe(
      map((current) => {
        const baseline = this.#history.atOrBefore(current.monotonicMs - intervalMs);
        const tooYoung = !baseline || current.monotonicMs - baseline.monotonicMs < Math.min(100, intervalMs / 2);
        return counterRate(tooYoung ? null : baseline, current, longestMs(intervalMs));
      }),
    );
  }

  /** An old sample is not what is asked for: better a new reading, or its error. */
  #isFresh({ monotonicMs }: Reading, intervalMs: number): boolean {
    return this.#clock.monotonicMs() - monotonicMs <= longestMs(intervalMs);
  }
}
