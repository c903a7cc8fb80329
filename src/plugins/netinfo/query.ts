import { badVariable, type Query } from '../../core/base-plugin.ts';
import { FIELDS, type Field, KINDS, type Kind } from './schema.ts';

/** What of the interfaces a client wants to see, and how. */
export interface View {
  /** Glob patterns; null: all. */
  readonly iface: readonly string[] | null;
  readonly kinds: ReadonlySet<Kind> | null;
  readonly fields: readonly Field[] | null;
  readonly unit: 'bytes' | 'bits';
  /** The same for equal views, however they were written. */
  readonly key: string;
}

export interface Limits {
  readonly intervalMs: number;
  readonly shortestIntervalMs: number;
  readonly historyMs: number;
}

const VARIABLES = ['iface', 'kind', 'fields', 'unit', 'interval', 'window'];
const LONGEST_INTERVAL_MS = 3_600_000;
const MOST_PATTERNS = 100;
const LONGEST_PATTERN = 64;
const VIEW_VARIABLES = ['iface', 'kind', 'fields', 'unit'];
/** Of who asks for none of these: most do. */
const EVERYTHING: View = { iface: null, kinds: null, fields: null, unit: 'bytes', key: JSON.stringify([null, null, null, 'bytes']) };
const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** @throws HOSTPULSE_ERR_BAD_VARIABLE naming the variable, what came, and what is allowed */
export function parseView(query: Query): View {
  if (VIEW_VARIABLES.every((name) => query[name] === undefined)) return EVERYTHING;
  const iface = words(
    query,
    'iface',
    `names or patterns such as eth0,wlan* (up to ${MOST_PATTERNS})`,
    (word) => word.length <= LONGEST_PATTERN && !word.includes('/'),
  );
  const kinds = oneOf(query, 'kind', KINDS);
  const wanted = oneOf(query, 'fields', FIELDS);
  const fields = wanted && FIELDS.filter((field) => wanted.has(field));
  const unit = text(query, 'unit') ?? 'bytes';
  if (unit !== 'bytes' && unit !== 'bits') throw badVariable('unit', query.unit, 'bytes, bits');
  const key = JSON.stringify([iface?.toSorted(), kinds && [...kinds].sort(), fields, unit]);
  return { iface, kinds, fields, unit, key };
}

export function parseInterval(query: Query, { intervalMs, shortestIntervalMs }: Limits): number {
  return duration(query, 'interval', shortestIntervalMs, LONGEST_INTERVAL_MS) ?? intervalMs;
}

export function parseWindow(query: Query, { historyMs, intervalMs }: Limits): number | null {
  const windowMs = duration(query, 'window', intervalMs, historyMs);
  if (windowMs !== null && query.interval !== undefined) throw badVariable('window', query.window, 'window or interval, not both');
  return windowMs;
}

/** A misspelt variable would silently show everything. */
export function refuseUnknown(query: Query, names: readonly string[] = VARIABLES): void {
  const unknown = Object.keys(query).find((name) => !names.includes(name));
  if (unknown !== undefined) throw badVariable('variable', unknown, names.join(', '));
}

function duration(query: Query, name: string, leastMs: number, mostMs: number): number | null {
  const given = text(query, name);
  if (given === null) return null;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(given) ?? [];
  const ms = unit === undefined ? Number.NaN : Number(number) * (UNIT_MS[unit] as number);
  if (ms >= leastMs && ms <= mostMs) return ms;
  throw badVariable(name, query[name], `a number with ms, s, m or h, from ${inWords(leastMs)} to ${inWords(mostMs)}, such as 2s`);
}

function inWords(ms: number): string {
  return ms % 1000 === 0 ? `${ms / 1000}s` : `${ms}ms`;
}

function oneOf<T extends string>(query: Query, name: string, allowed: readonly T[]): ReadonlySet<T> | null {
  const given = words(query, name, allowed.join(', '), (word) => (allowed as readonly string[]).includes(word));
  return given && new Set(given as T[]);
}

function words(query: Query, name: string, allowed: string, isRight: (word: string) => boolean): string[] | null {
  const given = text(query, name);
  if (given === null) return null;
  const list = given.split(',').map((word) => word.trim());
  if (list.length > MOST_PATTERNS || !list.every((word) => word !== '' && isRight(word))) throw badVariable(name, query[name], allowed);
  return list;
}

/** Values come as strings from a URL, and as whatever JSON has from a body or /stream. */
function text(query: Query, name: string): string | null {
  const value = query[name];
  if (value === undefined) return null;
  if (Array.isArray(value)) return value.join(',');
  if (typeof value === 'object') throw badVariable(name, value, 'text');
  return String(value);
}
