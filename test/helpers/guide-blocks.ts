/** A code block of a guide, with what is to be done with it. */
export type Block =
  | { readonly kind: 'file'; readonly line: number; readonly file: string; readonly text: string }
  | { readonly kind: 'edit'; readonly line: number; readonly file: string; readonly from: string; readonly to: string }
  | { readonly kind: 'terminal'; readonly line: number; readonly steps: readonly Step[] };

export interface Step {
  /** null: more of what the stream that runs has to say. */
  readonly command: string | null;
  readonly output: readonly string[];
}

const FILES: readonly string[] = ['ts', 'json', 'yaml'];

/** @throws that there is a block of which nobody knows what to do with it */
export function blocksOf(markdown: string): Block[] {
  const lines = markdown.split('\n');
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; at++) {
    const [, language] = /^```(\S*)/.exec(lines[at] as string) ?? [];
    if (language === undefined) continue;
    const end = lines.indexOf('```', at + 1);
    blocks.push(blockOf(language, lines.slice(at + 1, end), at + 1, fileBefore(lines.slice(0, at))));
    at = end;
  }
  return blocks;
}

function blockOf(language: string, lines: readonly string[], line: number, file: string | null): Block {
  if (language === 'console') return { kind: 'terminal', line, steps: stepsOf(lines) };
  if (file === null) throw new Error(`line ${line}: the line before this block does not end with \`a file's name\`:`);
  if (FILES.includes(language)) return { kind: 'file', line, file, text: `${lines.join('\n')}\n` };
  if (language !== 'diff') throw new Error(`line ${line}: nobody knows what to do with a block of ${language || 'no language'}`);
  const side = (sign: string) => lines.filter((text) => text.startsWith(sign)).map((text) => text.slice(1));
  return { kind: 'edit', line, file, from: side('-').join('\n'), to: side('+').join('\n') };
}

/** A block's file stands at the end of the line before it: "Save this as `plugins/clock.ts`:" */
function fileBefore(lines: readonly string[]): string | null {
  const before = lines.findLast((line) => line.trim() !== '');
  return /`([^`\s]+)`:$/.exec(before ?? '')?.[1] ?? null;
}

function stepsOf(lines: readonly string[]): Step[] {
  const steps: { command: string | null; output: string[] }[] = [];
  for (const line of lines) {
    if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [] });
    else if (steps.length === 0) steps.push({ command: null, output: [line] });
    else steps.at(-1)?.output.push(line);
  }
  return steps;
}

/**
 * Is the shown output part of what came? `...` stands for anything, alone on a line for any lines; numbers of five
 * digits and more, and those with a fraction, are of the moment; what is blank is left out.
 */
export function showsAs(shown: readonly string[], came: string): boolean {
  const wanted = shown.filter((line) => line.trim() !== '');
  if (wanted.length === 0) return true;
  const pattern = wanted.map((line) => (line.trim() === '...' ? '(?:[^\\n]*\\n)*?' : `${linePattern(line)}\\n`)).join('');
  const text = `${came
    .split('\n')
    .filter((line) => line.trim() !== '')
    .join('\n')}\n`;
  return new RegExp(`^${pattern}`, 'm').test(text);
}

function linePattern(line: string): string {
  const literal = line.trimEnd().replace(/[\\^$*+?.()|[\]{}]/g, '\\$&');
  return literal.replaceAll('\\.\\.\\.', '[^\\n]*').replace(/(?<![\w-])\d+\\\.\d+(?![\w.])|(?<!\w)\d{5,}(?!\w)/g, '\\d+(?:\\.\\d+)?');
}
