import type { FileBytes } from '../../core/base-plugin.ts';
import { Cursor } from './cursor.ts';

const word = (text: string) => Uint8Array.from(Buffer.from(text));
const KILOBYTES = word(' kB');
const BETWEEN = [':', ' '].map(word);
/** No file of the kernel's has so many lines; what has more is none. */
const MOST_LINES = 10_000;

interface Line<T> {
  /** The key and what follows it, up to the number's spaces. */
  readonly start: Uint8Array;
  readonly known: T | null;
}

/**
 * All lines of a file of a key and a number per line, whatever keys there are. What is made of a key is made once, so
 * that a read of an unchanged file makes no strings.
 */
export class KeyedLines<T> {
  readonly #cursor = new Cursor();
  readonly #learn: (key: string) => T | null;
  readonly #lines: Line<T>[] = [];

  /** @param learn what a key stands for; null: of no interest */
  constructor(learn: (key: string) => T | null) {
    this.#learn = learn;
  }

  /** @throws where the file ends in the middle of a line */
  read(file: FileBytes, tell: (known: T, value: number, isKilobytes: boolean) => void): void {
    const cursor = this.#cursor.open(file);
    for (let index = 0; !cursor.isAtEnd && index < MOST_LINES; index++) {
      let line = this.#lines[index];
      if (!line || !cursor.skip(line.start)) {
        line = this.#newLine();
        this.#lines[index] = line;
      }
      if (line.known !== null) {
        const value = cursor.integer();
        tell(line.known, value, cursor.skip(KILOBYTES));
      }
      cursor.skipLine();
    }
  }

  #newLine(): Line<T> {
    const key = this.#cursor.word();
    const between = BETWEEN.find((one) => this.#cursor.skip(one));
    return { start: Buffer.concat([Buffer.from(key, 'latin1'), between ?? Buffer.alloc(0)]), known: this.#learn(key) };
  }
}
