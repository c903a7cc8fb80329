/**
 * What others say (an agent, a device's name) may hold sequences that move the cursor, change the title or worse, and
 * characters that turn the order of a line around. Nothing of that reaches a terminal.
 */
const UNSAYABLE = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
const UNSAYABLE_BUT_LINES = /(?![\n\t])[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** One line. */
export function sayable(text: string): string {
  return text.replace(UNSAYABLE, '\ufffd');
}

/** Several lines. */
export function sayableLines(text: string): string {
  return text.replace(UNSAYABLE_BUT_LINES, '\ufffd');
}

/** JSON says the same with escapes; only within strings can there be any. */
export function sayableJson(text: string): string {
  return text.replace(UNSAYABLE_BUT_LINES, (character) =>
    [...Array(character.length).keys()].map((i) => `\\u${character.charCodeAt(i).toString(16).padStart(4, '0')}`).join(''),
  );
}
