import type { TransportName } from './options.ts';

const LONGEST_CLIMB_MS = 3_600_000;

/** The ways to an agent, the best first: which one is taken, and when a better one is worth a try. */
export class Ways {
  #names: readonly TransportName[];
  #at = 0;
  /** Tries of a better one, since one was good for a while. */
  #tries = 0;
  readonly #climbMs: number;

  constructor(names: readonly TransportName[], climbMs: number) {
    this.#names = names;
    this.#climbMs = climbMs;
  }

  get current(): TransportName {
    return this.#names[this.#at] as TransportName;
  }

  get isBest(): boolean {
    return this.#at === 0;
  }

  /** To the next one. @param isForGood this one needs no further try. @returns whether there is a next one */
  fall(isForGood: boolean): boolean {
    if (this.#at + 1 >= this.#names.length) return false;
    if (isForGood) this.#names = this.#names.filter((name) => name !== this.current);
    else this.#at++;
    return true;
  }

  /** One of the better ones, each in its turn. */
  better(): TransportName {
    return this.#names[this.#tries++ % this.#at] as TransportName;
  }

  take(name: TransportName): void {
    this.#at = this.#names.indexOf(name);
  }

  /** What was good for a while is worth to be tried again soon. */
  wasGood(): void {
    this.#tries = 0;
  }

  /** Until a better one is tried, milliseconds; about twice as long each time. */
  climbDelayMs(random = Math.random()): number {
    return Math.min(LONGEST_CLIMB_MS, this.#climbMs * 2 ** Math.min(this.#tries, 20) * (0.5 + random));
  }
}
