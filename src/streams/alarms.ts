import { AsyncResource } from 'node:async_hooks';
import type { SchedulerLike, Subscription } from 'rxjs';
import { firstWhere } from './first-where.ts';
import type { Meter } from './meter.ts';

/** Calls when its time has come, once per setting. */
export interface Alarm {
  /** On the monotonic clock. In place of what was set before. */
  set(dueMs: number): void;
  end(): void;
}

interface Entry {
  dueMs: number;
  readonly ring: () => void;
}

/** What is due within this is rung with the first of them: waking up costs more than most reads. */
const TOGETHER_MS = 1;
/** Others, requests among them, have their turn when so much has been rung in a row. */
const LONGEST_TURN_MS = 10;
const LONGEST_TIMEOUT_MS = 2 ** 31 - 1;

/** Due last comes first: the next one is at the end. */
const waiting: Entry[] = [];
let timer: ReturnType<typeof setTimeout> | null = null;
let timerMs = Number.POSITIVE_INFINITY;
let isRinging = false;
/** The timer is nobody's in particular, whoever has set the first alarm. */
const nobody = new AsyncResource('hostpulse alarms');

/**
 * Of all alarms on `performance.now()`, one timer: what is due together costs one wake-up. Rings in the asynchronous
 * context that it was made in.
 * @param meter of who made it, who is told when it ends, and can end it
 */
export function sharedAlarm(work: () => void, meter: Meter | undefined): Alarm {
  const context = new AsyncResource('hostpulse alarm');
  const metered = meter ? () => meter.wake(work) : work;
  const entry: Entry = { dueMs: Number.NaN, ring: () => context.runInAsyncScope(metered) };
  let isOver = false;
  const end = () => {
    isOver = true;
    remove(entry);
    release?.();
  };
  const release = meter?.began(end);
  return {
    set: (dueMs) => {
      remove(entry);
      if (isOver) return;
      entry.dueMs = dueMs;
      waiting.splice(placeOf(dueMs), 0, entry);
      if (!isRinging) wind();
    },
    end,
  };
}

/** On another clock: a test's. */
export function scheduledAlarm(work: () => void, scheduler: SchedulerLike, monotonicMs: () => number): Alarm {
  let pending: Subscription | null = null;
  const end = () => pending?.unsubscribe();
  const set = (dueMs: number) => {
    end();
    pending = scheduler.schedule(work, Math.max(0, Math.ceil(dueMs - monotonicMs())));
  };
  return { set, end };
}

/** Of those due at the same time, who was set first is nearest to the end. */
function placeOf(dueMs: number): number {
  return firstWhere(waiting, (entry) => entry.dueMs <= dueMs);
}

function remove(entry: Entry): void {
  if (Number.isNaN(entry.dueMs)) return;
  for (let at = placeOf(entry.dueMs); at < waiting.length; at++) {
    if (waiting[at] !== entry) continue;
    waiting.splice(at, 1);
    break;
  }
  entry.dueMs = Number.NaN;
  if (!isRinging && waiting.length === 0) wind();
}

/** Sets the timer to the first that is due. One that would come too early is left: it finds nothing to do, and is set anew. */
function wind(): void {
  const next = waiting.at(-1);
  if (next && timer && timerMs <= next.dueMs) return;
  if (timer) clearTimeout(timer);
  timer = null;
  if (!next) return;
  timerMs = next.dueMs;
  const delayMs = Math.min(LONGEST_TIMEOUT_MS, Math.max(0, Math.ceil(timerMs - performance.now())));
  timer = nobody.runInAsyncScope(() => setTimeout(ringAll, delayMs));
}

function ringAll(): void {
  timer = null;
  isRinging = true;
  const startMs = performance.now();
  let nowMs = startMs;
  // Of those that are set anew meanwhile, none is due before its next tick.
  for (let next = waiting.at(-1); next && next.dueMs <= nowMs + TOGETHER_MS; next = waiting.at(-1)) {
    if (nowMs - startMs > LONGEST_TURN_MS) break;
    waiting.pop();
    next.dueMs = Number.NaN;
    try {
      next.ring();
    } catch (error) {
      // As if each had had a timer of its own: an error nobody has caught, and the others go on.
      queueMicrotask(() => {
        throw error;
      });
    }
    nowMs = performance.now();
  }
  isRinging = false;
  wind();
}
