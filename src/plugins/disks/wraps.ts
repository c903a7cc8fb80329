import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import { MONOTONIC_COLUMNS, WRAPPING_COLUMNS } from './schema.ts';

const RANGE = 2 ** 32;
/** A counter that fell is taken to have run on behind 2^32 only if that is no further than this: a quarter of its range. */
const LONGEST_STEP = 2 ** 30;

/**
 * Lets counters run on that start from 0 again behind 2^32: the kernel tells times in 32 bits everywhere (50 days of
 * them; a busy disk gathers those within days), and a 32-bit kernel everything else, too. A fall that is none is left alone.
 */
export class Wraps {
  #previous: CounterTable | null = null;
  /** By device: what to add per column. Most never have any. */
  #added = new Map<string, Float64Array>();

  /** @returns the counters as they would be with more digits; the table's own where nothing has ever wrapped */
  unwrapped(table: CounterTable): Float64Array {
    const previous = this.#previous;
    this.#previous = table;
    if (previous) this.#follow(previous, table);
    return this.#added.size === 0 ? table.counters : this.#sum(table);
  }

  #follow(previous: CounterTable, table: CounterTable): void {
    const sameRows = previous.names === table.names;
    const rows = sameRows ? null : new Map(previous.names.map((name, row) => [name, row]));
    if (rows) for (const name of this.#added.keys()) if (!table.names.includes(name)) this.#added.delete(name);
    table.names.forEach((name, row) => {
      const old = rows ? rows.get(name) : row;
      if (old !== undefined) this.#followRow(name, previous.counters, old * table.width, table.counters, row * table.width);
    });
  }

  #followRow(name: string, before: Float64Array, beforeAt: number, now: Float64Array, nowAt: number): void {
    const wrapped: number[] = [];
    for (let column = 0; column < WRAPPING_COLUMNS; column++) {
      const was = before[beforeAt + column] as number;
      const is = now[nowAt + column] as number;
      if (!(is < was)) continue;
      if (was < RANGE && is + RANGE - was <= LONGEST_STEP) wrapped.push(column);
      // Another device, or one that counts anew: nothing runs on.
      else if (column < MONOTONIC_COLUMNS) return void this.#added.delete(name);
    }
    if (wrapped.length === 0) return;
    const added = this.#added.get(name) ?? new Float64Array(WRAPPING_COLUMNS);
    for (const column of wrapped) added[column] = (added[column] as number) + RANGE;
    this.#added.set(name, added);
  }

  #sum({ names, counters, width }: CounterTable): Float64Array {
    const sum = counters.slice();
    names.forEach((name, row) => {
      this.#added.get(name)?.forEach((more, column) => {
        sum[row * width + column] = (sum[row * width + column] as number) + more;
      });
    });
    return sum;
  }
}
