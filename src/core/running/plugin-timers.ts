/**
 * Node's timers, so that those that a plugin starts are known as the plugin's: timed while they run, and found where
 * `terminate` has forgotten them. Whoever is not inside a plugin gets Node's own, untouched.
 */
import { currentScope, type Held, type PluginScope } from './plugin-scope.ts';

type Callback = (...args: unknown[]) => unknown;
type Start = (callback: Callback, ...rest: unknown[]) => NodeJS.Timeout;
type Stop = (timer: unknown) => void;

const owners = new WeakMap<object, { readonly scope: PluginScope; readonly held: Held }>();
let isWatching = false;

export function watchTimers(): void {
  if (isWatching) return;
  isWatching = true;
  const timers = globalThis as unknown as Record<string, Start & Stop>;
  for (const [start, stop, isRepeated] of [
    ['setTimeout', 'clearTimeout', false],
    ['setImmediate', 'clearImmediate', false],
    ['setInterval', 'clearInterval', true],
  ] as const) {
    const [startOne, stopOne] = [timers[start] as Start, timers[stop] as Stop];
    replace(start, watchedStart(startOne, stopOne, isRepeated));
    replace(stop, (timer: unknown) => {
      forget(timer);
      stopOne(timer);
    });
  }
}

function replace(name: string, by: unknown): void {
  const original = Object.getOwnPropertyDescriptors((globalThis as unknown as Record<string, object>)[name] as object);
  // With its promisified form, and its name.
  Object.defineProperties(by as object, original);
  (globalThis as unknown as Record<string, unknown>)[name] = by;
}

function watchedStart(start: Start, stop: Stop, isRepeated: boolean): Start {
  return (callback, ...rest) => {
    const scope = currentScope();
    if (scope === null || typeof callback !== 'function') return start(callback, ...rest);
    const timer = start(
      function (this: unknown, ...args: unknown[]) {
        if (!isRepeated) forget(timer);
        return scope.time('a timer', () => callback.apply(this, args));
      },
      ...rest,
    );
    const held: Held = {
      kind: 'timer',
      isLive: () => !(timer as unknown as { _destroyed?: boolean })._destroyed,
      free: () => stop(timer),
    };
    owners.set(timer, { scope, held });
    scope.hold(held);
    return timer;
  };
}

function forget(timer: unknown): void {
  if (typeof timer !== 'object' || timer === null) return;
  const owner = owners.get(timer);
  owner?.scope.release(owner.held);
}
