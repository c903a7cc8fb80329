import type { FileBytes } from '../../core/base-plugin.ts';

const NEWLINE = 10;
const SPACE = 32;
const TAB = 9;
const DOT = 46;
const COLON = 58;
const ZERO = 48;
const NEAR = 48;
const LONG = 64;

/** Walks over the bytes of a kernel's file without making strings. Never looks behind its end, where older bytes may be. */
export class Cursor {
  at = 0;
  #bytes: Buffer = Buffer.alloc(0);
  #length = 0;

  /** At the start of a file. */
  open({ bytes, length }: FileBytes): this {
    this.#bytes = bytes;
    this.#length = length;
    this.at = 0;
    return this;
  }

  get isAtEnd(): boolean {
    return this.at >= this.#length;
  }

  skipSpaces(): void {
    while (this.at < this.#length && (this.#bytes[this.at] === SPACE || this.#bytes[this.at] === TAB)) this.at++;
  }

  /** Passes over the word if it stands here, whatever follows it. */
  skip(word: Uint8Array): boolean {
    if (this.at + word.length > this.#length) return false;
    // A long one by a single call; a short one is done before the call would be.
    if (word.length > LONG) {
      if (this.#bytes.compare(word, 0, word.length, this.at, this.at + word.length) !== 0) return false;
      this.at += word.length;
      return true;
    }
    for (let i = 0; i < word.length; i++) if (this.#bytes[this.at + i] !== word[i]) return false;
    this.at += word.length;
    return true;
  }

  /** What stands between here and the next space, tab or colon of the line. */
  word(): string {
    const start = this.at;
    for (; this.at < this.#length; this.at++) {
      const byte = this.#bytes[this.at];
      if (byte === SPACE || byte === TAB || byte === COLON || byte === NEWLINE) break;
    }
    return this.#bytes.toString('latin1', start, this.at);
  }

  /** The number that stands here, after spaces; NaN where there is none. Above 2^53 the last digits are rounded. */
  integer(): number {
    this.skipSpaces();
    return this.#digits();
  }

  /** As `integer`, with decimals. */
  decimal(): number {
    const whole = this.integer();
    if (this.at >= this.#length || this.#bytes[this.at] !== DOT) return whole;
    const start = ++this.at;
    const fraction = this.#digits();
    return whole + fraction / 10 ** (this.at - start);
  }

  /** @throws where the file ends in the middle of the line: it was only half written */
  skipLine(): void {
    // Most lines end soon; a call for each would cost more.
    for (const near = Math.min(this.at + NEAR, this.#length); this.at < near; this.at++) {
      if (this.#bytes[this.at] !== NEWLINE) continue;
      this.at++;
      return;
    }
    const end = this.#bytes.indexOf(NEWLINE, this.at);
    if (end < 0 || end >= this.#length) throw new Error('the file ends in the middle of a line');
    this.at = end + 1;
  }

  #digits(): number {
    const start = this.at;
    let value = 0;
    for (; this.at < this.#length; this.at++) {
      const digit = (this.#bytes[this.at] as number) - ZERO;
      if (digit < 0 || digit > 9) break;
      value = value * 10 + digit;
    }
    return this.at === start ? Number.NaN : value;
  }
}
