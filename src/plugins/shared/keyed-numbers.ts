import type { FileBytes } from '../../core/base-plugin.ts';
import { Cursor } from './cursor.ts';

const NEWLINE = 10;
const KILOBYTES = Uint8Array.from(Buffer.from(' kB'));
const COLON = 58;
const SPACE = 32;
const TAB = 9;

interface Wanted {
  /** The key behind a line break. */
  readonly line: Buffer;
  /** Where the key ends, as it was found the last time; -1: it was not there. */
  at: number;
}

/**
 * Files of a key and a number per line (`MemTotal:  123 kB`, `pswpin 5`; meminfo, vmstat and cgroups have them). Knows
 * where each key was the last time, and looks there first: most lines of these files are not wanted, and not walked over.
 */
export class KeyedNumbers {
  readonly #cursor = new Cursor();
  readonly #wanted: readonly Wanted[];
  /** Of the wanted, as they stand in the file; those that it does not have come last. */
  #order: number[];

  constructor(wanted: readonly string[]) {
    this.#wanted = wanted.map((key) => ({ line: Buffer.from(`\n${key}`), at: -1 }));
    this.#order = wanted.map((_, index) => index);
  }

  /**
   * @returns in the order of the wanted keys; kB as bytes, NaN for a key that is missing or has no number
   * @throws where the file ends in the middle of a line
   */
  parse(file: FileBytes): Float64Array {
    const { bytes, length } = file;
    if (length > 0 && bytes[length - 1] !== NEWLINE) throw new Error('the file ends in the middle of a line');
    const text = bytes.subarray(0, length);
    const cursor = this.#cursor.open(file);
    const values = new Float64Array(this.#wanted.length).fill(Number.NaN);
    let isOrdered = true;
    let shift = 0;
    let last = 0;
    for (const index of this.#order) {
      const wanted = this.#wanted[index] as Wanted;
      const guess = wanted.at < 0 ? -1 : wanted.at + shift;
      const at = guess > 0 && isAt(text, guess, wanted.line) ? guess : find(text, last, wanted.line);
      if (at >= 0 && wanted.at >= 0) shift = at - wanted.at;
      wanted.at = at;
      if (at < last) isOrdered = false;
      if (at < 0) continue;
      last = at;
      cursor.at = at + 1;
      const value = cursor.integer();
      values[index] = cursor.skip(KILOBYTES) ? value * 1024 : value;
    }
    if (!isOrdered) this.#order = this.#sorted();
    return values;
  }

  #sorted(): number[] {
    const place = (index: number) => this.#wanted[index]?.at as number;
    const there = this.#order.filter((index) => place(index) >= 0).sort((a, b) => place(a) - place(b));
    return [...there, ...this.#order.filter((index) => place(index) < 0)];
  }
}

/** Does the key end there, and did the line begin with it? */
function isAt(text: Buffer, end: number, line: Buffer): boolean {
  const after = text[end];
  if (after !== COLON && after !== SPACE && after !== TAB) return false;
  // The first line has no line break before it.
  const isFirst = end === line.length - 1;
  const start = end - line.length;
  if (start < 0 && !isFirst) return false;
  for (let i = line.length - 1; i >= (isFirst ? 1 : 0); i--) if (text[start + i] !== line[i]) return false;
  return true;
}

/** Where the key ends, -1 where it is not there. Most often it comes soon behind the one before. */
function find(text: Buffer, from: number, line: Buffer): number {
  if (isAt(text, line.length - 1, line)) return line.length - 1;
  for (const start of from > 0 ? [from, 0] : [0]) {
    for (let found = text.indexOf(line, start); found >= 0; found = text.indexOf(line, found + 1))
      if (isAt(text, found + line.length, line)) return found + line.length;
  }
  return -1;
}
