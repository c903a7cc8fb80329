import { currentMeter, type Meter, type Tick } from '../../streams/meter.ts';
import type { PluginStatistics } from './plugin-statistics.ts';

export interface ScopeOptions {
  readonly statistics: PluginStatistics;
  /** The event loop held up for so long is worth a word, milliseconds. */
  readonly blockMs: number;
  readonly onBlocked: (what: string, ms: number) => void;
}

/**
 * What one instance of a plugin does and holds. Its code runs inside: there its timers and subscriptions are known as
 * its own, its time is taken, and its polls are metered. What is handed on to others (a sample to its readers) runs
 * outside again, on nobody's account.
 */
export class PluginScope {
  readonly #options: ScopeOptions;
  readonly #held = new Set<Held>();
  /** Of the innermost stretch that is timed now: what was spent outside. */
  #outsideMs = 0;
  #isTiming = false;

  constructor(options: ScopeOptions) {
    this.#options = options;
  }

  /** @param chain through which questions this call came about, to find those that go in a circle */
  run<T>(work: () => T, chain: readonly string[] = currentChain()): T {
    return currentMeter.run(new PluginCall(this, chain), work);
  }

  /** Runs `work` and notes where it held up the loop. @returns what it returned, a promise at once */
  time<T>(what: string, work: () => T): T {
    if (this.#isTiming) return work();
    const startMs = performance.now();
    this.#isTiming = true;
    this.#outsideMs = 0;
    try {
      return work();
    } finally {
      this.#isTiming = false;
      this.#took(what, performance.now() - startMs - this.#outsideMs);
    }
  }

  /** What happens in here is others' work, called by the plugin. */
  outside<T>(work: () => T): T {
    const startMs = performance.now();
    try {
      return currentMeter.exit(work);
    } finally {
      this.#outsideMs += performance.now() - startMs;
    }
  }

  hold(held: Held): void {
    this.#held.add(held);
  }

  release(held: Held): void {
    this.#held.delete(held);
  }

  ticked(tick: Tick): void {
    this.#options.statistics.ticked(tick);
  }

  /** Frees what the plugin has left behind. @returns what that was */
  clear(): Leaks {
    const left = [...this.#held].filter((held) => held.isLive());
    this.#held.clear();
    for (const held of left) held.free();
    const count = (kind: Held['kind']) => left.filter((held) => held.kind === kind).length;
    return { timers: count('timer'), subscriptions: count('subscription') };
  }

  #took(what: string, ms: number): void {
    if (ms >= this.#options.blockMs) this.#options.onBlocked(what, ms);
  }
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

/** One call into a plugin: whose, and through whom it came. */
class PluginCall implements Meter {
  readonly scope: PluginScope;
  readonly chain: readonly string[];

  constructor(scope: PluginScope, chain: readonly string[]) {
    this.scope = scope;
    this.chain = chain;
  }

  ticked(tick: Tick): void {
    this.scope.ticked(tick);
  }
}

export function currentScope(): PluginScope | null {
  const call = currentMeter.getStore();
  return call instanceof PluginCall ? call.scope : null;
}

export function currentChain(): readonly string[] {
  const call = currentMeter.getStore();
  return call instanceof PluginCall ? call.chain : [];
}
