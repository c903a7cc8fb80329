import { type Change, linkChanges } from './events.ts';
import type { Links } from './link.ts';
import type { NetworkSource, Walk } from './source.ts';

/** Looking may take this share of the time: a host with very many interfaces is looked at less often. */
const SHARE_OF_TIME = 0.002;
/** Others have their turn when a look has taken so much in a row. */
const LONGEST_TURN_MS = 3;

export interface LinkWatchOptions {
  readonly source: NetworkSource;
  /** How often to look, where looking is cheap, milliseconds. */
  readonly intervalMs: number;
  readonly onChanges: (changes: readonly Change[]) => void;
  readonly onFailure: (error: unknown) => void;
}

/** Keeps what is known of the interfaces beside their counters, and tells what changed. */
export class LinkWatch {
  links: Links = new Map();
  readonly #options: LinkWatchOptions;
  #walk: Walk | null = null;
  #turn: NodeJS.Immediate | null = null;
  /** Of the source's that cannot be interrupted. */
  #asked: Promise<void> | null = null;
  /** Called when there is a new picture, or none to be had. */
  #waiting: (() => void)[] = [];
  #nextMs = 0;
  #tookMs = 0;

  constructor(options: LinkWatchOptions) {
    this.#options = options;
  }

  lookIfDue(): void {
    if (!this.#walk && performance.now() >= this.#nextMs) this.look();
  }

  /**
   * Looks from the beginning, also where a look is under way.
   * @returns when new interfaces are known; null: they are
   */
  look(): Promise<void> | null {
    if (this.#asked) return this.#asked;
    this.#stop();
    const startMs = performance.now();
    try {
      const looking = this.#options.source.inspect();
      if (looking instanceof Promise) return this.#ask(looking, startMs);
      this.#walk = looking;
      this.#step(looking, startMs, 0);
    } catch (error) {
      this.#fail(error);
    }
    return this.#walk === null ? null : new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): void {
    this.#stop();
    this.#release();
  }

  #ask(looking: Promise<Links>, startMs: number): Promise<void> {
    const settle = (links: Links) => {
      this.#asked = null;
      this.#plan(startMs, performance.now() - startMs);
      this.#exchange(links);
    };
    this.#asked = looking.then(settle).catch((error: unknown) => this.#fail(error));
    return this.#asked;
  }

  #step(walk: Walk, startMs: number, tookMs: number): void {
    const fromMs = performance.now();
    const goOn = () => {
      try {
        // Another look may have begun since.
        if (this.#walk === walk) this.#step(walk, startMs, tookMs + nowMs - fromMs);
      } catch (error) {
        this.#fail(error);
      }
    };
    let nowMs = fromMs;
    for (; nowMs - fromMs < LONGEST_TURN_MS; nowMs = performance.now()) {
      const { value, done } = walk.next();
      if (done) {
        this.#walk = null;
        this.#plan(startMs, tookMs + performance.now() - fromMs);
      }
      if (value instanceof Promise) {
        nowMs = performance.now();
        return void value.then(goOn, goOn);
      }
      if (value) this.#exchange(value);
      if (done) return;
    }
    this.#turn = setImmediate(goOn);
  }

  /** @param tookMs of everybody's time, without what others did in between */
  #plan(startMs: number, tookMs: number): void {
    // One slow look (the first, one at many new interfaces, one at a busy time) says nothing about the next.
    const usualMs = Math.min(tookMs, this.#tookMs);
    this.#tookMs = tookMs;
    // A little less than the interval, else every other tick would come too early.
    this.#nextMs = startMs + Math.max(this.#options.intervalMs * 0.9, usualMs / SHARE_OF_TIME);
  }

  #exchange(links: Links): void {
    const before = this.links;
    this.links = links;
    const changes = before === links || before.size === 0 ? [] : linkChanges(before, links);
    if (changes.length > 0) this.#options.onChanges(changes);
    this.#release();
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }

  #stop(): void {
    if (this.#turn) clearImmediate(this.#turn);
    this.#turn = null;
    this.#walk = null;
  }

  #fail(error: unknown): void {
    this.#asked = null;
    this.#stop();
    this.#options.onFailure(error);
    this.#release();
  }
}
