interface Made<V> {
  readonly value: V;
  readonly madeMs: number;
}

/** Values that many ask for at about the same time are made once; bounded by age and number. */
export class RecentByKey<V> {
  readonly #keepMs: number;
  readonly #most: number;
  readonly #nowMs: () => number;
  readonly #made = new Map<string, Made<V>>();

  constructor(keepMs: number, most: number, nowMs: () => number) {
    this.#keepMs = keepMs;
    this.#most = most;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#made.size;
  }

  get(key: string, make: () => V): V {
    const known = this.#made.get(key);
    if (known) return known.value;
    const value = make();
    this.#made.set(key, { value, madeMs: this.#nowMs() });
    this.forget();
    return value;
  }

  /** Lets go what is too old, and what is too many. */
  forget(): void {
    const oldestMs = this.#nowMs() - this.#keepMs;
    for (const [key, { madeMs }] of this.#made) {
      if (madeMs >= oldestMs && this.#made.size <= this.#most) return;
      this.#made.delete(key);
    }
  }
}
