/** What of a sample is shown: rows of values under columns. */
import type { Style } from './canvas.ts';
import type { UnitChoice } from './units.ts';

export type Sample = Readonly<Record<string, unknown>>;

export interface Column {
  /** Key of the rows' values. */
  readonly id: string;
  readonly title: string;
  /**
   * name: whose row it is, once; text; number; count: something that should not happen, told loudly when it does;
   * meter: a number with a bar, and what it was in the last minute.
   */
  readonly kind: 'name' | 'text' | 'number' | 'count' | 'meter';
  /** As declared or as names say it; null: none. */
  readonly unit: string | null;
  readonly style: Style;
  /** false: a meter without a bar, where its rows cannot be measured against each other. */
  readonly hasBar?: boolean;
  /** false: a meter without its last minute. */
  readonly hasTrend?: boolean;
}

export interface Row {
  readonly id: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Of its numbers, where it differs from row to row. */
  readonly unit?: string | null;
  /** By column, what a full bar stands for; without one it is the highest seen. */
  readonly tops?: Readonly<Record<string, number | null>>;
  /** Facts about it, told where it is chosen. */
  readonly about?: readonly string[];
  /** true: much of it is no reason for a warning. */
  readonly isHarmless?: boolean;
  /** Stays where it is, whatever the order. */
  readonly isPinned?: boolean;
}

export interface Layout {
  /** What the rows are, in the plural. */
  readonly title: string;
  /** The first is the most important: where there is no room, the last go first. */
  readonly columns: readonly Column[];
  rows(sample: Sample): readonly Row[];
  facts(sample: Sample, units: UnitChoice): readonly string[];
  /** By what rows are ordered; the first is the order of the beginning. Some have a key of their own. */
  readonly orders: readonly { readonly id: string; readonly title: string; readonly key?: string }[];
}

export const column = (id: string, title: string, kind: Column['kind'], unit: string | null = null, style: Style = 'plain'): Column => {
  return { id, title, kind, unit, style };
};

export function listOf(sample: Sample, key: string): readonly Sample[] {
  const list = sample[key];
  return Array.isArray(list) ? list.filter((item) => typeof item === 'object' && item !== null) : [];
}

export function groupOf(sample: Sample, key: string): Sample {
  const group = sample[key];
  return typeof group === 'object' && group !== null ? (group as Sample) : {};
}

export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null;
}

/** null where one of them is not known. */
export function sumOf(...values: readonly unknown[]): number | null {
  const numbers = values.map(numberOf);
  return numbers.reduce((sum, value) => (sum === null || value === null ? null : sum + value), 0);
}
