export interface BackoffOptions {
  /** The first pause is no longer than this, milliseconds. */
  readonly firstMs: number;
  /** No pause is longer than this, milliseconds. */
  readonly mostMs: number;
}

/**
 * Pauses between attempts: each is anything up to a bound, and the bound doubles. That it may also be short is what
 * spreads clients that have lost the same agent at the same moment.
 */
export class Backoff {
  /** Pauses since the last success. */
  attempts = 0;
  readonly #options: BackoffOptions;
  readonly #random: () => number;

  constructor(options: BackoffOptions, random: () => number = Math.random) {
    this.#options = options;
    this.#random = random;
  }

  /** Length of the next pause, milliseconds. */
  next(): number {
    const { firstMs, mostMs } = this.#options;
    const boundMs = Math.min(mostMs, firstMs * 2 ** Math.min(this.attempts++, 30));
    return Math.round(boundMs * this.#random());
  }

  reset(): void {
    this.attempts = 0;
  }
}
