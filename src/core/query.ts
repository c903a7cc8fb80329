/** Variables of a question, read with care: each is right, or refused by its name with what would be. A leaf but for the errors. */
import { badVariable, UnknownVariable } from './errors.ts';

type Query = Readonly<Record<string, unknown>>;

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const MOST_WORDS = 100;
/** What most would write, where it is allowed. */
const SUCH_MS = 2000;

/** A misspelt variable would silently show everything. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function refuseUnknown(query: Query, names: readonly string[]): void {
  const unknown = Object.keys(query).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new UnknownVariable(unknown, names);
}

/** `250ms`, `2s`, `1m`, `1h` as milliseconds; null where it is not given. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function readDuration(query: Query, name: string, leastMs: number, mostMs: number): number | null {
  const such = inWords(leastMs <= SUCH_MS && SUCH_MS <= mostMs ? SUCH_MS : leastMs);
  const allowed = `a number with ms, s, m or h, from ${inWords(leastMs)} to ${inWords(mostMs)}, such as ${such}`;
  const given = readText(query, name, allowed);
  if (given === null) return null;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(given) ?? [];
  const ms = unit === undefined ? Number.NaN : Number(number) * (UNIT_MS[unit] as number);
  if (ms >= leastMs && ms <= mostMs) return ms;
  throw badVariable(name, query[name], allowed);
}

/** `eth0,wlan*` as its words; null where it is not given. @throws HOSTPULSE_ERR_BAD_VARIABLE that tells what is `allowed` */
export function readWords(query: Query, name: string, allowed: string, isRight: (word: string) => boolean = () => true): string[] | null {
  const given = readText(query, name, allowed);
  if (given === null) return null;
  const list = given.split(',').map((word) => word.trim());
  if (list.length > MOST_WORDS || !list.every((word) => word !== '' && isRight(word))) throw badVariable(name, query[name], allowed);
  return list;
}

/** One or more of a few words; null where it is not given. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function readChoices<T extends string>(query: Query, name: string, allowed: readonly T[]): ReadonlySet<T> | null {
  const given = readWords(query, name, allowed.join(', '), (word) => (allowed as readonly string[]).includes(word));
  return given && new Set(given as T[]);
}

/** Values come as strings from a URL, and as whatever JSON has from a body or /stream. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function readText(query: Query, name: string, allowed = 'text'): string | null {
  const value = query[name];
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'object') throw badVariable(name, value, allowed);
  return String(value);
}

function inWords(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}
