import { asyncScheduler, finalize, from, map, type Observable, of, type SchedulerLike, share, timeout } from 'rxjs';
import { type Clock, systemClock } from '../clock.ts';
import { sequencer } from '../sequence.ts';

/** When something was read, and its place in the stream. */
export interface Stamp {
  readonly sequence: number;
  readonly timestampMs: number;
  readonly monotonicMs: number;
  /** Rises each time that the host was found to have slept. */
  readonly sleeps: number;
}

export interface TimedReaderOptions<C, R extends Stamp> {
  /** One read of everything, sync or async. */
  readonly read: () => C | Promise<C>;
  /** What was read with its stamp, which makes a reading. It sees every read, in order. */
  readonly stamp: (content: C, stamp: Stamp) => R;
  readonly clock?: Clock;
  readonly scheduler?: SchedulerLike;
}

/** Readings closer than this are one reading: intervals whose ticks meet share it. */
const SAME_READING_MS = 5;
/** A read that is not done by then has failed; the next one is not held up by it. */
const LONGEST_READ_MS = 10_000;
/** Wall and monotonic clock may drift apart this far before the host is asked whether it slept. */
const CLOCK_DRIFT_MS = 1000;

/** What a source says as readings: each with its time and its place in the stream, and shared by who asks at the same moment. */
export class TimedReader<C, R extends Stamp> {
  readonly nextSequence: () => number;
  readonly #options: TimedReaderOptions<C, R>;
  readonly #clock: Clock;
  #reading: Observable<R> | null = null;
  #last: R | null = null;
  #driftMs: number;
  #sleepMs: number;
  #sleeps = 0;

  constructor(options: TimedReaderOptions<C, R>) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.nextSequence = sequencer(this.#clock.wallMs);
    this.#driftMs = this.#clock.wallMs() - this.#clock.monotonicMs();
    this.#sleepMs = this.#clock.bootMs() - this.#clock.monotonicMs();
  }

  /** Everything as it is now; concurrent and nearly simultaneous callers share one read. */
  read(): Observable<R> {
    const last = this.#last;
    if (last && this.#clock.monotonicMs() - last.monotonicMs < SAME_READING_MS) return of(last);
    if (this.#reading) return this.#reading;
    const startMs = this.#clock.monotonicMs();
    const content = this.#options.read();
    if (!(content instanceof Promise)) return of(this.#stamp(content, startMs));
    this.#reading = from(content).pipe(
      timeout({ first: LONGEST_READ_MS, scheduler: this.#options.scheduler ?? asyncScheduler }),
      map((read) => this.#stamp(read, startMs)),
      finalize(() => {
        this.#reading = null;
      }),
      share(),
    );
    return this.#reading;
  }

  #stamp(content: C, startMs: number): R {
    const monotonicMs = (startMs + this.#clock.monotonicMs()) / 2;
    const timestampMs = Math.round(this.#clock.wallMs());
    this.#noticeSleep(timestampMs - monotonicMs);
    const stamp = { sequence: this.nextSequence(), timestampMs, monotonicMs, sleeps: this.#sleeps };
    this.#last = this.#options.stamp(content, stamp);
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
