import type { FileBytes } from '../../core/base-plugin.ts';
import { Cursor } from '../shared/cursor.ts';

/** Of sockstat: what has more is another file. */
const MOST_LINES = 100;
const MOST_PAIRS = 20;
const COLON = Uint8Array.from(Buffer.from(':'));

interface Line {
  readonly protocol: string;
  /** With its colon, so that UDP is not taken for UDPLITE. */
  readonly head: Uint8Array;
  readonly pairs: { readonly name: Uint8Array; readonly target: number }[];
}

/**
 * Lines of names, each with its number: `TCP: inuse 5 orphan 0 tw 1`; /proc/net/sockstat has them. Knows the names from
 * the last time, so that a tick makes no strings.
 */
export class PairLines {
  readonly #cursor = new Cursor();
  readonly #targets: ReadonlyMap<string, number>;
  readonly #lines: Line[] = [];

  /** @param targets `TCP inuse` -> where its number goes */
  constructor(targets: ReadonlyMap<string, number>) {
    this.#targets = targets;
  }

  /** @throws where the file ends in the middle of a line */
  read(file: FileBytes, values: Float64Array): void {
    const cursor = this.#cursor.open(file);
    for (let index = 0; !cursor.isAtEnd && index < MOST_LINES; index++) {
      let line = this.#lines[index];
      if (!line || !cursor.skip(line.head)) {
        line = this.#learn();
        this.#lines[index] = line;
      }
      for (let pair = 0; pair < MOST_PAIRS && this.#pair(line, pair, values); pair++);
      cursor.skipLine();
    }
  }

  #learn(): Line {
    const protocol = this.#cursor.word();
    this.#cursor.skip(COLON);
    return { protocol, head: Uint8Array.from(Buffer.from(`${protocol}:`, 'latin1')), pairs: [] };
  }

  /** @returns whether there was one */
  #pair(line: Line, index: number, values: Float64Array): boolean {
    const cursor = this.#cursor;
    cursor.skipSpaces();
    let pair = line.pairs[index];
    if (!pair || !cursor.skip(pair.name)) {
      const name = cursor.word();
      if (name === '') return false;
      const target = this.#targets.get(`${line.protocol} ${name}`) ?? -1;
      pair = { name: Uint8Array.from(Buffer.from(`${name} `, 'latin1')), target };
      line.pairs[index] = pair;
    }
    const value = cursor.integer();
    if (pair.target >= 0) values[pair.target] = value;
    return true;
  }
}
