import { type Line, span } from '../canvas.ts';
import type { Layout } from '../layout.ts';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['q  Ctrl-C', 'quit'],
  ['p  space', 'pause, and go on'],
  ['u', 'bytes or bits per second'],
  ['s', 'bars up to the link speed, or to the highest seen'],
  ['-  +', 'shorter, longer interval'],
  ['<  >', 'order by another column'],
  ['i', 'turn the order around'],
  ['/', 'show only names with a text in them; Enter, Esc'],
  ['up  down  j  k', 'choose a row; also PgUp, PgDn, Home, End'],
  ['g', 'with or without the graphs of that row'],
  ['Tab', 'what else there is in the answer'],
  ['Esc', 'back to the beginning'],
];

export function helpLines(layout: Layout | undefined): Line[] {
  const orders = (layout?.orders ?? []).filter(({ key }) => key !== undefined);
  const own = orders.map(({ key, title }) => [key as string, `order by ${title}; again: turned around`] as const);
  const notes = [
    'A full bar is the link speed of a real link (under "link"), else',
    'the highest rate seen within a minute, rounded up (under "seen").',
    'Beside it the last minute, drawn to its own highest. err+drop',
    'counts since the start, and is loud when it rose within a minute.',
  ];
  return [
    [span(' Keys', 'title')],
    [],
    ...[...KEYS, ...own].map(([keys, what]) => [span(`  ${keys.padEnd(16)}`, 'key'), span(what)]),
    [],
    ...(own.length > 0 ? notes.map((note) => [span(`  ${note}`, 'dim')]) : []),
  ];
}
