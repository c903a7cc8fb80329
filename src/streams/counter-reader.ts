import { asyncScheduler, finalize, from, map, type Observable, of, type SchedulerLike, share, timeout } from 'rxjs';
import { type Clock, systemClock } from './clock.ts';
import type { CounterTable, Reading } from './counter-table.ts';
import { EpochTracker } from './epoch-tracker.ts';
import { sequencer } from './sequence.ts';

export interface CounterReaderOptions {
  /** One read of all devices, sync or async. The arrays of names and keys stay the same objects while nothing changes. */
  readonly read: () => CounterTable | Promise<CounterTable>;
  /** How many of the first columns never decrease while a device lives. */
  readonly monotonicColumns: number;
  readonly clock?: Clock;
  readonly scheduler?: SchedulerLike;
}

/** Readings closer than this are one reading: intervals whose ticks meet share it. */
const SAME_READING_MS = 5;
/** A read that is not done by then has failed; the next one is not held up by it. */
const LONGEST_READ_MS = 10_000;
/** Wall and monotonic clock may drift apart this far before the host is asked whether it slept. */
const CLOCK_DRIFT_MS = 1000;

/** Tables of counters as readings: with their time, their place in the stream, and who counts on from where it was. */
export class CounterReader {
  readonly nextSequence: () => number;
  readonly #options: CounterReaderOptions;
  readonly #clock: Clock;
  readonly #epochs: EpochTracker;
  #reading: Observable<Reading> | null = null;
  #last: Reading | null = null;
  #driftMs: number;
  #sleepMs: number;
  #sleeps = 0;

  constructor(options: CounterReaderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#epochs = new EpochTracker(options.monotonicColumns);
    this.nextSequence = sequencer(this.#clock.wallMs);
    this.#driftMs = this.#clock.wallMs() - this.#clock.monotonicMs();
    this.#sleepMs = this.#clock.bootMs() - this.#clock.monotonicMs();
  }

  /** The table as it is now; concurrent and nearly simultaneous callers share one read. */
  read(): Observable<Reading> {
    const last = this.#last;
    if (last && this.#clock.monotonicMs() - last.monotonicMs < SAME_READING_MS) return of(last);
    if (this.#reading) return this.#reading;
    const startMs = this.#clock.monotonicMs();
    const table = this.#options.read();
    if (!(table instanceof Promise)) return of(this.#stamp(table, startMs));
    this.#reading = from(table).pipe(
      timeout({ first: LONGEST_READ_MS, scheduler: this.#options.scheduler ?? asyncScheduler }),
      map((read) => this.#stamp(read, startMs)),
      finalize(() => {
        this.#reading = null;
      }),
      share(),
    );
    return this.#reading;
  }

  #stamp({ names, keys, counters, width }: CounterTable, startMs: number): Reading {
    const monotonicMs = (startMs + this.#clock.monotonicMs()) / 2;
    const timestampMs = Math.round(this.#clock.wallMs());
    this.#noticeSleep(timestampMs - monotonicMs);
    const epochs = this.#epochs.track({ names, keys, counters, width });
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
