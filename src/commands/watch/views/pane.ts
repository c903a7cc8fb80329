/** The chosen row at large: what is known of it, and its last minute as graphs. */
import { type Line, type Span, span } from '../canvas.ts';
import { roundUp } from '../graphics.ts';
import { type Column, type Layout, numberOf, type Row } from '../layout.ts';
import { WINDOW_MS } from '../series.ts';
import { fit, widthOf } from '../text.ts';
import { inWords } from '../units.ts';
import { heightStyle, limitOf, seriesKey, sharedTop, styleOf, type TableParts } from './table.ts';

/** Rule, head of the graphs, two rows of them, times. */
export const LEAST_PANE_ROWS = 5;
/** Without graphs: blank, rule, facts. */
const BARE_PANE_ROWS = 3;
const MOST_GRAPH_ROWS = 20;
const LEAST_GRAPH_WIDTH = 16;
const GAP = 2;

export const hasGraphs = ({ columns }: Layout) => columns.some(({ kind, hasTrend }) => kind === 'meter' && hasTrend !== false);

/** So that there is something to be seen in it. */
export const goodPaneRows = (layout: Layout) => (hasGraphs(layout) ? LEAST_PANE_ROWS + 8 : BARE_PANE_ROWS);

export function paneLines(row: Row, parts: TableParts, rows: number): Line[] {
  const { layout, graphics, width } = parts;
  const about = row.about && row.about.length > 0 && rows > LEAST_PANE_ROWS ? [factLine(row.about, parts)] : [];
  const meters = layout.columns
    .filter(({ kind, hasTrend }) => kind === 'meter' && hasTrend !== false)
    .slice(0, graphWidth(width, 2) >= LEAST_GRAPH_WIDTH ? 2 : 1);
  const name = String(row.values[layout.columns[0]?.id ?? '']);
  const title = ` ${fit(name, Math.min(widthOf(name), Math.max(1, width - 8)), 'left', graphics.cut)} `;
  const rule = [
    span(` ${graphics.rule.repeat(2)}`, 'dim'),
    span(title, 'strong'),
    span(graphics.rule.repeat(Math.max(0, width - widthOf(title) - 4)), 'dim'),
  ];
  if (meters.length === 0) return [rule, ...about];
  const room = rows - 1 - about.length - 2;
  const graphRows = Math.min(MOST_GRAPH_ROWS, room);
  const graphs = meters.map((meter) => graphOf(meter, row, parts, graphWidth(width, meters.length), graphRows));
  const lines = Array.from({ length: graphRows + 2 }, (_, i) =>
    graphs.flatMap((graph, at) => [span(' '.repeat(at === 0 ? 1 : GAP)), ...(graph[i] as Span[])]),
  );
  return [rule, ...about, ...lines];
}

const graphWidth = (width: number, count: number) => Math.floor((width - 2 - GAP * (count - 1)) / count);

function graphOf(meter: Column, row: Row, parts: TableParts, width: number, rows: number): Span[][] {
  const { series, graphics, state } = parts;
  const key = seriesKey(row.id, meter.id);
  const unit = row.unit === undefined ? meter.unit : row.unit;
  const say = (value: unknown) => inWords(value, unit, { rates: state.rates });
  const highest = series.highest(key);
  const limit = limitOf(row, meter, state);
  const top = limit === 1 ? 1 : roundUp(highest);
  const now = say(row.values[meter.id]);
  const head = fit(`${meter.title} `, Math.min(widthOf(meter.title) + 1, Math.max(0, width - widthOf(now))), 'left', graphics.cut);
  const bar =
    meter.hasBar === false || limit === 1
      ? ''
      : `, bar to ${limit === null ? `${say(sharedTop(meter, parts))} (highest seen)` : `${say(limit)} (link)`}`;
  const facts = `highest ${say(highest)}${bar}`;
  const room = width - widthOf(head) - widthOf(now) - 2;
  const shown = [facts, `highest ${say(highest)}`].find((text) => widthOf(text) <= room) ?? '';
  const blank = ' '.repeat(Math.max(0, width - widthOf(head) - widthOf(now) - widthOf(shown)));
  const values = series.parts(key, width);
  const isKnown = numberOf(row.values[meter.id]) !== null;
  const lines = graphics.graph(values, top, rows).map((line, at) => {
    // Coloured by height, as a thermometer is.
    const style = isKnown ? heightStyle(((rows - at - 0.5) / rows) * top, meter, row) : 'dim';
    return labelled(line, at === 0 ? say(top) : '', style);
  });
  const ago = `${WINDOW_MS / 1000} s ago`;
  return [
    [span(head, 'head'), span(now, styleOf(meter, row, series)), span(blank), span(shown, 'dim')],
    ...lines,
    [span(`${fit(ago, width - 3)}now`, 'dim')],
  ];
}

/** What the highest row stands for is written where nothing is drawn. */
function labelled(line: string, label: string, style: Column['style']): Span[] {
  const room = label.length + 1;
  const isFree = label !== '' && /^ *$/.test(line.slice(0, room));
  return isFree ? [span(label, 'dim'), span(line.slice(label.length), style)] : [span(line, style)];
}

/** Those that fit: half of one may say something else. */
export function factLine(facts: readonly string[], { graphics, width }: Pick<TableParts, 'graphics' | 'width'>): Line {
  const separator = ` ${graphics.separator} `;
  let used = 1 - separator.length;
  const fitting = facts.filter((fact) => {
    used += widthOf(fact) + separator.length;
    return used < width;
  });
  return [span(' '), ...fitting.flatMap((fact, at) => [...(at === 0 ? [] : [span(separator, 'dim')]), span(fact)])];
}
