import type { FileBytes } from '../../core/base-plugin.ts';
import { Cursor } from './cursor.ts';

const KILOBYTES = Uint8Array.from(Buffer.from(' kB'));
const BETWEEN = [Uint8Array.from(Buffer.from(':')), Uint8Array.from(Buffer.from(' '))];
/** No file of the kernel's has so many lines; what has more is none. */
const MOST_LINES = 10_000;
const UNWANTED = -1;

interface Line {
  /** The key and what follows it, up to the number's spaces. */
  readonly start: Uint8Array;
  readonly target: number;
}

/**
 * Files of a key and a number per line (`MemTotal:  123 kB`, `pswpin 5`; meminfo, vmstat and cgroups have them). Knows
 * the lines from the last time, so that a tick makes one array and no strings.
 */
export class KeyedNumbers {
  readonly #cursor = new Cursor();
  readonly #targets: ReadonlyMap<string, number>;
  readonly #lines: Line[] = [];

  constructor(wanted: readonly string[]) {
    this.#targets = new Map(wanted.map((key, index) => [key, index]));
  }

  /**
   * @returns in the order of the wanted keys; kB as bytes, NaN for a key that is missing or has no number
   * @throws where the file ends in the middle of a line
   */
  parse(file: FileBytes): Float64Array {
    const cursor = this.#cursor.open(file);
    const values = new Float64Array(this.#targets.size).fill(Number.NaN);
    for (let index = 0; !cursor.isAtEnd && index < MOST_LINES; index++) {
      let line = this.#lines[index];
      if (!line || !cursor.skip(line.start)) {
        line = this.#learn();
        this.#lines[index] = line;
      }
      if (line.target !== UNWANTED) {
        const value = cursor.integer();
        values[line.target] = cursor.skip(KILOBYTES) ? value * 1024 : value;
      }
      cursor.skipLine();
    }
    return values;
  }

  #learn(): Line {
    const key = this.#cursor.word();
    const between = BETWEEN.find((word) => this.#cursor.skip(word));
    return { start: Buffer.concat([Buffer.from(key, 'latin1'), between ?? Buffer.alloc(0)]), target: this.#targets.get(key) ?? UNWANTED };
  }
}
