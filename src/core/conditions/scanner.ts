import { badVariable, HostpulseError, shorten } from '../errors.ts';

const LONGEST = 1000;
const BLANK = /\s/;
/** What ends a word. */
const PUNCTUATION = /[\s()<>=!"'&|,;]/;
const SHOWN = 160;

/** @param at column, from 1 @returns what to throw: where, what was found there, and what is allowed */
export function conditionError(text: string, at: number, problem: string): HostpulseError {
  const end = problem.endsWith('?') ? ' In' : '; in';
  const sentence = `when has an error at ${at}: ${problem}${end} '${shorten(text, SHOWN)}'`;
  return new HostpulseError('HOSTPULSE_ERR_BAD_VARIABLE', sentence);
}

/** @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function refuseLong(text: string): void {
  if (text.length > LONGEST) throw badVariable('when', text, `a condition of at most ${LONGEST} characters`);
}

/** Goes through the text of a condition from left to right. */
export class Scanner {
  readonly text: string;
  #at = 0;

  /** @throws HOSTPULSE_ERR_BAD_VARIABLE for a text that is too long */
  constructor(text: string) {
    refuseLong(text);
    this.text = text;
    this.blanks();
  }

  /** Column of what comes next, from 1. */
  get column(): number {
    return this.#at + 1;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.text.length;
  }

  /** What comes next, for a sentence. */
  get found(): string {
    if (this.isAtEnd) return 'the end';
    const rest = this.text.slice(this.#at);
    return `'${shorten(this.peekWord() || (/^[<>=!&|]+|^./su.exec(rest)?.[0] ?? ''))}'`;
  }

  /** @param at column of what is wrong; where nothing is said, here */
  error(problem: string, at = this.column): HostpulseError {
    return conditionError(this.text, at, problem);
  }

  next(character: string): boolean {
    if (!this.text.startsWith(character, this.#at)) return false;
    this.#at += character.length;
    return true;
  }

  /** As `next`, with the blanks behind it. */
  take(character: string): boolean {
    const isNext = this.next(character);
    if (isNext) this.blanks();
    return isNext;
  }

  /** The keyword, in any case, with the blanks behind it. */
  takeKeyword(keyword: string): boolean {
    return this.peekWord().toLowerCase() === keyword && this.take(this.peekWord());
  }

  blanks(): void {
    while (BLANK.test(this.text[this.#at] ?? '')) this.#at++;
  }

  /** Up to the next blank or sign; empty where there is none. @param alsoEnds a further character that ends it */
  peekWord(alsoEnds?: string): string {
    let end = this.#at;
    while (end < this.text.length && !PUNCTUATION.test(this.text[end] as string) && this.text[end] !== alsoEnds) end++;
    return this.text.slice(this.#at, end);
  }

  word(alsoEnds?: string): string {
    const word = this.peekWord(alsoEnds);
    this.#at += word.length;
    return word;
  }

  get isQuoted(): boolean {
    return this.text[this.#at] === '"' || this.text[this.#at] === "'";
  }

  /** What stands in quotes; a backslash takes the next character as it is. @throws that the end is missing */
  quoted(): string {
    const start = this.column;
    const quote = this.text[this.#at++];
    let content = '';
    for (let character = this.text[this.#at++]; character !== quote; character = this.text[this.#at++]) {
      if (character === '\\') character = this.text[this.#at++];
      if (character === undefined) throw this.error(`the text that begins here has no end; allowed: ${quote}text${quote}`, start);
      content += character;
    }
    return content;
  }
}
