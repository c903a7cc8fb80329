import { AsyncLocalStorage } from 'node:async_hooks';

/** Is told how sampling goes. Whoever runs a plugin's code sets one around it; the polls started there report to it. */
export interface Meter {
  /** One tick of a poll. */
  ticked(tick: Tick): void;
  /** A poll has begun. @returns what to call when it is over */
  began(end: () => void): () => void;
  /** Runs what a poll's tick does, as what a timer calls. */
  wake(work: () => void): void;
}

export interface Tick {
  /** From the tick to its value, milliseconds. */
  readonly collectMs: number;
  /** Ticks before this one that were passed over. */
  readonly missedTicks: number;
  readonly ok: boolean;
}

export const currentMeter = new AsyncLocalStorage<Meter>();
