import { asyncScheduler, defer, finalize, map, type Observable, of, Subject, type Subscription, tap } from 'rxjs';
import { type Clock, systemClock } from '../clock.ts';
import { commonOrigin } from '../grid.ts';
import type { PollOptions } from '../poll.ts';
import { SharedByKey } from '../shared-by-key.ts';
import { intervalStream, WARM_UP_MS } from './interval-stream.ts';
import { longestMs, ReadingHistory, type ReadingHistoryLimits } from './reading-history.ts';
import { RecentByKey } from './recent-by-key.ts';
import { retainedBytes } from './retained-bytes.ts';
import type { Span } from './span-ring.ts';
import { type Stamp, TimedReader, type TimedReaderOptions } from './timed-reader.ts';

/** What is made of a reading. Never changed once made. */
export interface Sample<R extends Stamp = Stamp> {
  readonly reading: R;
}

/** How often to sample, and how far back to remember. */
export interface SamplingPace extends ReadingHistoryLimits {
  /** Pace that is kept with nobody listening, so that a question is answered at once; and the default interval. */
  readonly baseIntervalMs: number;
}

export interface IntervalSamplerOptions<C, R extends Stamp, S extends Sample<R>> extends TimedReaderOptions<C, R>, SamplingPace {
  /**
   * What a listener is told of a reading. Pure: of the same readings the same, also later.
   * @param baseline what this listener was told of before; null at first
   * @param longestMs a baseline older than this is a gap
   */
  readonly derive: (baseline: R | null, current: R, longestMs?: number) => S;
}

/** Samples that were told, and those that are told while they are taken. */
export interface PastSamples<S> {
  readonly values: Iterable<S>;
  /** Nothing is missing behind this sequence. */
  readonly completeAfter: number;
  readonly newest: number | null;
}

/** A sampler as who listens sees it: whatever it reads, and however. */
export type Sampler<S extends Sample> = Pick<IntervalSampler<unknown, Stamp, S>, keyof IntervalSampler<unknown, Stamp, S>>;

/**
 * Who was cut together comes back together: what is made of a reading is made once for all of them, and let go when they
 * have it. What is made may be twenty times as big as its reading.
 */
const HERD = { keepMs: 5000, most: 128, mostBytes: 400_000 };

/**
 * Kernel -> poll -> derive -> share. Every interval is one shared stream with its own exact baseline (its previous
 * reading), all fed from one source, and remembered. Work stops with the last listener, but for the base interval's.
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
  readonly #history: ReadingHistory<R>;
  readonly #streams = new SharedByKey<S>();
  readonly #newest = new Map<number, S>();
  readonly #replayed: RecentByKey<S>;
  #base: Subscription | null = null;

  constructor(options: IntervalSamplerOptions<C, R, S>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#reader = new TimedReader(options);
    this.#history = new ReadingHistory(options);
    this.#replayed = new RecentByKey(HERD, this.#clock.monotonicMs);
    this.baseIntervalMs = options.baseIntervalMs;
  }

  /** Where and how the ticks of all intervals fall; what else is read at a pace falls in with them. */
  get ticking(): Pick<PollOptions<R>, 'originMs' | 'read' | 'monotonicMs' | 'scheduler'> {
    const { scheduler = asyncScheduler } = this.#options;
    return { originMs: this.#history.originMs, read: () => this.#reader.read(), monotonicMs: this.#clock.monotonicMs, scheduler };
  }

  /** What is kept of the past. */
  get kept(): { readonly samples: number; readonly bytes: number; readonly spanMs: number } {
    const { size, bytes, spanMs } = this.#history;
    return { samples: size, bytes, spanMs: Math.round(spanMs) };
  }

  /** Of the same stream as the samples', for what else is told about it. */
  nextSequence(): number {
    return this.#reader.nextSequence();
  }

  start(): void {
    this.#history.originMs = commonOrigin(this.#clock, Math.min(WARM_UP_MS, this.baseIntervalMs / 4));
    this.#base = this.samples(this.baseIntervalMs).subscribe();
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

  /** The newest reading against that of `windowMs` ago, or against the oldest that history holds. null where none is fresh. */
  window(windowMs: number): S | null {
    const current = this.#history.base.newest?.reading;
    return current && this.isFresh(current, this.baseIntervalMs) ? this.#over(windowMs, current) : null;
  }

  /** The same of a reading now: at the start, and after the process was held up. */
  windowNow(windowMs: number): Observable<S> {
    return defer(() => this.#reader.read()).pipe(map((reading) => this.#over(windowMs, reading)));
  }

  #over(windowMs: number, current: R): S {
    const baseline = this.#history.base.atOrBeforeMs(current.monotonicMs - windowMs);
    return this.#options.derive(baseline === current ? null : baseline, current);
  }

  /** What `samples` of that interval has told behind a sequence, or would have with somebody listening. */
  past(intervalMs: number, start: { readonly afterSequence: number; readonly fromTimestampMs: number }): PastSamples<S> {
    const newest = [intervalMs, this.baseIntervalMs].map((ms) => this.#history.newest(ms)?.reading.sequence ?? 0);
    return {
      values: this.#samplesAfter(intervalMs, start.afterSequence, start.fromTimestampMs),
      completeAfter: this.#history.completeAfter(intervalMs),
      newest: Math.max(...newest) || null,
    };
  }

  /** The first sample of an interval that nobody listens to: a reading now against history. */
  opening(intervalMs: number): Observable<S> {
    const baseline = this.#history.baselineAt(intervalMs, this.#clock.monotonicMs());
    return this.#reader.read().pipe(map((reading) => this.#derive({ baseline, reading, longestMs: this.#history.patienceMs(intervalMs) })));
  }

  /** An old sample is not what is asked for: better a new reading, or its error. */
  isFresh({ monotonicMs }: R, intervalMs: number): boolean {
    return this.#clock.monotonicMs() - monotonicMs <= longestMs(intervalMs);
  }

  #stream(intervalMs: number): Observable<S> {
    const { scheduler = asyncScheduler } = this.#options;
    const stream = intervalStream<R, S>(intervalMs, {
      read: () => this.#reader.read(),
      history: this.#history,
      clock: this.#clock,
      scheduler,
      sampleOf: (span) => this.#derive(span),
      onFailure: (error) => this.failures.next(error),
      onMissedTicks: (count) => {
        this.missedTicks += count;
      },
    });
    return stream.pipe(
      tap((sample) => {
        this.#newest.set(intervalMs, sample);
        this.#replayed.forget();
      }),
      finalize(() => this.#newest.delete(intervalMs)),
    );
  }

  *#samplesAfter(intervalMs: number, sequence: number, fromTimestampMs: number): Generator<S> {
    for (const span of this.#history.after(intervalMs, sequence)) {
      const { baseline, reading } = span;
      if (reading.timestampMs < fromTimestampMs) continue;
      const key = `${intervalMs} ${baseline?.sequence} ${reading.sequence}`;
      yield this.#replayed.get(
        key,
        () => this.#derive(span),
        () => retainedBytes(reading),
      );
    }
  }

  #derive({ baseline, reading, longestMs }: Span<R>): S {
    return this.#options.derive(baseline, reading, longestMs);
  }
}
