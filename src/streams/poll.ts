import { asyncScheduler, defer, Observable, type ObservableInput, type SchedulerAction, type SchedulerLike, take } from 'rxjs';
import { systemClock } from './clock.ts';
import { currentMeter } from './meter.ts';

/** One turn of a poll. A failed read is a value, too: it is a gap in the stream, not its end. */
export type PollResult<T> =
  | { readonly ok: true; readonly value: T; readonly missedTicks: number }
  | { readonly ok: false; readonly error: unknown; readonly missedTicks: number };

export interface PollOptions<T> {
  readonly intervalMs: number;
  /** Ticks fall on `originMs + n * intervalMs` of the monotonic clock, so polls of different intervals meet. */
  readonly originMs?: number;
  readonly read: () => ObservableInput<T>;
  /** true: reads when it is subscribed to, too, and does not wait for its first tick. */
  readonly readsAtOnce?: boolean;
  readonly monotonicMs?: () => number;
  readonly scheduler?: SchedulerLike;
}

/** A first tick this close to the subscription is left out: a share of the interval, and at most so long. */
const SHORTEST_FIRST = 0.2;
const SHORTEST_FIRST_MS = 200;

/**
 * Reads on every tick of a grid that does not drift. Reads never overlap: ticks that pass while one is under way,
 * or while the process is held up, are skipped and counted in the next result's `missedTicks`.
 */
export function poll<T>(options: PollOptions<T>): Observable<PollResult<T>> {
  const { intervalMs, originMs = 0, read, readsAtOnce = false } = options;
  const { monotonicMs = systemClock.monotonicMs, scheduler = asyncScheduler } = options;
  const onGridAfter = (ms: number) => firstOnGrid(ms, intervalMs, originMs);

  return new Observable((subscriber) => {
    const meter = currentMeter.getStore();
    let missedTicks = 0;
    let isOffGrid = readsAtOnce;
    let dueMs = isOffGrid ? monotonicMs() : firstTick(monotonicMs(), intervalMs, originMs);
    const untilDue = () => Math.max(0, Math.ceil(dueMs - monotonicMs()));
    const settle = (action: SchedulerAction<unknown>) => {
      const nowMs = monotonicMs();
      const nextMs = isOffGrid ? firstTick(nowMs, intervalMs, originMs) : onGridAfter(nowMs + Math.min(intervalMs / 2, 2));
      isOffGrid = false;
      missedTicks = Math.max(0, Math.round((nextMs - dueMs) / intervalMs) - 1);
      dueMs = nextMs;
      // One action for the life of the poll: a new one per tick would pile up in the subscriber.
      if (!subscriber.closed) action.schedule(undefined, untilDue());
    };
    function tick(this: SchedulerAction<unknown>) {
      const missed = missedTicks;
      const startMs = monotonicMs();
      const report = (ok: boolean) => meter?.ticked({ collectMs: monotonicMs() - startMs, missedTicks: missed, ok });
      const reading = defer(read)
        .pipe(take(1))
        .subscribe({
          next: (value) => {
            report(true);
            subscriber.next({ ok: true, value, missedTicks: missed });
          },
          error: (error: unknown) => {
            report(false);
            subscriber.next({ ok: false, error, missedTicks: missed });
            settle(this);
          },
          complete: () => settle(this),
        });
      if (!reading.closed) this.add(reading);
    }
    return scheduler.schedule(tick, untilDue());
  });
}

/** When a poll that begins now ticks for the first time. */
export function firstTick(nowMs: number, intervalMs: number, originMs: number): number {
  return firstOnGrid(nowMs + Math.min(intervalMs * SHORTEST_FIRST, SHORTEST_FIRST_MS), intervalMs, originMs);
}

function firstOnGrid(ms: number, intervalMs: number, originMs: number): number {
  return originMs + Math.ceil((ms - originMs) / intervalMs) * intervalMs;
}
