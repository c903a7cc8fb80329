import assert from 'node:assert/strict';
import { TestScheduler } from 'rxjs/testing';
import type { Clock } from '../../src/streams/clock.ts';

type Run = Parameters<TestScheduler['run']>[0];
type Helpers = Parameters<Run>[0];

/** Runs marble diagrams in virtual time; `asyncScheduler` runs in it, too, so operators are tested with their real default. */
export function marbles(test: (helpers: Helpers & { scheduler: TestScheduler; clock: TurnedClock }) => void): void {
  const scheduler = new TestScheduler((actual, expected) => assert.deepEqual(actual, expected));
  scheduler.run((helpers) => test({ ...helpers, scheduler, clock: new TurnedClock(() => scheduler.now()) }));
}

export const WALL_MS = 1_790_000_000_000;

/** A clock that runs with the virtual time, and that a test can set back, set forward or put to sleep. */
export class TurnedClock implements Clock {
  #stepMs = 0;
  #sleepMs = 0;
  readonly #nowMs: () => number;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  readonly monotonicMs = () => this.#nowMs();
  readonly wallMs = () => WALL_MS + this.#nowMs() + this.#stepMs + this.#sleepMs;
  readonly bootMs = () => 50_000 + this.#nowMs() + this.#sleepMs;

  /** Somebody sets the wall clock. */
  step(ms: number): void {
    this.#stepMs += ms;
  }

  /** The host sleeps: the wall clock and the time since boot go on, the monotonic clock does not. */
  sleep(ms: number): void {
    this.#sleepMs += ms;
  }
}
