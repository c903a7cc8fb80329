/**
 * As plugin-timers, for `node:timers/promises`: made of the timers that are watched. What a plugin still waits for when it
 * is over, it waits for ever: the loop around it ends there, and nothing fails.
 */
import { createRequire } from 'node:module';
import { currentScope } from './plugin-call.ts';

interface WaitOptions {
  readonly signal?: AbortSignal;
  readonly ref?: boolean;
}
type Wait<V extends readonly unknown[]> = (...args: [...V, WaitOptions?]) => Promise<unknown>;
type Ticks = (delayMs?: number, value?: unknown, options?: WaitOptions) => AsyncIterable<unknown>;
interface Timer {
  unref(): void;
}
type Begin = (done: () => void) => { readonly timer: Timer; readonly stop: () => void };

interface PromisedTimers {
  setTimeout: Wait<[delayMs?: number, value?: unknown]>;
  setImmediate: Wait<[value?: unknown]>;
  setInterval: Ticks;
  readonly scheduler: { wait: Wait<[delayMs: number]> };
}

export function watchPromisedTimers(): void {
  const timers = createRequire(import.meta.url)('node:timers/promises') as PromisedTimers;
  const { setTimeout: wait, setImmediate: waitTurn, setInterval: tick } = timers;
  const { scheduler } = timers;
  const schedulersWait = scheduler.wait;

  timers.setTimeout = like(wait, (delayMs, value, options = {}) => {
    if (currentScope() === null) return wait(delayMs, value, options);
    return waiting(afterMs(delayMs), value, options, () => wait(delayMs, value, options));
  });
  timers.setImmediate = like(waitTurn, (value, options = {}) => {
    if (currentScope() === null) return waitTurn(value, options);
    return waiting(nextTurn, value, options, () => waitTurn(value, options));
  });
  timers.setInterval = like(tick, (delayMs, value, options = {}) =>
    currentScope() === null ? tick(delayMs, value, options) : ticks(delayMs, value, options, () => wait(0, value, options)),
  );
  scheduler.wait = (delayMs, options) =>
    currentScope() === null ? schedulersWait.call(scheduler, delayMs, options) : timers.setTimeout(delayMs, undefined, options);
}

function like<F extends object>(own: F, watched: F): F {
  return Object.defineProperties(watched, Object.getOwnPropertyDescriptors(own));
}

const afterMs =
  (delayMs?: number): Begin =>
  (done) => {
    const timer = setTimeout(done, delayMs);
    return { timer, stop: () => clearTimeout(timer) };
  };

const nextTurn: Begin = (done) => {
  const timer = setImmediate(done);
  return { timer, stop: () => clearImmediate(timer) };
};

/** @param refuse fails as Node does where the signal has been given */
function waiting(begin: Begin, value: unknown, { signal, ref = true }: WaitOptions, refuse: () => Promise<unknown>): Promise<unknown> {
  if (signal?.aborted) return refuse();
  return new Promise((resolve) => {
    const { timer, stop } = begin(() => {
      signal?.removeEventListener('abort', onAbort);
      resolve(value);
    });
    const onAbort = () => {
      stop();
      resolve(refuse());
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    if (!ref) timer.unref();
  });
}

async function* ticks(
  delayMs: number | undefined,
  value: unknown,
  { signal, ref = true }: WaitOptions,
  refuse: () => Promise<unknown>,
): AsyncGenerator<unknown> {
  if (signal?.aborted) await refuse();
  let due = 0;
  let wake = () => {};
  const timer = setInterval(() => {
    due++;
    wake();
  }, delayMs);
  if (!ref) timer.unref();
  const onAbort = () => wake();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    for (;;) {
      for (; due > 0; due--) yield value;
      if (!signal?.aborted) await new Promise<void>((resolve) => (wake = resolve));
      if (signal?.aborted) await refuse();
    }
  } finally {
    signal?.removeEventListener('abort', onAbort);
    clearInterval(timer);
  }
}
