import type { Collector } from '../metric-writer.ts';

/**
 * Families that a collector could not tell because others had told them already. It is said once, until a scrape in which
 * all of them took part went well: one of a few collectors only says nothing of the others.
 */
export class Clashes {
  /** By the collector that came too late, and the family: who had told it. */
  readonly #known = new WeakMap<Collector, Map<string, ReadonlySet<Collector>>>();

  /** @returns whether that is new */
  add(late: Collector, family: string, tellers: ReadonlySet<Collector>): boolean {
    const families = this.#known.get(late) ?? new Map<string, ReadonlySet<Collector>>();
    const known = families.get(family);
    this.#known.set(late, families.set(family, tellers));
    return known === undefined || known.size !== tellers.size || [...tellers].some((one) => !known.has(one));
  }

  /** @param clashing of the scrape that has just been */
  keepOnly(late: Collector, clashing: ReadonlySet<string>, tookPart: ReadonlySet<Collector>): void {
    const families = this.#known.get(late);
    for (const [family, tellers] of families ?? [])
      if (!clashing.has(family) && [...tellers].every((one) => tookPart.has(one))) families?.delete(family);
  }
}
