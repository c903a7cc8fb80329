import { FileReader, type Host } from '../../core/base-plugin.ts';
import { DiskstatsParser, type DiskstatsTable } from './diskstats.ts';
import { type DiskFacts, lookAgain, lookAtDisk } from './facts.ts';
import { COLUMNS } from './schema.ts';
import { Wraps } from './wraps.ts';

/** Counters that run on behind 2^32, with those that the kernel said. */
export interface DiskTable extends DiskstatsTable {
  readonly said: Float64Array;
  readonly facts: readonly DiskFacts[];
  readonly isSupported: boolean;
}

/** A look costs as much as a reading of all counters: one in so many ticks, and all devices in so many looks. */
const TICKS_PER_LOOK = 10;
const LOOKS_PER_ROUND = 6;
const WIDTH = COLUMNS.length;
const RISING = [COLUMNS.indexOf('reads'), COLUMNS.indexOf('writes')];
const NOTHING: DiskTable = {
  ...{ names: [], numbers: [], keys: [], facts: [], counters: new Float64Array(), width: COLUMNS.length },
  ...{ said: new Float64Array(), isSupported: false },
};

/** One file per tick, kept open: /proc/diskstats. What devices are is asked of sysfs when they come, and rarely afterwards. */
export class DiskSource {
  readonly #host: Host;
  readonly #file: FileReader;
  readonly #parser = new DiskstatsParser();
  readonly #wraps = new Wraps();
  #names: readonly string[] = [];
  #facts: readonly DiskFacts[] = [];
  #keys: readonly (number | null)[] = [];
  #last: DiskstatsTable | null = null;
  #next = 0;
  #ticks = 0;

  constructor(host: Host) {
    this.#host = host;
    this.#file = new FileReader(`${host.procfs}/diskstats`);
  }

  /** @throws where the file is there and cannot be read */
  read(): DiskTable {
    if (this.#host.platform !== 'linux') return NOTHING;
    let table: DiskstatsTable;
    try {
      table = this.#parser.parse(this.#file.read());
      // It comes in pages that do not agree on one moment: before a change is believed, it is read again.
      if (table.names !== this.#names && this.#names.length > 0) table = this.#parser.parse(this.#file.read());
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return NOTHING;
      throw error;
    }
    const before = this.#last;
    this.#last = table;
    if (table.names !== this.#names) this.#learn(table, before);
    else if (before) this.#lookBehindFalls(table, before);
    const counters = this.#wraps.unwrapped(table);
    return { ...table, keys: this.#keys, counters, said: table.counters, facts: this.#facts, isSupported: true };
  }

  /** Looks at some of the devices again, now and then. */
  look(): void {
    this.#ticks = (this.#ticks + 1) % TICKS_PER_LOOK;
    if (this.#ticks !== 0) return;
    const count = Math.ceil(this.#names.length / LOOKS_PER_ROUND);
    const facts = [...this.#facts];
    for (let n = 0; n < count; n++, this.#next++) {
      this.#next %= this.#names.length;
      facts[this.#next] = lookAgain(this.#host, this.#names[this.#next] as string, facts[this.#next] as DiskFacts);
    }
    if (facts.some((own, row) => own !== this.#facts[row])) this.#note(facts);
  }

  close(): void {
    this.#file.close();
  }

  /** Who was there before is known, unless another has its name now. */
  #learn(table: DiskstatsTable, before: DiskstatsTable | null): void {
    const rows = new Map(this.#names.map((name, row) => [name, row]));
    this.#names = table.names;
    const facts = table.names.map((name, row) => {
      const old = rows.get(name);
      const isKnown = old !== undefined && !(before && hasFallen(before, old, table, row));
      return isKnown ? (this.#facts[old] as DiskFacts) : lookAtDisk(this.#host, name);
    });
    this.#note(facts);
  }

  /** One that went and came back under its name, perhaps as another, counts from the start. One that has counted as far is found by a look. */
  #lookBehindFalls(table: DiskstatsTable, before: DiskstatsTable): void {
    if (!table.names.some((_, row) => hasFallen(before, row, table, row))) return;
    this.#note(
      table.names.map((name, row) => {
        return hasFallen(before, row, table, row) ? lookAtDisk(this.#host, name) : (this.#facts[row] as DiskFacts);
      }),
    );
  }

  #note(facts: readonly DiskFacts[]): void {
    this.#facts = facts;
    const keys = facts.map(({ sequence }) => sequence);
    // The same array says that all are who they were.
    if (keys.length !== this.#keys.length || keys.some((key, row) => key !== this.#keys[row])) this.#keys = keys;
  }
}

function hasFallen(before: DiskstatsTable, old: number, now: DiskstatsTable, row: number): boolean {
  return RISING.some((column) => (now.counters[row * WIDTH + column] as number) < (before.counters[old * WIDTH + column] as number));
}
