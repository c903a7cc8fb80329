/** Rows of a layout as lines, as wide as there is room for. */
import { type Line, type Span, type Style, span } from '../canvas.ts';
import { type Graphics, roundUp } from '../graphics.ts';
import { type Column, type Layout, numberOf, type Row, type Sample } from '../layout.ts';
import { type Series, WINDOW_MS } from '../series.ts';
import type { ViewState } from '../state.ts';
import { fit, widthOf } from '../text.ts';
import { inWords } from '../units.ts';
import { type Fitted, fitColumns } from './columns.ts';

export interface TableParts {
  readonly layout: Layout;
  /** In their order. */
  readonly rows: readonly Row[];
  readonly series: Series;
  readonly state: ViewState;
  readonly graphics: Graphics;
  readonly width: number;
}

export const seriesKey = (row: string, column: string) => `${row}\n${column}`;

/** Filtered and in order. */
export function orderedRows(layout: Layout, sample: Sample, state: ViewState): Row[] {
  const filter = (state.typed ?? state.filter).toLowerCase();
  const name = layout.columns[0]?.id ?? '';
  const rows = layout.rows(sample).filter(({ values }) => String(values[name]).toLowerCase().includes(filter));
  const order = state.order ?? layout.orders[0]?.id ?? '';
  const direction = state.isReversed ? -1 : 1;
  if (order === '') return direction === 1 ? rows : [...rows.filter(isPinned), ...rows.filter((row) => !isPinned(row)).reverse()];
  return rows.sort((a, b) => Number(isPinned(b)) - Number(isPinned(a)) || direction * compare(a.values[order], b.values[order]));
}

const isPinned = ({ isPinned = false }: Row) => isPinned;

/** Numbers from the highest, names from the first; what is not known last. */
function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return b - a;
  if (typeof a === 'number' || typeof b === 'number') return typeof a === 'number' ? -1 : 1;
  return String(a).localeCompare(String(b), 'en', { numeric: true });
}

export function tableHead(parts: TableParts): Line {
  const { layout, state, graphics } = parts;
  const order = state.order ?? layout.orders[0]?.id;
  return fitted(parts).flatMap(({ column, width, ownWidth, trend, isRight }) => {
    const isOrder = column.id === order;
    const arrow = isOrder ? graphics.arrows[isUpward(column, state) ? 'up' : 'down'] : '';
    const title = fit(`${column.title}${arrow}`, ownWidth, isRight ? 'right' : 'left', graphics.cut);
    const blank = barTitle(column, parts, width - ownWidth - trend);
    const minute = trend === 0 ? '' : fit(trend >= LAST_MINUTE.length ? LAST_MINUTE : '', trend);
    return [span(' '), span(title, isOrder ? 'sorted' : 'head'), span(blank, 'dim'), span(minute, 'dim')];
  });
}

/** Against what the bars are drawn, where that is not plain. */
function barTitle(column: Column, { rows, state }: TableParts, room: number): string {
  const limits = rows.map((row) => limitOf(row, column, state));
  const isPlain = column.kind !== 'meter' || column.hasBar === false || limits.includes(1);
  const title = isPlain || room < 6 ? '' : limits.every((limit) => limit === null) ? ' seen' : limits.includes(null) ? '' : ' link';
  return title.padEnd(room);
}

const LAST_MINUTE = `last ${WINDOW_MS / 1000} s`;

const isUpward = ({ kind }: Column, { isReversed }: ViewState) => (kind === 'name' || kind === 'text') !== isReversed;

/** @param chosen id of a row */
export function tableLines(parts: TableParts, chosen: string | null): Line[] {
  const columns = fitted(parts);
  const tops = new Map(columns.map(({ column }) => [column.id, sharedTop(column, parts)]));
  return parts.rows.map((row) =>
    columns.flatMap((one) => [
      span(' '),
      ...cell(one, row, { ...parts, top: limitOf(row, one.column, parts.state) ?? tops.get(one.column.id) ?? 0 }, chosen),
    ]),
  );
}

function fitted({ layout, rows, state, width }: TableParts): Fitted[] {
  const name = layout.columns[0]?.id ?? '';
  return fitColumns(layout.columns, {
    width: width - 1,
    rates: state.rates,
    names: rows.map(({ values }) => widthOf(String(values[name]))),
  });
}

/** Bars of rows that have no limit of their own are measured against each other: by the highest seen of all of them. */
export function sharedTop(column: Column, { layout, rows, series, state }: TableParts): number {
  if (column.kind !== 'meter') return 0;
  const alike = layout.columns.filter(({ kind, unit }) => kind === 'meter' && unit === column.unit);
  const free = rows.filter((row) => limitOf(row, column, state) === null && row.unit === rows[0]?.unit);
  return roundUp(Math.max(0, ...free.flatMap(({ id }) => alike.map((other) => series.highest(seriesKey(id, other.id))))));
}

/** What a full bar of this row stands for; null: the highest seen. A whole is always the limit of its parts. */
export function limitOf({ tops }: Row, { id }: Column, { scale }: ViewState): number | null {
  const limit = tops?.[id] ?? null;
  return limit === 1 || scale === 'link' ? limit : null;
}

interface CellParts extends TableParts {
  readonly top: number;
}

function cell({ column, width, ownWidth, bar, trend, isRight }: Fitted, row: Row, parts: CellParts, chosen: string | null): Span[] {
  const { series, graphics, state, top } = parts;
  const value = row.values[column.id];
  const unit = row.unit === undefined ? column.unit : row.unit;
  const style = styleOf(column, row, series);
  if (column.kind === 'name') {
    const isTroubled = parts.layout.columns.some((one) => one.kind === 'count' && styleOf(one, row, series) === 'bad');
    return [span(fit(String(value), width, 'left', graphics.cut), row.id === chosen ? 'chosen' : isTroubled ? 'bad' : 'strong')];
  }
  const text = inWords(value, unit, { rates: state.rates });
  if (column.kind !== 'meter') return [span(fit(text, width, isRight ? 'right' : 'left', graphics.cut), style)];
  const number = fit(text, ownWidth, 'right', graphics.cut);
  const spans = [span(number, numberOf(value) ? style : 'dim')];
  if (bar > 0 && numberOf(value) === null) spans.push(span(' '.repeat(bar + 1)));
  else if (bar > 0) {
    const [filled, track] = graphics.bar((value as number) / top, bar);
    spans.push(span(' '), span(filled, style), span(track, 'dim'));
  }
  if (trend > 0) {
    const key = seriesKey(row.id, column.id);
    // A minute of next to nothing is not drawn as if it were much.
    const own = row.tops?.[column.id] === 1 ? 1 : Math.max(series.highest(key), top / 1000);
    spans.push(span(' '), ...trendSpans(series.parts(key, trend), own, column, row, graphics));
  }
  return spans;
}

const [WARN_RATIO, BAD_RATIO] = [0.7, 0.9];

export function styleOf(column: Column, row: Row, series: Series): Style {
  const value = numberOf(row.values[column.id]);
  if (column.kind === 'count') {
    if (series.rise(seriesKey(row.id, column.id)) > 0) return 'bad';
    return value ? 'warn' : 'dim';
  }
  if (column.kind === 'text') return TROUBLE.has(String(row.values[column.id])) ? 'warn' : column.style;
  return value === null ? 'dim' : heightStyle(value, column, row);
}

/** Of a value where much is bad. */
export function heightStyle(value: number, column: Column, row: Row): Style {
  if (row.isHarmless || row.tops?.[column.id] !== 1) return column.style;
  return value >= BAD_RATIO ? 'bad' : value >= WARN_RATIO ? 'warn' : column.style;
}

/** Each in the colour that it had then. */
function trendSpans(values: readonly (number | null)[], top: number, column: Column, row: Row, graphics: Graphics): Span[] {
  const spans: Span[] = [];
  for (const [at, character] of [...graphics.sparkline(values, top)].entries()) {
    const style = heightStyle(values[at] ?? 0, column, row);
    const last = spans.at(-1);
    if (last?.style === style) spans[spans.length - 1] = span(last.text + character, style);
    else spans.push(span(character, style));
  }
  return spans;
}

const TROUBLE = new Set(['down', 'reset', 'gap', 'stuck', 'denied', 'unreachable', 'failed', 'read-only', 'lowerlayerdown']);
