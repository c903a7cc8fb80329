import {
  asyncScheduler,
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  finalize,
  from,
  map,
  type Observable,
  of,
  type SchedulerLike,
  Subject,
  type Subscription,
  share,
  tap,
} from 'rxjs';
import { type Clock, systemClock } from './clock.ts';
import { counterRate, type RateSample } from './counter-rate.ts';
import type { CounterTable, Reading } from './counter-table.ts';
import { EpochTracker } from './epoch-tracker.ts';
import { History } from './history.ts';
import { poll } from './poll.ts';
import { sequencer } from './sequence.ts';
import { SharedByKey } from './shared-by-key.ts';

export interface CounterSamplerOptions {
  /** One read of all devices, sync or async. The arrays of names and keys stay the same objects while nothing changes. */
  readonly read: () => CounterTable | Promise<CounterTable>;
  /** How many of the first columns never decrease while a device lives. */
  readonly monotonicColumns: number;
  /** Pace that is kept with nobody listening, so that a question is answered at once; and the default interval. */
  readonly baseIntervalMs: number;
  /** How far back `window` can look. */
  readonly historyMs: number;
  readonly clock?: Clock;
  readonly scheduler?: SchedulerLike;
}

/** Readings closer than this are one reading: intervals whose ticks meet share it. */
const SAME_READING_MS = 5;
/** Rates are known this long after the start. */
const WARM_UP_MS = 250;
/** Wall and monotonic clock may drift apart this far before the host is asked whether it slept. */
const CLOCK_DRIFT_MS = 1000;

/**
 * Kernel -> poll -> rate -> share. Every interval is one shared stream with its own exact baseline (its previous
 * reading), all fed from one source. Work stops with the last listener, but for the base interval's.
 */
export class CounterSampler {
  /** Emits what a failed read threw; the streams go on. */
  readonly failures = new Subject<unknown>();
  readonly nextSequence: () => number;
  readonly baseIntervalMs: number;
  /** Ticks that passed while a read or the process was held up. */
  missedTicks = 0;

  readonly #options: CounterSamplerOptions;
  readonly #clock: Clock;
  readonly #epochs: EpochTracker;
  readonly #history: History<Reading>;
  readonly #streams = new SharedByKey<RateSample>();
  readonly #newest = new Map<number, RateSample>();
  #reading: Observable<Reading> | null = null;
  #last: Reading | null = null;
  #originMs = 0;
  #driftMs: number;
  #sleepMs: number;
  #sleeps = 0;
  #base: Subscription | null = null;

  constructor(options: CounterSamplerOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#epochs = new EpochTracker(options.monotonicColumns);
    this.#history = new History(options.historyMs);
    this.nextSequence = sequencer(this.#clock.wallMs);
    this.baseIntervalMs = options.baseIntervalMs;
    this.#driftMs = this.#clock.wallMs() - this.#clock.monotonicMs();
    this.#sleepMs = this.#clock.bootMs() - this.#clock.monotonicMs();
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

  /** What a listener of that interval has seen last; null where nobody listens. */
  newest(intervalMs: number): RateSample | null {
    return this.#newest.get(intervalMs) ?? null;
  }

  /** What a listener of that interval has seen last, or would be told first. */
  latest(intervalMs: number): Observable<RateSample> {
    const newest = this.newest(intervalMs);
    return newest ? of(newest) : defer(() => this.#opening(intervalMs));
  }

  /** Average over the past `windowMs`, or over as much of it as history holds. */
  window(windowMs: number): RateSample | null {
    const current = this.#history.newest;
    if (!current) return null;
    const baseline = this.#history.atOrBefore(current.monotonicMs - windowMs);
    return counterRate(baseline === current ? null : baseline, current);
  }

  #stream(intervalMs: number): Observable<RateSample> {
    const { scheduler = asyncScheduler } = this.#options;
    const { monotonicMs } = this.#clock;
    const longestMs = Math.max(3 * intervalMs, intervalMs + 2000);
    let baseline: Reading | null = null;
    const reportFailure = (error: unknown) => {
      this.failures.next(error);
      return EMPTY;
    };
    const opening = this.#opening(intervalMs).pipe(catchError(reportFailure));
    const ticks = defer(() => poll({ intervalMs, originMs: this.#originMs, read: () => this.#read(), monotonicMs, scheduler }));
    const rates = ticks.pipe(
      tap(({ missedTicks }) => {
        this.missedTicks += missedTicks;
      }),
      concatMap((result) => {
        if (!result.ok) return reportFailure(result.error);
        // A late tick and the next one on time are one reading: a rate over no time would be none.
        return result.value === baseline ? EMPTY : of(counterRate(baseline, result.value, longestMs));
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
    return defer(() => this.#read()).pipe(
      map((current) => {
        const baseline = this.#history.atOrBefore(current.monotonicMs - intervalMs);
        const tooYoung = !baseline || current.monotonicMs - baseline.monotonicMs < Math.min(100, intervalMs / 2);
        return counterRate(tooYoung ? null : baseline, current);
      }),
    );
  }

  /** The table as it is now; concurrent and nearly simultaneous callers share one read. */
  #read(): Observable<Reading> {
    const last = this.#last;
    if (last && this.#clock.monotonicMs() - last.monotonicMs < SAME_READING_MS) return of(last);
    if (this.#reading) return this.#reading;
    const startMs = this.#clock.monotonicMs();
    const table = this.#options.read();
    if (!(table instanceof Promise)) return of(this.#stamp(table, startMs));
    this.#reading = from(table).pipe(
      map((read) => this.#stamp(read, startMs)),
      finalize(() => {
        this.#reading = null;
      }),
      share(),
    );
    return this.#reading;
  }

  #stamp(table: CounterTable, startMs: number): Reading {
    const monotonicMs = (startMs + this.#clock.monotonicMs()) / 2;
    const timestampMs = Math.round(this.#clock.wallMs());
    this.#noticeSleep(timestampMs - monotonicMs);
    const { names, keys, counters, width } = table;
    const epochs = this.#epochs.track(table);
    const sequence = this.nextSequence();
    this.#last = { names, keys, counters, width, sequence, timestampMs, monotonicMs, epochs, sleeps: this.#sleeps };
    return this.#last;
  }

  /** The monotonic clock stands still in sleep: a wall clock that ran ahead is a step, or a sleep; time since boot tells. */
  #noticeSleep(driftMs: number): void {
    if (Math.abs(driftMs - this.#driftMs) < CLOCK_DRIFT_MS) return;
    this.#driftMs = driftMs;
    const sleepMs = this.#clock.bootMs() - this.#clock.monotonicMs();
    if (sleepMs - this.#sleepMs >= CLOCK_DRIFT_MS) this.#sleeps++;
    this.#sleepMs = sleepMs;
  }
}
