import type { FileBytes } from '../../core/base-plugin.ts';
import { Cursor } from '../shared/cursor.ts';
import { AVERAGES, EXTENTS } from './schema.ts';

const word = (text: string) => Uint8Array.from(Buffer.from(text));
const LINE_STARTS = EXTENTS.map((extent) => word(`${extent} `));
const KEYS = ['avg10=', ' avg60=', ' avg300='].map(word);
const TOTAL = word(' total=');

/** Parses a file of /proc/pressure: `some avg10=0.00 avg60=0.00 avg300=0.00 total=0`, and the same for `full`. */
export class PressureParser {
  readonly #cursor = new Cursor();

  /**
   * @param averages gets the ratios of some and full from `row` on
   * @param totals gets the microseconds; a line that is not there leaves NaN
   * @throws where the file is not as expected
   */
  parse(file: FileBytes, averages: Float64Array, totals: Float64Array, row: number): void {
    const cursor = this.#cursor.open(file);
    if (cursor.isAtEnd) throw new Error('the file is empty');
    while (!cursor.isAtEnd) {
      const extent = LINE_STARTS.findIndex((start) => cursor.skip(start));
      if (extent >= 0) this.#line(averages, totals, row * EXTENTS.length + extent);
      cursor.skipLine();
    }
  }

  #line(averages: Float64Array, totals: Float64Array, column: number): void {
    KEYS.forEach((key, index) => {
      // Per cent, with two decimals.
      averages[column * AVERAGES.length + index] = this.#after(key).decimal() / 100;
    });
    totals[column] = this.#after(TOTAL).integer();
    if (Number.isNaN(totals[column]) || Number.isNaN(averages[column * AVERAGES.length])) throw new Error('a line lacks a number');
  }

  #after(key: Uint8Array): Cursor {
    if (!this.#cursor.skip(key)) throw new Error(`a line has no ${Buffer.from(key).toString().trim()}`);
    return this.#cursor;
  }
}
