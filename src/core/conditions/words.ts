/** The words of a condition: fields, what they are compared with, times. Each is read with the blanks behind it. */
import { isKeyword, type Literal } from './condition.ts';
import type { Scanner } from './scanner.ts';

const LONGEST_FOR_MS = 24 * 3_600_000;
const MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const NUMBER = /^([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)([A-Za-z%°µ][A-Za-z%°/-]*)?$/;

/** @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function readPath(scanner: Scanner): readonly string[] {
  const path: string[] = [];
  do path.push(readSegment(scanner, path.length === 0));
  while (scanner.next('/'));
  scanner.blanks();
  return path;
}

function readSegment(scanner: Scanner, isFirst: boolean): string {
  if (scanner.isQuoted) return scanner.quoted();
  const at = scanner.column;
  const found = scanner.found;
  const word = scanner.word('/');
  if (word !== '' && !(isFirst && isKeyword(word) && scanner.peekWord()[0] !== '/')) return decoded(scanner, word, at);
  throw scanner.error(`${found} comes where a field is expected; allowed: its name, or a path such as interfaces/eth0/rxBytes`, at);
}

/** As in the path of a URL. */
function decoded(scanner: Scanner, word: string, at: number): string {
  try {
    return decodeURIComponent(word);
  } catch {
    throw scanner.error(`'${word}' has a % that is not followed by two hex digits; allowed: "${word}" in quotes`, at);
  }
}

/** @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function readLiteral(scanner: Scanner): Literal {
  const at = scanner.column;
  if (scanner.isQuoted) {
    const text = scanner.quoted();
    scanner.blanks();
    return { kind: 'text', at, text };
  }
  const found = scanner.found;
  const word = scanner.word();
  scanner.blanks();
  if (word === '' || isKeyword(word)) {
    throw scanner.error(
      `${found} comes where a value is expected; allowed: a number such as 10 or 10MB/s, a word, "text", true, false, null`,
      at,
    );
  }
  const [, digits, unit] = NUMBER.exec(word) ?? [];
  if (digits === undefined) return { kind: 'text', at, text: word };
  if (unit !== undefined) return numberOf(scanner, at, digits, unit);
  // `10 MB/s`; but not what would be another number without the blank.
  const follows = scanner.peekWord();
  const isUnit = !isKeyword(follows) && NUMBER.exec(digits + follows)?.[1] === digits;
  return numberOf(scanner, at, digits, isUnit ? scanner.word() : '');
}

function numberOf(scanner: Scanner, at: number, digits: string, unit: string): Literal {
  scanner.blanks();
  const number = Number(digits);
  if (!Number.isFinite(number)) throw scanner.error(`'${digits}' is larger than any number here; allowed: up to 1e308`, at);
  return { kind: 'number', at, text: `${digits}${unit}`, number, unit };
}

/** How long something has to hold, milliseconds. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function readTime(scanner: Scanner): number {
  const at = scanner.column;
  const found = scanner.found;
  const [, digits, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(scanner.word()) ?? [];
  scanner.blanks();
  const ms = unit === undefined ? Number.NaN : Math.round(Number(digits) * (MS[unit] as number));
  if (ms >= 1 && ms <= LONGEST_FOR_MS) return ms;
  throw scanner.error(`${found} is no time; allowed: a number with ms, s, m or h, from 1ms to 24h, such as 5s`, at);
}
