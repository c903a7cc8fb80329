import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';

/**
 * Holds a part of a document against what the code says: the lines between `<!-- NAME -->` and `<!-- /NAME -->`.
 * With UPDATE_DOCS=1 the document is rewritten instead.
 */
export function assertDocSection(file: string, name: string, expected: string): void {
  const text = readFileSync(file, 'utf8');
  const sign = file.endsWith('.md') ? '' : '# ';
  const [start, end] = [`${sign}<!-- ${name} -->\n`, `\n${sign}<!-- /${name} -->`];
  const from = text.indexOf(start) + start.length;
  const to = text.indexOf(end, from);
  assert.ok(from >= start.length && to >= from, `${file} has no section ${name}`);
  if (process.env.UPDATE_DOCS) writeFileSync(file, text.slice(0, from) + expected + text.slice(to));
  else assert.equal(text.slice(from, to), expected, `${file} is not what the code says; UPDATE_DOCS=1 npm test writes it anew`);
}

export function markdownTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(header), line(header.map(() => '---')), ...rows.map(line)].join('\n');
}
