import { setImmediate } from 'node:timers/promises';

/** Nothing else waits longer than this for long work, but for one step of it. */
const SLICE_MS = 5;

/** Whoever waits for a turn gets one of the loop's own: many who work at the same time hold it up no longer than one. */
let lastTurn: Promise<void> = Promise.resolve();

function nextTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => setImmediate());
  return lastTurn;
}

/** To be awaited after each step of long work: it lets others have their turn now and then. */
export function pauses(): () => Promise<void> | undefined {
  let endMs = performance.now() + SLICE_MS;
  return () => {
    if (performance.now() < endMs) return undefined;
    return nextTurn().then(() => {
      endMs = performance.now() + SLICE_MS;
    });
  };
}
