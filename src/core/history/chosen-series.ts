import { HostpulseError } from '../errors.ts';
import { unknownField } from './numeric-fields.ts';
import { Series } from './series.ts';

/** Points of all series: with mean, min and max some 20 MB of JSON. */
const MOST_NUMBERS = 700_000;

/** The series that are asked for, as they are found. */
export class ChosenSeries {
  readonly all: Series[] = [];
  /** As asked for: by a field's own name, by the path to it, or as a series is named; null: all. */
  readonly #fields: readonly string[] | null;
  readonly #points: number;
  readonly #seen = new Set<string>();
  readonly #found = new Set<string>();

  constructor(fields: readonly string[] | null, points: number) {
    this.#fields = fields;
    this.#points = points;
  }

  /** null where it is not wanted. @throws HOSTPULSE_ERR_BAD_VARIABLE where there are too many */
  open({ path, fieldPath }: { readonly path: string; readonly fieldPath: string }, unit: string | null): Series | null {
    const name = fieldPath.slice(fieldPath.lastIndexOf('/') + 1);
    this.#seen.add(name);
    const words = [name, fieldPath, path].filter((word) => this.#fields?.includes(word));
    for (const word of words) this.#found.add(word);
    if (this.#fields !== null && words.length === 0) return null;
    if ((this.all.length + 1) * this.#points > MOST_NUMBERS) throw this.#tooMany();
    const series = new Series(path, unit, this.#points);
    this.all.push(series);
    return series;
  }

  /** Where nobody declares what there is, only values tell. @throws HOSTPULSE_ERR_BAD_VARIABLE */
  refuseUnknown(): void {
    const unknown = this.#fields?.find((word) => !this.#found.has(word));
    if (unknown !== undefined && this.#seen.size > 0) throw unknownField(unknown, this.#seen);
  }

  #tooMany(): HostpulseError {
    const allowed = 'fewer fields or elements, a longer step, or less time';
    return new HostpulseError(
      'HOSTPULSE_ERR_BAD_VARIABLE',
      `that is more than ${MOST_NUMBERS} values: ${this.#points} for each series, and there are more than ${this.all.length} of these; allowed: ${allowed}`,
    );
  }
}
