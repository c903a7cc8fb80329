/** Views that only choose fields, and numbers as they are told. */
import { type Query, readChoices } from '../../core/base-plugin.ts';
import type { View } from './sampled-plugin.ts';

export interface FieldsView<F extends string> extends View {
  /** In the order of the answer; null: all. */
  readonly fields: readonly F[] | null;
}

/** `fields=a,b`. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function readFields<F extends string>(query: Query, all: readonly F[]): readonly F[] | null {
  const wanted = readChoices(query, 'fields', all);
  return wanted && all.filter((field) => wanted.has(field));
}

/** @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function parseFieldsView<F extends string>(query: Query, all: readonly F[]): FieldsView<F> {
  const fields = readFields(query, all);
  return { fields, key: fields === null ? '' : fields.join() };
}

/** Only these of an object's fields, as far as it has them; all where nothing was chosen. */
export function pick<T extends object>(whole: T, fields: readonly string[] | null): Partial<T> {
  if (fields === null) return whole;
  return Object.fromEntries(
    fields.filter((field) => Object.hasOwn(whole, field)).map((field) => [field, whole[field as keyof T]]),
  ) as Partial<T>;
}

/** Unknown is null in an answer. */
export function known(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : value;
}

/** To thousandths: what is below is noise of the clock. */
export function rounded(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : Math.round(value * 1000) / 1000;
}

/** To millionths. */
export function roundedRatio(value: number | undefined): number | null {
  return value === undefined || Number.isNaN(value) ? null : Math.round(value * 1e6) / 1e6;
}
