/** How wide each column is, and which there is no room for. */
import type { Column } from '../layout.ts';

export interface Fitted {
  readonly column: Column;
  readonly width: number;
  /** Of the number alone, before its pictures. */
  readonly ownWidth: number;
  /** Of a meter, within its width; 0: none. */
  readonly bar: number;
  readonly trend: number;
  readonly isRight: boolean;
}

export interface Room {
  readonly width: number;
  readonly rates: 'bytes' | 'bits';
  /** How wide the rows' names are. */
  readonly names: readonly number[];
}

const NAME = { least: 8, most: 40 } as const;
const TEXT_WIDTH = 11;
/** Bar and last minute of a meter, each with a blank before it. */
const BAR = { least: 5, most: 24 } as const;
const TREND = { least: 8, most: 60 } as const;
/** A meter has so much for its pictures before there are further numbers. */
const COMFORTABLE = 20;

/** By unit: as wide as the longest that can come. */
const WIDTHS: Readonly<Record<string, number>> = { 'bytes/s': 11, bytes: 9, ratio: 7, hertz: 8, 'bit/s': 13, ms: 8, seconds: 12 };
const BITS_WIDTH = 13;
const NUMBER_WIDTH = 8;

export function fitColumns(columns: readonly Column[], { width, rates, names }: Room): Fitted[] {
  const longest = Math.max(NAME.least, (columns[0]?.title.length ?? 0) + 1, ...names);
  // A long name may have what is over, but not the numbers' place.
  const nameWidth = Math.min(longest, NAME.most, Math.max(NAME.least, Math.floor(width / 3)));
  const least = (column: Column) => (column.kind === 'name' ? nameWidth : Math.max(leastWidth(column, rates), column.title.length + 1));
  const kept: Column[] = [];
  let used = 0;
  for (const column of columns) {
    if (used + least(column) + 1 > width) break;
    kept.push(column);
    used += least(column) + 1;
  }
  const meters = kept.filter(({ kind }) => kind === 'meter');
  // Pictures before further numbers: what has gone last makes room for them.
  while (meters.length > 0 && (width - used) / meters.length < COMFORTABLE && isFurther(kept.at(-1))) {
    used -= least(kept.pop() as Column) + 1;
  }
  const over = meters.length === 0 ? 0 : Math.floor((width - used) / meters.length);
  return kept.map((column) => {
    const own = least(column);
    const isRight = column.kind !== 'name' && column.kind !== 'text';
    const { bar, trend } = column.kind === 'meter' ? pictures(column, over) : { bar: 0, trend: 0 };
    return { column, ownWidth: own, width: own + (bar > 0 ? bar + 1 : 0) + (trend > 0 ? trend + 1 : 0), bar, trend, isRight };
  });
}

const isFurther = (column: Column | undefined) => column?.kind === 'number' || column?.kind === 'text';

function leastWidth({ kind, unit, hasBar }: Column, rates: Room['rates']): number {
  // Without bars each row may have a unit of its own.
  if (kind === 'text' || hasBar === false) return TEXT_WIDTH;
  if (unit === 'bytes/s' && rates === 'bits') return BITS_WIDTH;
  return (unit === null ? undefined : WIDTHS[unit]) ?? NUMBER_WIDTH;
}

/** @param over cells that are left for them */
function pictures({ hasBar = true, hasTrend = true }: Column, over: number): { readonly bar: number; readonly trend: number } {
  if (!hasTrend) return { bar: over > BAR.least ? Math.min(BAR.most * 2, over - 1) : 0, trend: 0 };
  if (!hasBar) return { bar: 0, trend: over > TREND.least ? Math.min(TREND.most, over - 1) : 0 };
  if (over < BAR.least + 1) return { bar: 0, trend: 0 };
  if (over < BAR.least + TREND.least + 2) return { bar: 0, trend: over - 1 };
  const bar = Math.min(BAR.most, Math.max(BAR.least, Math.floor((over - 2) / 3)));
  return { bar, trend: Math.min(TREND.most, over - 2 - bar) };
}
