import { FIRST_CORE_ROW, MODES, USER_HZ } from './schema.ts';
import type { CpuCounts } from './source.ts';

const WIDTH = MODES.length;
/** A counter that falls by less has not begun anew: the kernel only guessed better. */
const LEAST_FALL_TICKS = 3 * USER_HZ;

/**
 * Ticks as a counter must be. The kernel takes back some idle time, waiting and steal now and then, which Prometheus
 * would take for a restart, and add all that was ever counted: until they are caught up with, the highest is told.
 */
export class SteadyTicks {
  #keys: CpuCounts['keys'] = [];
  #highest = new Float64Array();

  steady(table: CpuCounts): CpuCounts {
    const { counters, keys } = table;
    const isSame = keys === this.#keys && counters.length === this.#highest.length;
    const told = isSame ? counters.map((now, at) => this.#steadyOne(now, at)) : counters;
    this.#keys = keys;
    this.#highest = told as Float64Array<ArrayBuffer>;
    return { ...table, counters: told };
  }

  #steadyOne(now: number, at: number): number {
    const before = this.#highest[at] as number;
    return at >= FIRST_CORE_ROW * WIDTH && now < before && before - now < LEAST_FALL_TICKS ? before : now;
  }
}
