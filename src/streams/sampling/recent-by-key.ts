interface Made<V> {
  readonly value: V;
  readonly madeMs: number;
  readonly bytes: number;
}

export interface RecentLimits {
  readonly keepMs: number;
  readonly most: number;
  /** Of what they are made of. */
  readonly mostBytes: number;
}

/** Values that many ask for at about the same time are made once; bounded by age, number and size. */
export class RecentByKey<V> {
  readonly #limits: RecentLimits;
  readonly #nowMs: () => number;
  readonly #made = new Map<string, Made<V>>();
  #bytes = 0;

  constructor(limits: RecentLimits, nowMs: () => number) {
    this.#limits = limits;
    this.#nowMs = nowMs;
  }

  get size(): number {
    return this.#made.size;
  }

  /** @param bytesOf how big it is, asked once it has been made */
  get(key: string, make: () => V, bytesOf: () => number): V {
    const known = this.#made.get(key);
    if (known) return known.value;
    const value = make();
    const bytes = bytesOf();
    this.#made.set(key, { value, madeMs: this.#nowMs(), bytes });
    this.#bytes += bytes;
    this.forget();
    return value;
  }

  /** Lets go what is too old, and what is too much. */
  forget(): void {
    const { keepMs, most, mostBytes } = this.#limits;
    const oldestMs = this.#nowMs() - keepMs;
    for (const [key, { madeMs, bytes }] of this.#made) {
      if (madeMs >= oldestMs && this.#made.size <= most && this.#bytes <= mostBytes) return;
      this.#made.delete(key);
      this.#bytes -= bytes;
    }
  }
}
