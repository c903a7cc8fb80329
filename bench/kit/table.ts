export type Cell = string | number | null;

/** Prints one table: the first column left, the others right; a number with three digits that matter, null as a dash. */
export function printTable(title: string, head: readonly string[], rows: readonly (readonly Cell[])[]): void {
  const text = [head, ...rows.map((row) => row.map(show))];
  const widths = head.map((_, column) => Math.max(...text.map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number))).join('  ');
  const [first, ...rest] = text.map(line) as [string, ...string[]];
  console.log(`\n${title}\n${first}\n${'-'.repeat(first.length)}\n${rest.join('\n')}`);
}

function show(cell: Cell): string {
  if (cell === null || (typeof cell === 'number' && !Number.isFinite(cell))) return '-';
  if (typeof cell === 'string') return cell;
  if (cell >= 100) return cell.toFixed(0);
  return cell >= 10 ? cell.toFixed(1) : cell.toFixed(2);
}

export function ratio(value: number, to: number): string {
  return Number.isFinite(value / to) ? `x${(value / to).toFixed(2)}` : '-';
}
