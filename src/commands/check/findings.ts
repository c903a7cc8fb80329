/** One thing that was looked at. A problem is to be mended; a hint may be as its author wants it. */
export interface Finding {
  readonly level: 'fine' | 'hint' | 'problem';
  readonly what: string;
  readonly said: string;
  /** What to do. */
  readonly advice?: string;
}

export type Tell = (finding: Finding) => void;

const MARKS = { fine: '✓', hint: '!', problem: '✗' } as const;
const COLOURS = { fine: 'green', hint: 'yellow', problem: 'red' } as const;
const WHAT_WIDTH = 20;
const NARROWEST = 60;

export interface Terminal {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
}

/** A finding as aligned lines; a value that was seen is cut where the terminal ends. */
export function findingText({ level, what, said, advice }: Finding, terminal: Terminal, environment = process.env): string {
  const paint = painter(terminal, environment);
  const indent = ' '.repeat(WHAT_WIDTH + 6);
  const room = Math.max(NARROWEST, terminal.columns ?? 120) - indent.length;
  const lines = said
    .trimEnd()
    .split('\n')
    .map((line) => (level === 'fine' && line.length > room ? `${line.slice(0, room - 3)}...` : line));
  const head = `  ${paint(COLOURS[level], MARKS[level])} ${what.padEnd(WHAT_WIDTH)}  `;
  const tail = advice === undefined ? [] : advice.split('\n').map((line) => `${indent}${paint('gray', `→ ${line}`)}`);
  return `${[head + lines.join(`\n${indent}`), ...tail].join('\n')}\n`;
}

/** How it went, in one line. */
export function sumText(findings: readonly Finding[], terminal: Terminal, environment = process.env): string {
  const count = (level: Finding['level']) => findings.filter((finding) => finding.level === level).length;
  const [problems, hints] = [count('problem'), count('hint')];
  const words = [
    ...(problems > 0 ? [`${problems} problem${problems > 1 ? 's' : ''}`] : []),
    ...(hints > 0 ? [`${hints} hint${hints > 1 ? 's' : ''}`] : []),
  ];
  const level = problems > 0 ? 'problem' : hints > 0 ? 'hint' : 'fine';
  return `\n${painter(terminal, environment)(COLOURS[level], words.join(', ') || 'nothing to mend')}\n`;
}

export function heading(text: string, terminal: Terminal, environment = process.env): string {
  return `\n${painter(terminal, environment)('bold', text)}\n\n`;
}

type Style = keyof typeof CODES;

/** Of SGR: on, off. */
const CODES = { bold: [1, 22], red: [31, 39], green: [32, 39], yellow: [33, 39], gray: [90, 39] } as const;

/** Colour is for terminals, and for who wants it: https://no-color.org */
function painter({ isTTY }: Terminal, environment: NodeJS.ProcessEnv): (style: Style, text: string) => string {
  const isPlain = !isTTY || Boolean(environment.NO_COLOR) || environment.TERM === 'dumb';
  return isPlain ? (_style, text) => text : (style, text) => `\u001b[${CODES[style][0]}m${text}\u001b[${CODES[style][1]}m`;
}
