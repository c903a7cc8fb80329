/** Bars, sparklines and graphs of characters, for terminals that have block elements and for those that have not. */
export interface Graphics {
  /** Filled part and track; together so wide. */
  bar(ratio: number, width: number): readonly [filled: string, track: string];
  /** A character per value; null is blank. */
  sparkline(values: readonly (number | null)[], top: number): string;
  /** Rows of characters, the highest first. */
  graph(values: readonly (number | null)[], top: number, rows: number): string[];
  readonly separator: string;
  readonly rule: string;
  readonly arrows: { readonly up: string; readonly down: string };
  readonly cut: string;
  readonly dot: string;
}

const EIGHTHS = ' ▁▂▃▄▅▆▇█';

export const BLOCKS: Graphics = {
  bar: (ratio, width) => {
    const halves = Math.round(clamp(ratio) * width * 2);
    const filled = '━'.repeat(halves >> 1) + (halves % 2 === 1 ? '╸' : '');
    return [filled, '─'.repeat(width - filled.length)];
  },
  sparkline: (values, top) => values.map((value) => (value === null ? ' ' : EIGHTHS[level(value, top, 8)])).join(''),
  graph: (values, top, rows) => stacked(values, top, rows, 8, EIGHTHS),
  separator: '·',
  rule: '─',
  arrows: { up: '▲', down: '▼' },
  cut: '…',
  dot: '●',
};

const FOURTHS = ' .-=#';

export const ASCII: Graphics = {
  bar: (ratio, width) => {
    const filled = '#'.repeat(Math.round(clamp(ratio) * width));
    return [filled, '.'.repeat(width - filled.length)];
  },
  sparkline: (values, top) => values.map((value) => (value === null ? ' ' : FOURTHS[level(value, top, 4)])).join(''),
  graph: (values, top, rows) => stacked(values, top, rows, 2, ' .#'),
  separator: '|',
  rule: '-',
  arrows: { up: '^', down: 'v' },
  cut: '~',
  dot: '*',
};

function clamp(ratio: number): number {
  return Number.isNaN(ratio) ? 0 : Math.min(1, Math.max(0, ratio));
}

/** What is there at all is seen, also beside something much higher; 1 is the floor, so that a line of zeros is a line. */
function level(value: number, top: number, levels: number): number {
  return Math.max(1, Math.round(clamp(top > 0 ? value / top : 0) * levels));
}

function stacked(values: readonly (number | null)[], top: number, rows: number, levels: number, characters: string): string[] {
  const heights = values.map((value) => (value === null ? 0 : level(value, top, rows * levels)));
  return Array.from({ length: rows }, (_, row) => {
    const below = (rows - 1 - row) * levels;
    return heights.map((height) => characters[Math.min(levels, Math.max(0, height - below))]).join('');
  });
}

/** A round number not below this one: 1, 2 or 5 times a power of ten. */
export function roundUp(value: number): number {
  if (!(value > 0)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const step = [1, 2, 5, 10].find((factor) => value <= factor * power * (1 + 1e-9)) ?? 10;
  return step * power;
}

/** Do characters beyond ASCII come through? As the locale says, in the order in which it counts. */
export function graphicsFor({ LC_ALL, LC_CTYPE, LANG, TERM }: NodeJS.ProcessEnv, platform = process.platform): Graphics {
  if (platform === 'win32') return BLOCKS;
  const locale = LC_ALL || LC_CTYPE || LANG || '';
  return /utf-?8/i.test(locale) && TERM !== 'linux' && TERM !== 'dumb' ? BLOCKS : ASCII;
}
