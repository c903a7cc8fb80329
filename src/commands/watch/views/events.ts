/** Values that are no measurements, one under the other as they came: events, texts. */
import { type Line, span } from '../canvas.ts';
import type { Sample } from '../layout.ts';
import type { ViewState } from '../state.ts';
import { inWords } from '../units.ts';

export interface Told {
  readonly atMs: number;
  readonly value: unknown;
}

const SKIPPED = new Set(['sequence', 'timestampMs', 'event', 'type']);
const GOOD = /^(added|up|recovered|writable|mounted|started|left)$/;
const BAD = /^(removed|down|stuck|readonly|killed|gap|reset|entered|oom)$/;

/** The newest at the bottom. */
export function eventLines(told: readonly Told[], state: ViewState, rows: number): Line[] {
  const filter = (state.typed ?? state.filter).toLowerCase();
  const lines = told.map(eventLine).filter((line) => filter === '' || textOf(line).toLowerCase().includes(filter));
  const end = Math.max(Math.min(rows, lines.length), lines.length - state.back);
  return lines.slice(Math.max(0, end - rows), end);
}

const textOf = (line: Line) => line.map(({ text }) => text).join('');

function eventLine({ atMs, value }: Told): Line {
  const time = span(` ${clock(atMs)} `, 'dim');
  if (typeof value !== 'object' || value === null) return [time, span(inWords(value, null, { rates: 'bytes' }))];
  const sample = value as Sample;
  const name = String(sample.event ?? sample.type ?? '');
  const style = GOOD.test(name) ? 'fine' : BAD.test(name) ? 'bad' : 'strong';
  const facts = Object.entries(sample).filter(([key, fact]) => !SKIPPED.has(key) && fact !== null && fact !== undefined);
  return [
    time,
    ...(name === '' ? [] : [span(name.padEnd(9), style)]),
    ...facts.flatMap(([key, fact], at) => [
      span(`${at === 0 && name === '' ? '' : ' '}${key} `, 'dim'),
      span(inWords(fact, null, { rates: 'bytes' })),
    ]),
  ];
}

export function clock(atMs: number): string {
  const time = new Date(atMs);
  return [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
