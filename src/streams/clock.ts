import { uptime } from 'node:os';

/** Time as the streams see it; tests hand in one that they turn themselves. All in milliseconds. */
export interface Clock {
  /** Never steps; what intervals and rates are measured with. Stands still while the host sleeps (Linux). */
  monotonicMs(): number;
  /** Unix time, for people and for sequence numbers; may step. */
  wallMs(): number;
  /** Since boot, sleep included. */
  bootMs(): number;
}

export const systemClock: Clock = {
  monotonicMs: () => performance.now(),
  wallMs: () => Date.now(),
  bootMs: () => uptime() * 1000,
};
