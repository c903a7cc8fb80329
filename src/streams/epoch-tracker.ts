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
    const before = previous && !sameRows ? rowFinder(previous) : null;
    this.#epochs = table.names.map((name, row) => {
      const old = before ? before(name, table.keys[row] ?? null) : previous ? row : undefined;
      const runsOn = previous && old !== undefined && !this.#wentBackwards(previous, old, table, row);
      return runsOn ? (this.#epochs[old] as number) : ++this.#last;
    });
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
}

/** Row of the same device in an earlier table: by key where both know one, else by name. */
function rowFinder(table: CounterTable): (name: string, key: number | null) => number | undefined {
  const byName = new Map(table.names.map((name, row) => [name, row]));
  const byKey = new Map(table.keys.map((key, row) => [key, row]));
  return (name, key) => {
    if (key !== null && byKey.has(key)) return byKey.get(key);
    const row = byName.get(name);
    const known = row === undefined ? null : table.keys[row];
    return key !== null && known !== null ? undefined : row;
  };
}
