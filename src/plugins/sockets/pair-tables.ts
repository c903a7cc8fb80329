import type { FileBytes } from '../../core/base-plugin.ts';
import { Cursor } from '../shared/cursor.ts';

const word = (text: string) => Uint8Array.from(Buffer.from(text));
const MINUS = word('-');
/** No kernel has so many; what has more is another file. */
const MOST_TABLES = 100;

interface Table {
  /** The line of names, and what the line of numbers begins with. */
  readonly head: Uint8Array;
  readonly start: Uint8Array;
  /** By column: where the number goes; -1 for one that is not wanted, nothing behind the last that is. */
  readonly targets: readonly number[];
}

/**
 * Pairs of lines, names and numbers: `Tcp: ActiveOpens InSegs`, `Tcp: 5 1000`; /proc/net/snmp and netstat have them.
 * Knows the names from the last time, so that a tick makes no strings.
 */
export class PairTables {
  readonly #cursor = new Cursor();
  readonly #targets: ReadonlyMap<string, number>;
  readonly #tables: Table[] = [];

  /** @param targets `Tcp ActiveOpens` -> where its number goes */
  constructor(targets: ReadonlyMap<string, number>) {
    this.#targets = targets;
  }

  /** @throws where a line of numbers is missing or the file is cut; a guess would be wrong data */
  read(file: FileBytes, values: Float64Array): void {
    const cursor = this.#cursor.open(file);
    for (let index = 0; !cursor.isAtEnd && index < MOST_TABLES; index++) {
      let table = this.#tables[index];
      if (!table || !cursor.skip(table.head)) {
        table = this.#learn(file);
        this.#tables[index] = table;
      }
      if (!cursor.skip(table.start)) throw new Error('names are not followed by their numbers');
      for (const target of table.targets) {
        cursor.skipSpaces();
        // None of the wanted ones can be: those that are no limits for 'none'.
        const isNegative = cursor.skip(MINUS);
        const value = cursor.integer();
        if (target >= 0) values[target] = isNegative ? Number.NaN : value;
      }
      cursor.skipLine();
    }
  }

  #learn({ bytes }: FileBytes): Table {
    const cursor = this.#cursor;
    const from = cursor.at;
    cursor.skipLine();
    const head = Uint8Array.from(bytes.subarray(from, cursor.at));
    const [protocol = '', ...names] = Buffer.from(head).toString('latin1').trim().split(' ');
    if (!protocol.endsWith(':')) throw new Error('a line does not begin with a protocol');
    const targets = names.map((name) => this.#targets.get(`${protocol.slice(0, -1)} ${name}`) ?? -1);
    return { head, start: word(protocol), targets: targets.slice(0, targets.findLastIndex((target) => target >= 0) + 1) };
  }
}
