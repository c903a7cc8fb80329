/** Of so many values at the top, one is above the 95th percentile. */
const ONE_IN = 20;

/**
 * The least, the greatest and the 95th percentile of many series at once, exactly, without keeping the series: what
 * is above the percentile is a twentieth of it, and only that is kept, the greatest first.
 *
 * The percentile is that of the nearest rank: the least value that 95 of 100 do not exceed. It was measured, where
 * one between two neighbours would be a number that never was; with 20 values it is the second greatest.
 */
export class Extremes {
  readonly cells: number;
  readonly #kept: number;
  /** Per cell the greatest, in falling order. */
  readonly #greatest: Float64Array;
  readonly #least: Float64Array;
  readonly #counts: Uint32Array;

  constructor(cells: number, mostValues: number) {
    this.cells = cells;
    this.#kept = Math.floor(mostValues / ONE_IN) + 1;
    this.#greatest = new Float64Array(cells * this.#kept).fill(Number.NEGATIVE_INFINITY);
    this.#least = new Float64Array(cells).fill(Number.POSITIVE_INFINITY);
    this.#counts = new Uint32Array(cells);
  }

  /** NaN is no value. */
  add(cell: number, value: number): void {
    if (Number.isNaN(value)) return;
    this.#counts[cell] = (this.#counts[cell] as number) + 1;
    if (value < (this.#least[cell] as number)) this.#least[cell] = value;
    const greatest = this.#greatest;
    const first = cell * this.#kept;
    let at = first + this.#kept - 1;
    if (!(value > (greatest[at] as number))) return;
    for (; at > first && value > (greatest[at - 1] as number); at--) greatest[at] = greatest[at - 1] as number;
    greatest[at] = value;
  }

  /** Least, greatest, 95th percentile; NaN where there was no value. */
  tell(cell: number, into: Float64Array, at: number): void {
    const count = this.#counts[cell] as number;
    const first = cell * this.#kept;
    const above = Math.min(Math.floor(count / ONE_IN), this.#kept - 1);
    into[at] = count === 0 ? Number.NaN : (this.#least[cell] as number);
    into[at + 1] = count === 0 ? Number.NaN : (this.#greatest[first] as number);
    into[at + 2] = count === 0 ? Number.NaN : (this.#greatest[first + above] as number);
  }

  /** A series goes on in another cell. */
  copy(from: Extremes, oldCell: number, cell: number): void {
    const kept = from.#greatest.subarray(oldCell * this.#kept, (oldCell + 1) * this.#kept);
    this.#greatest.set(kept, cell * this.#kept);
    this.#least[cell] = from.#least[oldCell] as number;
    this.#counts[cell] = from.#counts[oldCell] as number;
  }

  clear(): void {
    this.#greatest.fill(Number.NEGATIVE_INFINITY);
    this.#least.fill(Number.POSITIVE_INFINITY);
    this.#counts.fill(0);
  }
}
