import type { Reading } from './counter-table.ts';
import { Extremes } from './extremes.ts';

/** What is looked at step by step: values made of one row's rates. */
export interface BurstMeasures {
  readonly names: readonly string[];
  /** Pure. Writes a value per name, NaN where there is none; `perSecond` holds the row's rates by column. */
  readonly measure: (perSecond: Float64Array, values: Float64Array) => void;
}

/** What happened inside one interval, step by step; rows are those of the reading at its end. Never changed once made. */
export interface Burst {
  readonly names: readonly string[];
  /** Steps of the interval, known or not. */
  readonly steps: number;
  /** Per row: steps in which its counters ran on. */
  readonly knownSteps: Uint32Array;
  /** Per row: how long these were on average; NaN without any. */
  readonly stepMs: Float64Array;
  /** Row by row and name by name: least, greatest and 95th percentile; NaN where no step had a value. */
  readonly values: Float64Array;
}

/** Values per name in `Burst.values`. */
export const BURST_WIDTH = 3;

/**
 * Takes an interval in step by step, one reading after the other, and allocates nothing while rows stay as they are.
 * Rows may come, go, begin anew and change places meanwhile: a device keeps what was seen of it.
 */
export class BurstCollector {
  readonly #measures: BurstMeasures;
  readonly #mostSteps: number;
  readonly #values: Float64Array;
  /** Of the step before. */
  #last: Reading | null = null;
  #perSecond = new Float64Array();
  #extremes: Extremes;
  #steps = 0;
  #knownSteps = new Uint32Array();
  #knownMs = new Float64Array();

  /** @param mostSteps as many as an interval can have */
  constructor(measures: BurstMeasures, mostSteps: number) {
    this.#measures = measures;
    this.#mostSteps = mostSteps;
    this.#values = new Float64Array(measures.names.length);
    this.#extremes = new Extremes(0, mostSteps);
  }

  /** The reading at which the first step begins. */
  begin(reading: Reading): void {
    this.#last = reading;
    this.#steps = 0;
    this.#clear(reading);
  }

  /** The next reading: one step more. */
  step(now: Reading): void {
    const before = this.#last;
    if (!before) return this.begin(now);
    this.#last = now;
    this.#steps++;
    const rowBefore = before.epochs === now.epochs ? null : this.#moveRows(before, now);
    // Nobody knows when in a sleep, and while nothing was counted, it was.
    if (before.sleeps !== now.sleeps) return;
    const ms = now.monotonicMs - before.monotonicMs;
    for (let row = 0; row < now.names.length; row++) {
      const old = rowBefore ? rowBefore.get(now.epochs[row] as number) : row;
      if (old !== undefined) this.#measure(before, old, now, row, ms);
    }
  }

  /** What happened since the beginning; the last reading is the beginning of what comes. */
  take(): Burst {
    const reading = this.#last as Reading;
    const { names } = this.#measures;
    const cells = reading.names.length * names.length;
    const values = new Float64Array(cells * BURST_WIDTH);
    for (let cell = 0; cell < cells; cell++) this.#extremes.tell(cell, values, cell * BURST_WIDTH);
    const knownSteps = this.#knownSteps;
    const stepMs = this.#knownMs.map((ms, row) => (knownSteps[row] === 0 ? Number.NaN : ms / (knownSteps[row] as number)));
    const burst = { names, steps: this.#steps, knownSteps, stepMs, values };
    this.begin(reading);
    return burst;
  }

  #measure(before: Reading, old: number, now: Reading, row: number, ms: number): void {
    const { width } = now;
    const perSecond = this.#perSecond;
    for (let column = 0; column < width; column++) {
      const is = now.counters[row * width + column] as number;
      const was = before.counters[old * width + column] as number;
      perSecond[column] = is >= was ? ((is - was) * 1000) / ms : Number.NaN;
    }
    const values = this.#values;
    this.#measures.measure(perSecond, values);
    for (let i = 0; i < values.length; i++) this.#extremes.add(row * values.length + i, values[i] as number);
    this.#knownSteps[row] = (this.#knownSteps[row] as number) + 1;
    this.#knownMs[row] = (this.#knownMs[row] as number) + ms;
  }

  #clear({ names, width }: Reading): void {
    const rows = names.length;
    const cells = rows * this.#values.length;
    if (this.#extremes.cells === cells) this.#extremes.clear();
    else this.#extremes = new Extremes(cells, this.#mostSteps);
    if (this.#perSecond.length !== width) this.#perSecond = new Float64Array(width);
    // Those of before were given away.
    this.#knownSteps = new Uint32Array(rows);
    this.#knownMs = new Float64Array(rows);
  }

  /** What was seen of each device moves to its row of now. @returns row before by epoch */
  #moveRows(before: Reading, now: Reading): ReadonlyMap<number, number> {
    const [extremes, knownSteps, knownMs] = [this.#extremes, this.#knownSteps, this.#knownMs];
    const width = this.#values.length;
    this.#extremes = new Extremes(now.names.length * width, this.#mostSteps);
    this.#clear(now);
    const byEpoch = new Map(before.epochs.map((epoch, row) => [epoch, row]));
    const byName = new Map(before.names.map((name, row) => [name, row]));
    now.names.forEach((name, row) => {
      const old = byEpoch.get(now.epochs[row] as number) ?? sameDevice(before, byName.get(name), now, row);
      if (old === undefined) return;
      for (let i = 0; i < width; i++) this.#extremes.copy(extremes, old * width + i, row * width + i);
      this.#knownSteps[row] = knownSteps[old] as number;
      this.#knownMs[row] = knownMs[old] as number;
    });
    return byEpoch;
  }
}

/** Under the old name there may be another device now; one whose counters only began anew keeps what was seen. */
function sameDevice(before: Reading, old: number | undefined, now: Reading, row: number): number | undefined {
  if (old === undefined) return undefined;
  const [was, is] = [before.keys[old] ?? null, now.keys[row] ?? null];
  return was === null || is === null || was === is ? old : undefined;
}
