import { setTimeout as sleep } from 'node:timers/promises';
import { currentMeter, type Tick } from '../../streams/meter.ts';
import { currentChain, currentlyPassed, PluginCall } from './plugin-call.ts';
import { timed } from './stretch.ts';

export interface ScopeOptions {
  /** The event loop held up for so long is worth a word, milliseconds. */
  readonly blockMs: number;
  readonly onBlocked: (what: string, ms: number) => void;
  readonly onTick: (tick: Tick) => void;
  /** What a callback of the plugin's threw that nobody waits for. */
  readonly onStray: (error: unknown, what: string) => void;
  /** Something was taken when all should have been freed. */
  readonly onLate: (kind: Held['kind']) => void;
}

/** Something that a plugin must free in `terminate`. */
export interface Held {
  readonly kind: 'timer' | 'subscription';
  isLive(): boolean;
  free(): void;
}

export interface Leaks {
  readonly timers: number;
  readonly subscriptions: number;
}

/** Time for what was under way when all was to end: looks, so far apart. */
const [LAST_LOOKS, LOOK_MS] = [20, 5];
/** What was freed unseen is looked for whenever so much, or twice as much as was live last, is kept. */
const SWEEP_FROM = 512;

/**
 * What one instance of a plugin does and holds. Its code runs inside: there its timers and subscriptions are known as
 * its own, its time is taken, and its polls are metered. What is handed on to others (a sample to its readers) runs
 * outside again, on nobody's account.
 */
export class PluginScope {
  readonly #options: ScopeOptions;
  readonly #held = new Set<Held>();
  #sweepAt = SWEEP_FROM;
  #isOver = false;

  constructor(options: ScopeOptions) {
    this.#options = options;
  }

  /**
   * Runs the plugin's code and notes where it held up the loop.
   * @param chain through which questions this call came about, to find those that go in a circle
   * @returns what it returned, a promise at once
   */
  run<T>(what: string, work: () => T, chain = currentChain(), passed = currentlyPassed()): T {
    return currentMeter.run(new PluginCall(this, chain, passed), () => this.time(what, work));
  }

  /** As `run`, where the plugin's code has brought its context along. */
  time<T>(what: string, work: () => T): T {
    return timed(this, work, (ms) => {
      if (ms >= this.#options.blockMs) this.#options.onBlocked(what, ms);
    });
  }

  /** A callback that the plugin has left with us, and whose outcome nobody waits for. */
  callBack(what: string, work: () => unknown): void {
    const onStray = (error: unknown) => this.#options.onStray(error, what);
    try {
      const outcome = this.time(what, work);
      if (outcome instanceof Promise) outcome.catch(onStray);
    } catch (error) {
      onStray(error);
    }
  }

  hold(held: Held): void {
    if (this.#isOver) {
      held.free();
      this.#options.onLate(held.kind);
      return;
    }
    this.#held.add(held);
    if (this.#held.size >= this.#sweepAt) this.#sweep();
  }

  release(held: Held): void {
    this.#held.delete(held);
  }

  ticked(tick: Tick): void {
    this.#options.onTick(tick);
  }

  /** How much is kept in mind, live or not. */
  get size(): number {
    return this.#held.size;
  }

  /** A read that was under way when the plugin was to end may end, too: what is live after a tenth of a second was left behind. */
  async end(): Promise<Leaks> {
    for (let looks = 0; looks < LAST_LOOKS && [...this.#held].some((held) => held.isLive()); looks++) await sleep(LOOK_MS);
    return this.clear();
  }

  /** Frees what the plugin has left behind, and from now on whatever it takes. @returns what that was */
  clear(): Leaks {
    this.#isOver = true;
    const left = [...this.#held].filter((held) => held.isLive());
    this.#held.clear();
    for (const held of left) held.free();
    const count = (kind: Held['kind']) => left.filter((held) => held.kind === kind).length;
    return { timers: count('timer'), subscriptions: count('subscription') };
  }

  #sweep(): void {
    for (const held of this.#held) if (!held.isLive()) this.#held.delete(held);
    this.#sweepAt = Math.max(SWEEP_FROM, 2 * this.#held.size);
  }
}
