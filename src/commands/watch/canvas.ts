/** Lines of styled text as a grid of cells, and what to send to a terminal that shows one grid so that it shows another. */
import { glyphsOf } from './text.ts';

export type Style = 'plain' | 'dim' | 'strong' | 'title' | 'head' | 'sorted' | 'rx' | 'tx' | 'fine' | 'warn' | 'bad' | 'chosen' | 'key';

export interface Span {
  readonly text: string;
  readonly style: Style;
}

export type Line = readonly Span[];

export const span = (text: string, style: Style = 'plain'): Span => ({ text, style });

interface Cell {
  /** Empty: the second half of what stands before it. */
  readonly text: string;
  readonly style: Style;
}

export type Grid = readonly (readonly Cell[])[];

const BLANK: Cell = { text: ' ', style: 'plain' };

/** What is too long is cut, what is missing is blank. @param isAscii true: for a terminal that knows nothing else */
export function gridOf(lines: readonly Line[], columns: number, rows: number, isAscii = false): Grid {
  return Array.from({ length: rows }, (_, row) => cellsOf(lines[row] ?? [], columns, isAscii));
}

function cellsOf(line: Line, columns: number, isAscii: boolean): Cell[] {
  const cells: Cell[] = [];
  for (const { text, style } of line) {
    for (const glyph of glyphsOf(text)) {
      if (cells.length + glyph.width > columns) break;
      cells.push({ text: isAscii && !/^[ -~]$/.test(glyph.text) ? '?' : glyph.text, style });
      if (glyph.width === 2) cells.push({ text: isAscii ? '?' : '', style });
    }
  }
  while (cells.length < columns) cells.push(BLANK);
  return cells;
}

const isSame = (a: Cell | undefined, b: Cell) => a?.text === b.text && a.style === b.style;
/** Fewer equal cells than this between two changes cost less than to go around them. */
const NEAR = 5;

export type Sgr = (style: Style) => string;

/** @param shown null: nobody knows what is there. @returns the bytes, empty where nothing has changed */
export function paint(shown: Grid | null, wanted: Grid, sgr: Sgr): string {
  const known = shown && shown.length === wanted.length && shown[0]?.length === wanted[0]?.length ? shown : null;
  let out = known ? '' : '\x1b[0m\x1b[2J';
  let style: Style | null = null;
  for (const [row, cells] of wanted.entries()) {
    const before = known?.[row];
    let column = 0;
    while (column < cells.length) {
      if (before ? isSame(before[column], cells[column] as Cell) : isSame(BLANK, cells[column] as Cell)) {
        column++;
        continue;
      }
      // From the first half of what is two cells wide.
      while (column > 0 && cells[column]?.text === '') column--;
      out += `\x1b[${row + 1};${column + 1}H`;
      const end = endOfChange(before, cells, column);
      for (; column < end; column++) {
        const cell = cells[column] as Cell;
        if (cell.text === '') continue;
        if (cell.style !== style) {
          out += sgr(cell.style);
          style = cell.style;
        }
        out += cell.text;
        // Terminals disagree about how wide some are: whatever this one thinks, the next stands where it should.
        if (!isPlain(cell.text)) out += `\x1b[${column + (cells[column + 1]?.text === '' ? 3 : 2)}G`;
      }
    }
  }
  return style === null || style === 'plain' ? out : `${out}${sgr('plain')}`;
}

/** Ours are one cell wide everywhere. */
const isPlain = (text: string) => /^[ -~\u00b7\u00b1\u00b5\u2190-\u2193\u2500-\u259f]$/.test(text);

function endOfChange(before: readonly Cell[] | undefined, cells: readonly Cell[], start: number): number {
  const differs = (column: number) => !isSame(before ? before[column] : BLANK, cells[column] as Cell);
  let end = start + 1;
  for (let column = end; column < cells.length && column - end < NEAR; column++) if (differs(column)) end = column + 1;
  while (end < cells.length && cells[end]?.text === '') end++;
  return end;
}
