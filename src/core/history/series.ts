/** One number over time, step by step. */
export class Series {
  readonly name: string;
  readonly unit: string | null;
  readonly #sums: Float64Array;
  readonly #weights: Float64Array;
  readonly #min: Float64Array;
  readonly #max: Float64Array;

  constructor(name: string, unit: string | null, points: number) {
    this.name = name;
    this.unit = unit;
    this.#sums = new Float64Array(points);
    this.#weights = new Float64Array(points);
    this.#min = new Float64Array(points).fill(Number.POSITIVE_INFINITY);
    this.#max = new Float64Array(points).fill(Number.NEGATIVE_INFINITY);
  }

  /** @param weight time that the value was measured over */
  add(point: number, value: number, weight: number): void {
    this.#sums[point] = (this.#sums[point] as number) + value * weight;
    this.#weights[point] = (this.#weights[point] as number) + weight;
    if (value < (this.#min[point] as number)) this.#min[point] = value;
    if (value > (this.#max[point] as number)) this.#max[point] = value;
  }

  /** As `"name":{...}`, of the first so many points. */
  toJson(points: number): string {
    const [mean, min, max]: [string[], string[], string[]] = [[], [], []];
    for (let point = 0; point < points; point++) {
      const weight = this.#weights[point] as number;
      const [least, most] = [this.#min[point] as number, this.#max[point] as number];
      // Sums are rounded, and so a little off: a counter would seem to run backwards.
      const average = Math.min(most, Math.max(least, rounded((this.#sums[point] as number) / weight)));
      mean.push(weight > 0 ? String(average) : 'null');
      min.push(weight > 0 ? String(least) : 'null');
      max.push(weight > 0 ? String(most) : 'null');
    }
    return `${JSON.stringify(this.name)}:{"unit":${JSON.stringify(this.unit)},"mean":[${mean}],"min":[${min}],"max":[${max}]}`;
  }
}

/** To millionths, as far as a number has them. */
function rounded(value: number): number {
  return Math.abs(value) < 1e9 ? Math.round(value * 1e6) / 1e6 : value;
}
