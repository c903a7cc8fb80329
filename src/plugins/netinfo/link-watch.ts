import { type Change, linkChanges } from './events.ts';
import type { Links } from './link.ts';
import type { NetworkSource } from './source.ts';

/** Looking may take this share of the time: a host with very many interfaces is looked at less often. */
const SHARE_OF_TIME = 0.002;

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
  #isLooking = false;
  #nextMs = 0;
  #tookMs = 0;

  constructor(options: LinkWatchOptions) {
    this.#options = options;
  }

  lookIfDue(): void {
    if (performance.now() >= this.#nextMs) this.look();
  }

  look(): void {
    if (this.#isLooking) return;
    this.#isLooking = true;
    const startMs = performance.now();
    try {
      const links = this.#options.source.inspect();
      if (links instanceof Promise) links.then((found) => this.#settle(found, startMs)).catch((error: unknown) => this.#fail(error));
      else this.#settle(links, startMs);
    } catch (error) {
      this.#fail(error);
    }
  }

  #settle(links: Links, startMs: number): void {
    this.#isLooking = false;
    const tookMs = performance.now() - startMs;
    // One slow look (the first, one at many new interfaces, one at a busy time) says nothing about the next.
    const usualMs = Math.min(tookMs, this.#tookMs);
    this.#tookMs = tookMs;
    // A little less than the interval, else every other tick would come too early.
    this.#nextMs = startMs + Math.max(this.#options.intervalMs * 0.9, usualMs / SHARE_OF_TIME);
    if (links === this.links) return;
    const changes = this.links.size > 0 ? linkChanges(this.links, links) : [];
    this.links = links;
    if (changes.length > 0) this.#options.onChanges(changes);
  }

  #fail(error: unknown): void {
    this.#isLooking = false;
    this.#options.onFailure(error);
  }
}
