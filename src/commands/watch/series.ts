/** What numbers were in the last minute, by time. */
export const WINDOW_MS = 60_000;

interface Point {
  readonly fromMs: number;
  readonly atMs: number;
  readonly value: number | null;
}

/** A sample stands for the time since the one before, but for no longer than so many of the usual intervals: then there is a gap. */
const LONGEST_INTERVALS = 3;
const MEDIAN_OF = 9;

export class Series {
  readonly #points = new Map<string, Point[]>();
  #newestMs = 0;
  #usualMs = 0;
  #latestMs: readonly number[] = [];

  get newestMs(): number {
    return this.#newestMs;
  }

  /** Time between two samples, as it mostly is. */
  get intervalMs(): number {
    return this.#usualMs;
  }

  record(atMs: number, values: Iterable<readonly [key: string, value: number | null]>): void {
    // A clock that was set back begins anew.
    if (atMs < this.#newestMs) this.clear();
    const sinceMs = this.#newestMs === 0 ? 0 : atMs - this.#newestMs;
    const longestMs = this.#usualMs === 0 ? sinceMs : this.#usualMs * LONGEST_INTERVALS;
    const fromMs = atMs - Math.min(sinceMs, longestMs);
    for (const [key, value] of values) {
      const points = this.#points.get(key);
      if (points) points.push({ fromMs, atMs, value });
      else this.#points.set(key, [{ fromMs, atMs, value }]);
    }
    this.#newestMs = atMs;
    if (sinceMs > 0) {
      this.#latestMs = [...this.#latestMs.slice(1 - MEDIAN_OF), sinceMs];
      this.#usualMs = [...this.#latestMs].sort((a, b) => a - b)[this.#latestMs.length >> 1] as number;
    }
    this.#forget(atMs - WINDOW_MS * 1.1);
  }

  clear(): void {
    this.#points.clear();
    this.#newestMs = this.#usualMs = 0;
    this.#latestMs = [];
  }

  /** As it is now, whatever comes. */
  copy(): Series {
    const copy = new Series();
    for (const [key, points] of this.#points) copy.#points.set(key, [...points]);
    [copy.#newestMs, copy.#usualMs] = [this.#newestMs, this.#usualMs];
    return copy;
  }

  /** The last minute in so many parts, the highest in each; null where nothing is known. */
  parts(key: string, count: number): (number | null)[] {
    const partMs = WINDOW_MS / count;
    const last = Math.floor(this.#newestMs / partMs);
    const parts = new Array<number | null>(count).fill(null);
    for (const { fromMs, atMs, value } of this.#points.get(key) ?? []) {
      if (value === null) continue;
      const end = Math.floor(atMs / partMs);
      // Parts keep their limits while time goes on, so that the picture moves and does not shimmer.
      for (let part = Math.min(end, Math.floor(fromMs / partMs) + 1); part <= end; part++) {
        const at = count - 1 - (last - part);
        if (at >= 0) parts[at] = Math.max(parts[at] ?? Number.NEGATIVE_INFINITY, value);
      }
    }
    return parts;
  }

  highest(key: string): number {
    return (this.#points.get(key) ?? []).reduce((highest, { value }) => Math.max(highest, value ?? 0), 0);
  }

  /** By how much something that counts went up. */
  rise(key: string): number {
    const values = (this.#points.get(key) ?? []).flatMap(({ value }) => (value === null ? [] : [value]));
    return values.reduce((rise, value, i) => rise + Math.max(0, value - (values[i - 1] ?? value)), 0);
  }

  #forget(beforeMs: number): void {
    for (const [key, points] of this.#points) {
      const kept = points.findIndex(({ atMs }) => atMs >= beforeMs);
      if (kept === -1) this.#points.delete(key);
      else if (kept > 0) points.splice(0, kept);
    }
  }
}
