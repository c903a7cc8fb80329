import type { Config } from '../core/config/config.ts';

/** A longer value does not move the origin of all others to where a terminal has another line. */
const WIDEST_VALUE = 32;

/** Every effective value and where it comes from, as aligned text; secrets masked, also where they are not set. */
export function configText({ entries }: Config): string {
  const rows = entries.map(({ key, value, origin, isSecret }) => [key, isSecret ? masked(value) : JSON.stringify(value), origin]);
  const table = [['KEY', 'VALUE', 'FROM'], ...rows] as [string, string, string][];
  const width = (column: 0 | 1) => Math.max(...table.map((row) => row[column].length));
  const [keyWidth, valueWidth] = [width(0), Math.min(width(1), WIDEST_VALUE)];
  return `${table.map(([key, value, origin]) => `${key.padEnd(keyWidth)}  ${value.padEnd(valueWidth)}  ${origin}`).join('\n')}\n`;
}

function masked(value: unknown): string {
  return value === '' ? '(not set)' : '(set, not shown)';
}
