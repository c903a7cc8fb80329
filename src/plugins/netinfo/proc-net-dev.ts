import type { FileBytes } from '../../core/base-plugin.ts';
import { COLUMNS } from './schema.ts';

/** Columns of /proc/net/dev in our order: receive bytes, packets, errs, drop are 0-3, transmit the same from 8 on. */
const OUR_COLUMNS = [0, 2, 4, 6, -1, -1, -1, -1, 1, 3, 5, 7, -1, -1, -1, -1];
/** All sixteen, as they stand there. */
export const ALL_COLUMNS = OUR_COLUMNS.map((_, column) => column);
const NEWLINE = 10;
const SPACE = 32;
const COLON = 58;
const ZERO = 48;

/**
 * Parses /proc/net/dev. Works on the bytes and knows the names from the last time, so that a tick on an unchanged
 * host makes one array and no strings.
 */
export class NetDevParser {
  #names: readonly string[] = [];
  #nameBytes: readonly Uint8Array[] = [];
  readonly #targets: readonly number[];
  readonly #width: number;

  /** @param targets for each of the sixteen columns where it goes; -1: nowhere */
  constructor(targets: readonly number[] = OUR_COLUMNS) {
    this.#targets = targets;
    this.#width = targets === OUR_COLUMNS ? COLUMNS.length : targets.length;
  }

  /**
   * @returns names (the same array as long as the interfaces and their order stay the same) and counters, row by row
   * @throws where the file is not as expected; a guess would be wrong data
   */
  parse({ bytes, length }: FileBytes): { names: readonly string[]; counters: Float64Array } {
    const width = this.#width;
    let at = afterHeader(bytes, length);
    let counters = new Float64Array(Math.max(1, this.#names.length) * width);
    let changed: Uint8Array[] | null = null;
    let row = 0;
    while (at < length) {
      while (bytes[at] === SPACE) at++;
      const start = at;
      while (at < length && bytes[at] !== COLON) at++;
      if (!changed && !this.#isKnownName(row, bytes, start, at)) changed = this.#nameBytes.slice(0, row);
      changed?.push(bytes.subarray(start, at));
      if (counters.length < (row + 1) * width) counters = grown(counters);
      at = parseRow(bytes, at + 1, length, counters, row * width, this.#targets);
      row++;
    }
    if (changed || row !== this.#names.length) this.#remember(changed ?? this.#nameBytes.slice(0, row));
    return { names: this.#names, counters: counters.length === row * width ? counters : counters.slice(0, row * width) };
  }

  #isKnownName(row: number, bytes: Buffer, start: number, end: number): boolean {
    const name = this.#nameBytes[row];
    if (!name || name.length !== end - start) return false;
    for (let i = 0; i < name.length; i++) if (bytes[start + i] !== name[i]) return false;
    return true;
  }

  #remember(nameBytes: readonly Uint8Array[]): void {
    this.#nameBytes = nameBytes.map((name) => Uint8Array.from(name));
    this.#names = nameBytes.map((name) => Buffer.from(name).toString());
  }
}

function afterHeader(bytes: Buffer, length: number): number {
  const first = bytes.indexOf(NEWLINE);
  const second = bytes.indexOf(NEWLINE, first + 1);
  if (first < 0 || second < 0 || second >= length) throw new Error('/proc/net/dev has no header');
  return second + 1;
}

function grown(counters: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(counters.length * 2);
  larger.set(counters);
  return larger;
}

/** Sixteen numbers and the end of the line. Above 2^53 (9 PB) the last digit is rounded, which no rate can show. */
function parseRow(
  bytes: Buffer,
  start: number,
  length: number,
  counters: Float64Array,
  offset: number,
  targets: readonly number[],
): number {
  let at = start;
  for (const target of targets) {
    while (bytes[at] === SPACE) at++;
    let value = 0;
    const first = at;
    for (let digit = (bytes[at] ?? 0) - ZERO; digit >= 0 && digit <= 9; digit = (bytes[++at] ?? 0) - ZERO) value = value * 10 + digit;
    if (at === first || at >= length) throw new Error('/proc/net/dev ends in the middle of a line');
    if (target >= 0) counters[offset + target] = value;
  }
  while (at < length && bytes[at] !== NEWLINE) at++;
  return at + 1;
}
