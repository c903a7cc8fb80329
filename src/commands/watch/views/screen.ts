/** All of the screen, from what is known to lines. Pure: the same parts give the same lines. */
import { type Line, type Span, type Style, span } from '../canvas.ts';
import type { FeedState } from '../feed.ts';
import type { Graphics } from '../graphics.ts';
import { nearStep } from '../intervals.ts';
import type { Layout, Row, Sample } from '../layout.ts';
import type { Series } from '../series.ts';
import type { ViewState } from '../state.ts';
import { fit, widthOf } from '../text.ts';
import { clock, eventLines, type Told } from './events.ts';
import { helpLines } from './help.ts';
import { factLine, goodPaneRows, hasGraphs, LEAST_PANE_ROWS, paneLines } from './pane.ts';
import { orderedRows, type TableParts, tableHead, tableLines } from './table.ts';

export interface ScreenParts {
  readonly topic: string;
  readonly agent: string;
  readonly feed: FeedState;
  /** What is told for a moment, such as why an interval was refused. */
  readonly notice: string | null;
  readonly layouts: readonly Layout[];
  readonly sample: Sample | null;
  /** Where there is nothing to set out: what came, the newest last. */
  readonly told: readonly Told[];
  readonly series: Series;
  readonly state: ViewState;
  readonly graphics: Graphics;
  readonly width: number;
  readonly height: number;
}

export interface Screen {
  readonly lines: readonly Line[];
  /** Ids of the rows in their order, for keys that move among them. */
  readonly rowIds: readonly string[];
  readonly pageRows: number;
}

export function screenOf(parts: ScreenParts): Screen {
  const { height, state, layouts } = parts;
  const top = titleLine(parts);
  const bottom = bottomLine(parts);
  const room = Math.max(0, height - 2);
  const body = state.hasHelp ? { lines: helpLines(layouts[state.layout]), rowIds: [], pageRows: room } : bodyOf(parts, room);
  const lines = [top, ...Array.from({ length: room }, (_, i) => body.lines[i] ?? []), bottom];
  return { ...body, lines: lines.slice(0, height) };
}

function bodyOf(parts: ScreenParts, room: number): Screen {
  const { layouts, sample, state, told, feed } = parts;
  const layout = layouts[state.layout] ?? layouts[0];
  if (layout && sample) return tableBody(layout, sample, parts, room);
  if (told.length > 0) return { lines: eventLines(told, state, room), rowIds: [], pageRows: room };
  return {
    lines: [
      [],
      [span(sample ? ' There is none of it now.' : feed.kind === 'live' ? ' Nothing has come yet.' : ' Asking the agent ...', 'dim')],
    ],
    rowIds: [],
    pageRows: room,
  };
}

function tableBody(layout: Layout, sample: Sample, parts: ScreenParts, room: number): Screen {
  const { state, graphics, width, series } = parts;
  const facts = layout.facts(sample, { rates: state.rates });
  const head = room < 6 ? [] : facts.length > 0 ? [factLine(facts, parts), []] : [[]];
  const all = orderedRows(layout, sample, state);
  const chosenAt = Math.max(
    0,
    all.findIndex(({ id }) => id === state.chosen),
  );
  const rowRoom = room - head.length - 1;
  const wantsPane = state.hasPane && all.length > 0 && rowRoom >= LEAST_PANE_ROWS + 4;
  // Rows come before graphs, but leave them a place where not all can be shown anyway.
  const pageRows = wantsPane ? Math.min(all.length, Math.max(rowRoom - goodPaneRows(layout), Math.ceil(rowRoom / 2))) : rowRoom;
  const first = Math.max(0, Math.min(chosenAt - Math.floor(pageRows / 2), all.length - pageRows));
  const shown = all.slice(first, first + pageRows);
  const table: TableParts = { layout, rows: shown, series, state, graphics, width };
  const chosen = all[chosenAt] as Row | undefined;
  const isMarked = state.chosen !== null || wantsPane;
  const paneRoom = rowRoom - shown.length - 1;
  const pane =
    wantsPane && chosen && paneRoom >= (hasGraphs(layout) ? LEAST_PANE_ROWS : 2) ? [[], ...paneLines(chosen, table, paneRoom)] : [];
  const none = all.length === 0 ? [[span(state.filter || state.typed ? ' No name has this text in it.' : ' There is none.', 'dim')]] : [];
  const lines = [...head, tableHead(table), ...tableLines(table, isMarked ? (chosen?.id ?? null) : null), ...none, ...pane];
  return { lines, rowIds: all.map(({ id }) => id), pageRows: Math.max(1, pageRows) };
}

function titleLine({ topic, agent, sample, series, state, graphics, feed, width }: ScreenParts): Line {
  const [word, style]: [string, Style] =
    feed.kind === 'lost'
      ? ['lost', 'bad']
      : feed.kind === 'opening'
        ? ['opening', 'warn']
        : state.isPaused
          ? ['paused', 'warn']
          : ['live', 'fine'];
  const name = ` hostpulse ${topic} `;
  const interval = sample && series.intervalMs > 0 ? `every ${inSeconds(series.intervalMs)}` : '';
  const time = series.newestMs > 0 ? clock(series.newestMs) : '';
  const right: Span[] = [span(`${graphics.dot} ${word}`, style), span(time === '' ? ' ' : ` ${time} `)];
  const rightWidth = right.reduce((sum, { text }) => sum + widthOf(text), 0);
  const room = Math.max(0, width - widthOf(name) - rightWidth);
  const middle = [agent, interval].filter((part) => part !== '').join(` ${graphics.separator} `);
  return [
    span(fit(name, Math.min(widthOf(name), width), 'left', graphics.cut), 'title'),
    span(fit(middle, room, 'left', graphics.cut), 'dim'),
    ...right,
  ];
}

/** As it was asked for, not as a scheduler was late. */
function inSeconds(measuredMs: number): string {
  const ms = nearStep(measuredMs);
  return ms < 950 ? `${Math.round(ms / 10) * 10} ms` : `${Number((ms / 1000).toPrecision(2))} s`;
}

function bottomLine({ state, feed, notice, layouts, width, sample }: ScreenParts): Line {
  if (state.typed !== null) return [span(' /', 'key'), span(state.typed), span(' ', 'chosen')];
  if (feed.kind === 'lost') {
    const again = feed.delayMs === null ? 'trying again' : `trying again in ${inSeconds(feed.delayMs)}`;
    return [span(fit(` connection lost, ${again}: ${feed.reason} `, width), 'bad')];
  }
  if (notice !== null) return [span(` ${notice}`, 'warn')];
  const keys: [string, string][] = [
    ['q', 'quit'],
    ['?', 'help'],
    ['/', state.filter === '' ? 'filter' : `filter: ${state.filter}`],
    ...(sample
      ? ([
          ['<>', `order: ${orderTitle(state, layouts)}`],
          ['u', 'bits'],
          ['+-', 'interval'],
        ] as [string, string][])
      : []),
    ['p', 'pause'],
    ...(layouts.length > 1 ? ([['Tab', layouts[(state.layout + 1) % layouts.length]?.title ?? '']] as [string, string][]) : []),
  ];
  let used = 0;
  const fitting = keys.filter(([key, what]) => {
    used += widthOf(key) + widthOf(what) + 3;
    return used <= width;
  });
  return fitting.flatMap(([key, what]) => [span(` ${key}`, 'key'), span(` ${what} `, 'dim')]);
}

function orderTitle({ layout, order }: ViewState, layouts: readonly Layout[]): string {
  const { orders = [] } = layouts[layout] ?? {};
  return (orders.find(({ id }) => id === order) ?? orders[0])?.title ?? '';
}
