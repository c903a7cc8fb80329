/** The newest values of a stream, bounded by age and number, oldest first. Times are of the monotonic clock. */
export class History<T extends { readonly monotonicMs: number }> {
  readonly #maxAgeMs: number;
  readonly #maxCount: number;
  #values: T[] = [];

  constructor(maxAgeMs: number, maxCount = 10_000) {
    this.#maxAgeMs = maxAgeMs;
    this.#maxCount = maxCount;
  }

  push(value: T): void {
    this.#values.push(value);
    const oldest = value.monotonicMs - this.#maxAgeMs;
    const keep = Math.max(
      this.#values.findIndex((old) => old.monotonicMs >= oldest),
      this.#values.length - this.#maxCount,
    );
    if (keep > 0) this.#values.splice(0, keep);
  }

  get newest(): T | null {
    return this.#values.at(-1) ?? null;
  }

  get size(): number {
    return this.#values.length;
  }

  /** The newest value that is not younger than `monotonicMs`; the oldest where history does not reach back so far. */
  atOrBefore(monotonicMs: number): T | null {
    for (let i = this.#values.length - 1; i >= 0; i--) {
      const value = this.#values[i] as T;
      if (value.monotonicMs <= monotonicMs) return value;
    }
    return this.#values[0] ?? null;
  }
}
