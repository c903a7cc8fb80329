import type { Feed } from '../feed.ts';

/** Questions that failed alone, each on its way to be asked again. */
export class Reasks {
  readonly #ask: (feed: Feed) => void;
  readonly #timers = new Map<Feed, ReturnType<typeof setTimeout>>();

  constructor(ask: (feed: Feed) => void) {
    this.#ask = ask;
  }

  later(feed: Feed, ms: number = feed.backoff.next()): void {
    this.drop(feed);
    const timer = setTimeout(() => {
      this.#timers.delete(feed);
      this.#ask(feed);
    }, ms);
    this.#timers.set(feed, timer);
  }

  drop(feed: Feed): void {
    clearTimeout(this.#timers.get(feed));
    this.#timers.delete(feed);
  }

  end(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
