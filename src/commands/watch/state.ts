/** What the viewer has chosen, and what a key makes of it. */
import type { Layout } from './layout.ts';

export interface ViewState {
  /** Of the layouts that there are. */
  readonly layout: number;
  /** null: as the layout begins. */
  readonly order: string | null;
  readonly isReversed: boolean;
  readonly filter: string;
  /** What is being typed after `/`; null: nothing is. */
  readonly typed: string | null;
  readonly rates: 'bytes' | 'bits';
  /** What a full bar stands for, where a link speed is known. */
  readonly scale: 'link' | 'seen';
  readonly isPaused: boolean;
  readonly hasHelp: boolean;
  readonly hasPane: boolean;
  /** Id of a row; null: the first. */
  readonly chosen: string | null;
  /** Lines of events that one has gone back. */
  readonly back: number;
}

export const BEGINNING: ViewState = {
  ...{ layout: 0, order: null, isReversed: false, filter: '', typed: null, rates: 'bytes', scale: 'link' },
  ...{ isPaused: false, hasHelp: false, hasPane: true, chosen: null, back: 0 },
};

/** What is on the screen while a key is pressed. */
export interface Surroundings {
  readonly layouts: readonly Layout[];
  /** Ids of the rows in their order. */
  readonly rowIds: readonly string[];
  readonly pageRows: number;
}

export type Wish = 'quit' | 'suspend' | 'redraw' | 'faster' | 'slower';

export interface Pressed {
  readonly state: ViewState;
  readonly wish: Wish | null;
}

const WISHES: Readonly<Record<string, Wish>> = {
  ...{ q: 'quit', 'ctrl-c': 'quit', 'ctrl-z': 'suspend', 'ctrl-l': 'redraw' },
  ...{ '+': 'slower', '=': 'slower', '-': 'faster', _: 'faster' },
};
const MOST_FILTER = 200;

export function press(state: ViewState, key: string, around: Surroundings): Pressed {
  if (state.typed !== null && key !== 'ctrl-c' && key !== 'ctrl-z') return { state: typing(state, key), wish: null };
  const wish = WISHES[key];
  if (wish !== undefined) return { state, wish };
  if (state.hasHelp) return { state: { ...state, hasHelp: false }, wish: null };
  return { state: { ...state, ...change(state, key, around) }, wish: null };
}

/** In the line of the filter. */
function typing(state: ViewState, key: string): ViewState {
  const typed = state.typed ?? '';
  if (key === 'enter') return { ...state, typed: null, filter: typed, chosen: null };
  if (key === 'escape') return { ...state, typed: null };
  if (key === 'ctrl-u') return { ...state, typed: '' };
  // As in less: going back further than the beginning leaves it.
  if (key === 'backspace') return { ...state, typed: typed === '' ? null : [...typed].slice(0, -1).join('') };
  return [...key].length === 1 && typed.length < MOST_FILTER ? { ...state, typed: typed + key } : state;
}

function change(state: ViewState, key: string, around: Surroundings): Partial<ViewState> {
  const { layouts, pageRows } = around;
  const layout = layouts[state.layout];
  const byKey = layout?.orders.find((order) => order.key === key);
  if (byKey) return { order: byKey.id, isReversed: state.order === byKey.id ? !state.isReversed : false };
  switch (key) {
    case '?':
    case 'h':
      return { hasHelp: true };
    case 'p':
    case ' ':
      return { isPaused: !state.isPaused };
    case 'u':
      return { rates: state.rates === 'bytes' ? 'bits' : 'bytes' };
    case 's':
      return { scale: state.scale === 'link' ? 'seen' : 'link' };
    case '/':
      return { typed: '' };
    case 'escape':
      return { filter: '', chosen: null, back: 0 };
    case 'g':
      return { hasPane: !state.hasPane };
    case 'i':
      return { isReversed: !state.isReversed };
    case '>':
      return nextOrder(state, layout, 1);
    case '<':
      return nextOrder(state, layout, -1);
    case 'tab':
      return { layout: layouts.length === 0 ? 0 : (state.layout + 1) % layouts.length, order: null, isReversed: false, chosen: null };
    default:
      return move(state, key, around.rowIds, pageRows);
  }
}

function nextOrder(state: ViewState, layout: Layout | undefined, step: 1 | -1): Partial<ViewState> {
  const orders = layout?.orders ?? [];
  if (orders.length === 0) return {};
  const at = Math.max(
    0,
    orders.findIndex(({ id }) => id === state.order),
  );
  return { order: orders[(at + step + orders.length) % orders.length]?.id ?? null, isReversed: false };
}

function move(state: ViewState, key: string, ids: readonly string[], pageRows: number): Partial<ViewState> {
  const steps: Readonly<Record<string, number>> = {
    ...{ down: 1, j: 1, up: -1, k: -1, 'page-down': pageRows, 'page-up': -pageRows, home: -1e9, end: 1e9, G: 1e9 },
  };
  const step = steps[key];
  if (step === undefined) return {};
  // Of events there is nothing to choose: one goes back in them.
  if (ids.length === 0) return { back: Math.max(0, Math.min(state.back - step, 1e6)) };
  const at = Math.max(0, state.chosen === null ? 0 : ids.indexOf(state.chosen));
  return { chosen: ids[Math.min(ids.length - 1, Math.max(0, at + step))] ?? null };
}
