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
  timer,
} from 'rxjs';
import { type Clock, systemClock } from './clock.ts';
import { commonOrigin } from './grid.ts';
import { History } from './history.ts';
import { firstTick, type PollOptions, poll } from './poll.ts';
import { SharedByKey } from './shared-by-key.ts';
import { type Stamp, TimedReader, type TimedReaderOptions } from './timed-reader.ts';

/** What is made of a reading. Never changed once made. */
export interface Sample<R extends Stamp = Stamp> {
  readonly reading: R;
}

/** How often and how far back to sample. */
export interface SamplingPace {
  /** Pace that is kept with nobody listening, so that a question is answered at once; and the default interval. */
  readonly baseIntervalMs: number;
  /** How far back `window` can look. */
  readonly historyMs: number;
}

export interface IntervalSamplerOptions<C, R extends Stamp, S extends Sample<R>> extends TimedReaderOptions<C, R>, SamplingPace {
  /**
   * What a listener is told of a reading. Pure.
   * @param baseline what this listener was told of before; null at first
   * @param longestMs a baseline older than this is a gap
   */
  readonly derive: (baseline: R | null, current: R, longestMs?: number) => S;
}

/** A sampler as who listens sees it: whatever it reads, and however. */
export type Sampler<S extends Sample> = Pick<IntervalSampler<unknown, Stamp, S>, keyof IntervalSampler<unknown, Stamp, S>>;

/** Rates are known this long after the start. */
const WARM_UP_MS = 250;
/** Where the first reading took so long that the tick at that time has passed, rates are not waited for longer than this. */
const LONGEST_COLD_MS = 1000;
/** Older than this, what should come once per interval is a gap. */
function longestMs(intervalMs: number): number {
  return Math.max(3 * intervalMs, intervalMs + 2000);
}

/**
 * Kernel -> poll -> derive -> share. Every interval is one shared stream with its own exact baseline (its previous
 * reading), all fed from one source. Work stops with the last listener, but for the base interval's.
 */
export class IntervalSampler<C, R extends Stamp, S extends Sample<R>> {
  /** Emits what a failed read threw; the streams go on. */
  readonly failures = new Subject<unknown>();
  readonly baseIntervalMs: number;
  /** Ticks that passed while a read or the process was held up. */
  missedTicks = 0;

  readonly #options: IntervalSamplerOptions<C, R, S>;
  readonly #clock: Clock;
  readonly #reader: TimedReader<C, R>;
  readonly #history: History<R>;
  readonly #streams = new SharedByKey<S>();
  readonly #newest = new Map<number, S>();
  #originMs = 0;
  #base: Subscription | null = null;

  constructor(options: IntervalSamplerOptions<C, R, S>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#reader = new TimedReader(options);
    this.#history = new History(options.historyMs);
    this.baseIntervalMs = options.baseIntervalMs;
  }

  /** Where and how the ticks of all intervals fall; what else is read at a pace falls in with them. */
  get ticking(): Pick<PollOptions<R>, 'originMs' | 'read' | 'monotonicMs' | 'scheduler'> {
    const { scheduler = asyncScheduler } = this.#options;
    return { originMs: this.#originMs, read: () => this.#reader.read(), monotonicMs: this.#clock.monotonicMs, scheduler };
  }

  /** Of the same stream as the samples', for what else is told about it. */
  nextSequence(): number {
    return this.#reader.nextSequence();
  }

  start(): void {
    this.#originMs = commonOrigin(this.#clock, Math.min(WARM_UP_MS, this.baseIntervalMs / 4));
    this.#base = this.samples(this.baseIntervalMs).subscribe(({ reading }) => this.#history.push(reading));
  }

  stop(): void {
    this.#base?.unsubscribe();
    this.#base = null;
  }

  /** The stream of one interval: a sample at once, then one per tick, each against the one before. */
  samples(intervalMs: number): Observable<S> {
    return this.#streams.get(String(intervalMs), () => this.#stream(intervalMs));
  }

  /** What a listener of that interval has seen last; null where nobody listens, or where reading has failed since. */
  newest(intervalMs: number): S | null {
    const newest = this.#newest.get(intervalMs);
    return newest && this.isFresh(newest.reading, intervalMs) ? newest : null;
  }

  /** What a listener of that interval has seen last, or would be told first. */
  latest(intervalMs: number): Observable<S> {
    const newest = this.newest(intervalMs);
    return newest ? of(newest) : defer(() => this.opening(intervalMs));
  }

  /** The newest reading against that of `windowMs` ago, or against the oldest that history holds. */
  window(windowMs: number): S | null {
    const current = this.#history.newest;
    if (!current || !this.isFresh(current, this.baseIntervalMs)) return null;
    const baseline = this.#history.atOrBefore(current.monotonicMs - windowMs);
    return this.#options.derive(baseline === current ? null : baseline, current);
  }

  #stream(intervalMs: number): Observable<S> {
    const { scheduler = asyncScheduler } = this.#options;
    const { monotonicMs } = this.#clock;
    let baseline: R | null = null;
    const reportFailure = (error: unknown) => {
      this.failures.next(error);
      return EMPTY;
    };
    const opening = this.opening(intervalMs).pipe(catchError(reportFailure));
    const samples = defer(() => poll({ intervalMs, ...this.ticking })).pipe(
      tap(({ missedTicks }) => {
        this.missedTicks += missedTicks;
      }),
      concatMap((result) => {
        if (!result.ok) return reportFailure(result.error);
        // A late tick and the next one on time are one reading: against itself it would say nothing.
        return result.value === baseline ? EMPTY : of(this.#options.derive(baseline, result.value, longestMs(intervalMs)));
      }),
    );
    const warmUp = defer(() => {
      const nowMs = monotonicMs();
      if (!baseline || this.#history.size > 1 || firstTick(nowMs, intervalMs, this.#originMs) - nowMs <= LONGEST_COLD_MS) return EMPTY;
      const soon = timer(WARM_UP_MS, scheduler).pipe(concatMap(() => this.#reader.read()));
      return soon.pipe(
        map((reading) => this.#options.derive(baseline, reading, longestMs(intervalMs))),
        catchError(reportFailure),
      );
    });
    return concat(opening, warmUp, samples).pipe(
      tap((sample) => {
        baseline = sample.reading;
        this.#newest.set(intervalMs, sample);
      }),
      finalize(() => this.#newest.delete(intervalMs)),
    );
  }

  /** The first sample of an interval that nobody listens to yet: a reading now against history. */
  opening(intervalMs: number): Observable<S> {
    return defer(() => this.#reader.read()).pipe(
      map((current) => {
        const baseline = this.#history.atOrBefore(current.monotonicMs - intervalMs);
        const tooYoung = !baseline || current.monotonicMs - baseline.monotonicMs < Math.min(100, intervalMs / 2);
        return this.#options.derive(tooYoung ? null : baseline, current, longestMs(intervalMs));
      }),
    );
  }

  /** An old sample is not what is asked for: better a new reading, or its error. */
  isFresh({ monotonicMs }: R, intervalMs: number): boolean {
    return this.#clock.monotonicMs() - monotonicMs <= longestMs(intervalMs);
  }
}
