/**
 * Node's timers, so that those that a plugin starts are known as the plugin's: timed while they run, and found where
 * `terminate` has forgotten them. Whoever is not inside a plugin gets Node's own, untouched.
 */
import { createRequire, syncBuiltinESMExports } from 'node:module';
import { currentScope, onNobodysAccount } from './plugin-call.ts';
import type { Held } from './plugin-scope.ts';
import { watchPromisedTimers } from './promised-timers.ts';

type Callback = (...args: unknown[]) => unknown;
type Timer = object & { readonly _destroyed?: boolean; [HOLD_AGAIN]?: () => void };
type Start = (callback: Callback, ...rest: unknown[]) => Timer;
type Stop = (timer: Timer) => void;

/** On a timer: called when it is started once more. */
const HOLD_AGAIN = Symbol('holdAgain');
let isWatching = false;

/** From now on, in this process. Safe to call twice, and beside another copy of this. */
export function watchTimers(): void {
  if (isWatching) return;
  isWatching = true;
  const timers = createRequire(import.meta.url)('node:timers') as Record<string, unknown>;
  watchRefresh(timers);
  for (const [name, stop, isRepeated] of [
    ['setTimeout', 'clearTimeout', false],
    ['setImmediate', 'clearImmediate', false],
    ['setInterval', 'clearInterval', true],
  ] as const) {
    const own = timers[name];
    // Two names of the same, if nobody has put something of his there.
    for (const place of [timers, globalThis as Record<string, unknown>]) {
      const start = place[name] as Start;
      const isDone = place !== timers && start === own;
      place[name] = isDone ? timers[name] : watchedStart(start, place[stop] as Stop, isRepeated);
    }
  }
  watchPromisedTimers();
  watchFetch();
  syncBuiltinESMExports();
}

function watchedStart(start: Start, stop: Stop, isRepeated: boolean): Start {
  const watched: Start = (callback, ...rest) => {
    const scope = currentScope();
    if (scope === null || typeof callback !== 'function') return start(callback, ...rest);
    const timer = start(
      function (this: unknown, ...args: unknown[]) {
        if (!isRepeated) scope.release(held);
        scope.callBack('a timer', () => callback.apply(this, args));
      },
      ...rest,
    );
    // Cleared, closed or disposed of: a timer knows it by itself.
    const held: Held = { kind: 'timer', isLive: () => timer._destroyed === false, free: () => stop(timer) };
    timer[HOLD_AGAIN] = () => scope.hold(held);
    scope.hold(held);
    return timer;
  };
  // With its promisified form, and its name.
  return Object.defineProperties(watched, Object.getOwnPropertyDescriptors(start));
}

/** A timer that has fired may be wound up again. */
function watchRefresh(timers: Record<string, unknown>): void {
  const sample = (timers.setTimeout as typeof setTimeout)(() => {}, 0);
  clearTimeout(sample);
  const prototype = Object.getPrototypeOf(sample) as { refresh: () => unknown };
  const { refresh } = prototype;
  prototype.refresh = function (this: Timer) {
    const timer = refresh.call(this);
    this[HOLD_AGAIN]?.();
    return timer;
  };
}

/** Its timers outlast the request that started them, and serve the whole process. */
function watchFetch(): void {
  const { fetch } = globalThis;
  globalThis.fetch = Object.defineProperties(
    ((...args: Parameters<typeof fetch>) =>
      currentScope() === null ? fetch(...args) : onNobodysAccount(() => fetch(...args))) as typeof fetch,
    Object.getOwnPropertyDescriptors(fetch),
  );
}
