import type { FileBytes } from '../../core/base-plugin.ts';
import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import { Cursor } from '../shared/cursor.ts';
import { COLUMNS, type Column } from './schema.ts';

const WIDTH = COLUMNS.length;
const MINUS = Uint8Array.of(45);
const columns = (...names: Column[]) => names.map((name) => COLUMNS.indexOf(name));
/** Columns of the file in our order. Kernels before 4.18 end with weightedIoMs, those before 5.5 with discardMs. */
const OF_DEVICE = columns(
  ...(['reads', 'readsMerged', 'readSectors', 'readMs', 'writes', 'writesMerged', 'writtenSectors', 'writeMs', 'inProgress'] as const),
  ...(['ioMs', 'weightedIoMs', 'discards', 'discardsMerged', 'discardedSectors', 'discardMs', 'flushes', 'flushMs'] as const),
);
const SHORTEST = 11;
/** All that a partition had before 2.6.25. */
const OF_OLD_PARTITION = columns('reads', 'readSectors', 'writes', 'writtenSectors');
/** What is below zero in the kernel, as an unsigned number: some drivers lose count of what is under way. */
const BELOW_ZERO = 2 ** 31;
const IN_PROGRESS = COLUMNS.indexOf('inProgress');
/** No system has so many; what has more is another file. */
const MOST_DEVICES = 100_000;

export interface DeviceNumbers {
  readonly major: number;
  readonly minor: number;
}

export interface DiskstatsTable extends CounterTable {
  /** In the order of the names. */
  readonly numbers: readonly DeviceNumbers[];
}

interface Line {
  /** Everything before the counters. */
  readonly start: Uint8Array;
  readonly name: string;
  readonly numbers: DeviceNumbers;
}

/** Parses /proc/diskstats. Knows the devices from the last time, so that a tick makes one array and no strings. */
export class DiskstatsParser {
  readonly #cursor = new Cursor();
  readonly #values = new Float64Array(OF_DEVICE.length);
  #lines: Line[] = [];
  #names: readonly string[] = [];
  #numbers: readonly DeviceNumbers[] = [];
  /** The lines are others than the names; stays so over a file that could not be read to its end. */
  #isChanged = false;

  /**
   * @returns rows without keys; the same arrays of names and numbers as long as the devices and their order stay the same
   * @throws where the file is not as expected; a guess would be wrong data
   */
  parse(file: FileBytes): DiskstatsTable {
    const cursor = this.#cursor.open(file);
    let counters = new Float64Array(Math.max(1, this.#names.length) * WIDTH).fill(Number.NaN);
    let row = 0;
    for (; !cursor.isAtEnd && row < MOST_DEVICES; row++) {
      const known = this.#lines[row];
      if (!known || !cursor.skip(known.start)) {
        this.#lines[row] = this.#learn(file);
        this.#isChanged = true;
      }
      if (counters.length < (row + 1) * WIDTH) counters = grown(counters);
      this.#counters(counters, row * WIDTH);
    }
    if (this.#isChanged || row !== this.#names.length) this.#remember(row);
    const length = row * WIDTH;
    const exact = counters.length === length ? counters : counters.slice(0, length);
    return { names: this.#names, numbers: this.#numbers, keys: [], counters: exact, width: WIDTH };
  }

  #learn({ bytes }: FileBytes): Line {
    const cursor = this.#cursor;
    const from = cursor.at;
    const numbers = { major: cursor.integer(), minor: cursor.integer() };
    cursor.skipSpaces();
    const name = cursor.word();
    if (Number.isNaN(numbers.major + numbers.minor) || name === '') throw new Error('/proc/diskstats has a line without a device');
    // With the space behind, or sda would stand for sdaa.
    return { start: Uint8Array.from(bytes.subarray(from, ++cursor.at)), name, numbers };
  }

  #counters(counters: Float64Array, offset: number): void {
    const cursor = this.#cursor;
    const values = this.#values;
    let count = 0;
    for (; count < values.length; count++) {
      cursor.skipSpaces();
      const isNegative = cursor.skip(MINUS);
      const value = cursor.integer();
      if (Number.isNaN(value)) break;
      values[count] = isNegative ? Number.NaN : value;
    }
    cursor.skipLine();
    if (count < SHORTEST && count !== OF_OLD_PARTITION.length) throw new Error('/proc/diskstats has a line that is too short');
    const targets = count < SHORTEST ? OF_OLD_PARTITION : OF_DEVICE;
    for (let column = 0; column < count; column++) counters[offset + (targets[column] as number)] = values[column] as number;
    if ((counters[offset + IN_PROGRESS] as number) >= BELOW_ZERO) counters[offset + IN_PROGRESS] = Number.NaN;
  }

  #remember(rows: number): void {
    this.#lines.length = rows;
    this.#isChanged = false;
    this.#names = this.#lines.map(({ name }) => name);
    this.#numbers = this.#lines.map(({ numbers }) => numbers);
  }
}

function grown(counters: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(counters.length * 2).fill(Number.NaN);
  larger.set(counters);
  return larger;
}
