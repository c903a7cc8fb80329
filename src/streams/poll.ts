import { asyncScheduler, from, Observable, type ObservableInput, type Observer, type SchedulerLike, Subscription } from 'rxjs';
import { scheduledAlarm, sharedAlarm } from './alarms.ts';
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
    const settle = () => {
      if (subscriber.closed) return;
      const nowMs = monotonicMs();
      const nextMs = isOffGrid ? firstTick(nowMs, intervalMs, originMs) : onGridAfter(nowMs + Math.min(intervalMs / 2, 2));
      isOffGrid = false;
      missedTicks = Math.max(0, Math.round((nextMs - dueMs) / intervalMs) - 1);
      dueMs = nextMs;
      alarm.set(dueMs);
    };
    const tick = () => {
      const missed = missedTicks;
      const startMs = monotonicMs();
      const tell = (result: PollResult<T>) => {
        meter?.ticked({ collectMs: monotonicMs() - startMs, missedTicks: missed, ok: result.ok });
        subscriber.next(result);
        settle();
      };
      const reading = first(read, {
        next: (value) => tell({ ok: true, value, missedTicks: missed }),
        error: (error: unknown) => tell({ ok: false, error, missedTicks: missed }),
        complete: settle,
      });
      if (!reading.closed) pending = reading;
    };
    const isSystems = scheduler === asyncScheduler && monotonicMs === systemClock.monotonicMs;
    const alarm = isSystems ? sharedAlarm(tick, meter) : scheduledAlarm(tick, scheduler, monotonicMs);
    let pending: Subscription | null = null;
    alarm.set(dueMs);
    return () => {
      alarm.end();
      pending?.unsubscribe();
    };
  });
}

/** The first value, or that there is none. By hand: operators made anew for each tick would cost more than most reads. */
function first<T>(read: () => ObservableInput<T>, { next, error, complete }: Observer<T>): Subscription {
  const reading = new Subscription();
  const once = (tell: () => void) => {
    if (reading.closed) return;
    reading.unsubscribe();
    tell();
  };
  const fail = (thrown: unknown) => once(() => error(thrown));
  try {
    reading.add(from(read()).subscribe({ next: (value) => once(() => next(value)), error: fail, complete: () => once(complete) }));
  } catch (thrown) {
    fail(thrown);
  }
  return reading;
}

/** When a poll that begins now ticks for the first time. */
export function firstTick(nowMs: number, intervalMs: number, originMs: number): number {
  return firstOnGrid(nowMs + Math.min(intervalMs * SHORTEST_FIRST, SHORTEST_FIRST_MS), intervalMs, originMs);
}

function firstOnGrid(ms: number, intervalMs: number, originMs: number): number {
  return originMs + Math.ceil((ms - originMs) / intervalMs) * intervalMs;
}
