/** What has come and what was chosen: all that a screen is made of, also while it is held still. */
import { EARLIEST_TIME } from '../../streams/sequence.ts';
import type { Layout, Sample } from './layout.ts';
import { numberOf } from './layout.ts';
import { layoutsFor } from './layouts/index.ts';
import { Series } from './series.ts';
import { BEGINNING, type Surroundings, type ViewState } from './state.ts';
import type { Told } from './views/events.ts';
import { seriesKey } from './views/table.ts';

/** Events that one can go back to. */
const MOST_TOLD = 2000;
/** Greater numbers are no milliseconds, but perhaps microseconds, of a plugin that numbers its values itself. */
const LATEST_TIME = 1e14;

interface Shown {
  readonly layouts: readonly Layout[];
  readonly sample: Sample | null;
  readonly told: readonly Told[];
  readonly series: Series;
}

export class Picture {
  surroundings: Surroundings = { layouts: [], rowIds: [], pageRows: 1 };
  #state: ViewState = BEGINNING;
  #series = new Series();
  #sample: Sample | null = null;
  #told: Told[] = [];
  #layouts: readonly Layout[] = [];
  #shape = '';
  /** What stays on the screen while it is paused. */
  #held: Shown | null = null;

  get state(): ViewState {
    return this.#state;
  }

  get series(): Series {
    return this.#series;
  }

  get parts(): Shown & { readonly state: ViewState } {
    return { ...(this.#held ?? this.#now()), state: this.#state };
  }

  choose(state: ViewState): void {
    if (state.isPaused !== this.#state.isPaused) this.#held = state.isPaused ? { ...this.#now(), series: this.#series.copy() } : null;
    this.#state = state;
  }

  /** Another question: what was known of the last minute comes again. */
  begin(): void {
    this.#series = new Series();
    this.#told = [];
  }

  /** @param sequence as it was told beside the value, null where none was */
  take(value: unknown, sequence: number | null = null): void {
    const sample = sampleOf(value);
    const atMs = numberOf(sample?.timestampMs) ?? timeOf(sequence) ?? Date.now();
    if (sample === null || typeof sample.event === 'string') {
      this.#told.push({ atMs, value });
      if (this.#told.length > MOST_TOLD) this.#told.shift();
      return;
    }
    this.#sample = sample;
    const shape = shapeOf(sample);
    if (shape !== this.#shape) [this.#shape, this.#layouts] = [shape, layoutsFor(sample)];
    this.#series.record(
      atMs,
      this.#layouts.flatMap((layout) => measuresOf(layout, sample)),
    );
  }

  #now(): Shown {
    return { layouts: this.#layouts, sample: this.#sample, told: [...this.#told], series: this.#series };
  }
}

/** A number alone is one row; a text is something that is told. */
function sampleOf(value: unknown): Sample | null {
  if (typeof value === 'number') return { value };
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Sample) : null;
}

/** A part of a sample has no time of its own; when it comes is another one where it comes from the past. */
function timeOf(sequence: number | null): number | null {
  return sequence !== null && sequence > EARLIEST_TIME && sequence < LATEST_TIME ? sequence : null;
}

/** Which lists there are, and whether there is anything in them. */
function shapeOf(sample: Sample): string {
  return Object.entries(sample)
    .map(([key, value]) => `${key}${Array.isArray(value) ? (value.length > 0 ? '+' : '-') : ''}`)
    .join();
}

function measuresOf(layout: Layout, sample: Sample): (readonly [string, number | null])[] {
  const measured = layout.columns.filter(({ kind }) => kind === 'meter' || kind === 'count');
  return layout
    .rows(sample)
    .flatMap(({ id, values }) => measured.map((column) => [seriesKey(id, column.id), numberOf(values[column.id])] as const));
}
