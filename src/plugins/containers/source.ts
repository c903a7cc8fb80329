import { setImmediate } from 'node:timers/promises';
import type { Host } from '../../core/base-plugin.ts';
import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import { Crowd } from './crowd.ts';
import { Engine } from './engine.ts';
import type { Hierarchies } from './hierarchies.ts';
import { type Info, type Listing, listingOf, NOBODY } from './listing.ts';
import { WIDTH } from './schema.ts';

/** All containers at one moment: their numbers as counters, gauges among them, and what they are. */
export interface ContainerTable extends CounterTable {
  readonly infos: readonly Info[];
  readonly version: Hierarchies['version'] | null;
  readonly nameReason: string | null;
}

/** Reading one takes tens of microseconds; so many at a time do not hold up anybody. */
const AT_ONCE = 20;

/** A handful of small files per container and tick. Where there is no container a tick reads one file. */
export class ContainerSource {
  readonly #host: Host;
  readonly #crowd: Crowd;
  readonly #engine: Engine;

  constructor(host: Host, socketPath: string, warn: (message: string) => void) {
    this.#host = host;
    this.#engine = new Engine(socketPath, warn);
    this.#crowd = new Crowd(host, this.#engine);
  }

  /** The first answer shall have the names, if they come soon. */
  async ready(): Promise<void> {
    this.#engine.ask(true);
    if (this.#engine.isAsked) await this.#engine.first;
  }

  read(): ContainerTable | Promise<ContainerTable> {
    if (this.#host.platform !== 'linux') return this.#table(NOBODY, new Float64Array());
    const listing = this.#crowd.now();
    const counters = new Float64Array(listing.members.length * WIDTH).fill(Number.NaN);
    if (listing.members.length > AT_ONCE) return this.#readInTurns(listing, counters);
    const gone = readSome(listing, counters, 0, listing.members.length);
    return this.#settle(listing, counters, gone);
  }

  /** Looks at some of them again for what hardly changes. */
  look(): void {
    this.#crowd.look();
  }

  close(): void {
    this.#engine.close();
    this.#crowd.close();
  }

  async #readInTurns(listing: Listing, counters: Float64Array): Promise<ContainerTable> {
    const gone: number[] = [];
    for (let from = 0; from < listing.members.length; from += AT_ONCE) {
      if (from > 0) await setImmediate();
      gone.push(...readSome(listing, counters, from, Math.min(from + AT_ONCE, listing.members.length)));
    }
    return this.#settle(listing, counters, gone);
  }

  #settle(listing: Listing, counters: Float64Array, gone: readonly number[]): ContainerTable {
    if (gone.length === 0) return this.#table(listing, counters);
    const ended = gone.map((row) => listing.members[row]);
    this.#crowd.letGo(listing.members.filter((member) => ended.includes(member)));
    const left = listingOf(
      listing.members.filter((member) => !ended.includes(member)),
      listing,
    );
    const rows = left.members.map((member) => listing.members.indexOf(member));
    const kept = new Float64Array(rows.length * WIDTH);
    rows.forEach((row, index) => void kept.set(counters.subarray(row * WIDTH, (row + 1) * WIDTH), index * WIDTH));
    return this.#table(left, kept);
  }

  #table({ names, keys, infos }: Listing, counters: Float64Array): ContainerTable {
    const { version = null } = this.#crowd.hierarchies ?? {};
    return { names, keys, infos, counters, width: WIDTH, version, nameReason: this.#engine.reason };
  }
}

/** @returns rows of those that are gone */
function readSome({ members }: Listing, counters: Float64Array, from: number, to: number): number[] {
  const gone: number[] = [];
  for (let row = from; row < to; row++) if (members[row]?.read(counters.subarray(row * WIDTH, (row + 1) * WIDTH)) === false) gone.push(row);
  return gone;
}
