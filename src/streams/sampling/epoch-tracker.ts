import type { CounterTable } from './counter-table.ts';

/**
 * Says, read after read, which rows still count on from where they were. A row gets a new epoch when it is
 * new, when its key shows another device under the old name, or when one of its counters ran backwards.
 * It sees every read, so a reset shows even in a long interval after whose end the counters have caught up.
 * A renamed device keeps its epoch: its counters run on.
 */
export class EpochTracker {
  #previous: CounterTable | null = null;
  #epochs: readonly number[] = [];
  #last = 0;
  /** Epochs that began with counters running backwards: their device may be a new one whose key is not known yet. */
  #doubted: ReadonlySet<number> = new Set();
  readonly #columns: number;

  /** @param columns how many of the first columns must never decrease (error counters of some drivers do) */
  constructor(columns: number) {
    this.#columns = columns;
  }

  track(table: CounterTable): readonly number[] {
    const previous = this.#previous;
    this.#previous = table;
    const sameRows = previous !== null && previous.names === table.names && previous.keys === table.keys;
    if (sameRows && !this.#anyBackwards(previous, table)) return this.#epochs;
    const before = previous && !sameRows ? this.#rowFinder(previous, table) : null;
    const doubted = new Set(sameRows ? this.#doubted : []);
    this.#epochs = table.names.map((name, row) => {
      const old = before ? before(name, table.keys[row] ?? null) : previous ? row : undefined;
      const isNew = !previous || old === undefined;
      if (!isNew && !this.#wentBackwards(previous, old, table, row)) return this.#epochs[old] as number;
      this.#last++;
      if (!isNew) doubted.add(this.#last);
      return this.#last;
    });
    this.#doubted = doubted;
    return this.#epochs;
  }

  #anyBackwards(previous: CounterTable, table: CounterTable): boolean {
    for (let row = 0; row < table.names.length; row++) if (this.#wentBackwards(previous, row, table, row)) return true;
    return false;
  }

  #wentBackwards(previous: CounterTable, oldRow: number, table: CounterTable, row: number): boolean {
    for (let column = 0; column < this.#columns; column++) {
      const was = previous.counters[oldRow * table.width + column] as number;
      const is = table.counters[row * table.width + column] as number;
      if (is < was) return true;
    }
    return false;
  }

  /** Row of the same device in the table before: by key where both know one, else by name. */
  #rowFinder(previous: CounterTable, table: CounterTable): (name: string, key: number | null) => number | undefined {
    const byName = new Map(previous.names.map((name, row) => [name, row]));
    const byKey = new Map(previous.keys.map((key, row) => [key, row]));
    const keysNow = new Set(table.keys);
    return (name, key) => {
      if (key !== null && byKey.has(key)) return byKey.get(key);
      const row = byName.get(name);
      if (row === undefined) return undefined;
      const known = previous.keys[row] ?? null;
      if (key === null || known === null) return row;
      // Its counters have told already that it is another device; now its key says so, too.
      return this.#doubted.has(this.#epochs[row] as number) && !keysNow.has(known) ? row : undefined;
    };
  }
}
