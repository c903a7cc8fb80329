/** How long something took, milliseconds: of all that were recorded. */
export interface DurationSummary {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

/** From a microsecond to an hour; each octave in this many equal parts, so that a percentile is right to 3 %. */
const PARTS = 32;
const PART_BITS = 5;
const MOST_MICROSECONDS = 3_600_000_000;

/** Durations, counted by size: three kilobytes, made with the first one, however many come. */
export class Durations {
  #counts: Uint32Array | null = null;
  #total = 0;
  #maxMs = 0;

  record(ms: number): void {
    this.#counts ??= new Uint32Array(placeOf(MOST_MICROSECONDS) + 1);
    const place = placeOf(Math.min(MOST_MICROSECONDS, Math.max(1, Math.round(ms * 1000))));
    this.#counts[place] = (this.#counts[place] as number) + 1;
    this.#total++;
    this.#maxMs = Math.max(this.#maxMs, ms);
  }

  /** null before the first. */
  summary(): DurationSummary | null {
    const counts = this.#counts;
    if (!counts) return null;
    const max = Math.round(this.#maxMs * 1000) / 1000;
    const percentile = (ratio: number) => Math.min(max, middleOf(this.#placeOfRank(counts, Math.ceil(ratio * this.#total))) / 1000);
    return { p50: percentile(0.5), p99: percentile(0.99), max };
  }

  #placeOfRank(counts: Uint32Array, rank: number): number {
    let seen = 0;
    return counts.findIndex((count) => {
      seen += count;
      return seen >= rank;
    });
  }
}

/** The first ones are exact; from there on the highest bits of a number say where it is counted. */
function placeOf(microseconds: number): number {
  const bits = 32 - Math.clz32(microseconds);
  const shift = Math.max(0, bits - PART_BITS - 1);
  return shift * PARTS + (microseconds >>> shift);
}

function middleOf(place: number): number {
  const shift = Math.max(0, Math.floor(place / PARTS) - 1);
  const lowest = (place - shift * PARTS) * 2 ** shift;
  return lowest + Math.floor((2 ** shift - 1) / 2);
}
