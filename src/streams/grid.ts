import type { Clock } from './clock.ts';

/** The first origin on a clock; the others are laid out from it. */
const anchors = new WeakMap<Clock, number>();

/** So much of a cell may an origin be early; the rest of it, late. Who starts shortly after the first meets it. */
const EARLY_SHARE = 0.75;

/**
 * Where the ticks of a sampler begin: about `afterMs` from now, and in step with the other samplers of that clock.
 * Waking up costs more than a read does, so what is sampled at the same pace is sampled in the same moment.
 */
export function commonOrigin(clock: Clock, afterMs: number): number {
  const idealMs = clock.monotonicMs() + afterMs;
  const anchorMs = anchors.get(clock);
  if (anchorMs === undefined) {
    anchors.set(clock, idealMs);
    return idealMs;
  }
  return anchorMs + Math.ceil((idealMs - anchorMs) / afterMs - EARLY_SHARE) * afterMs;
}
