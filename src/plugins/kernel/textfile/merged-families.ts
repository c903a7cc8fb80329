import type { MetricWriter, SampleEnd } from '../../../core/base-plugin.ts';
import type { PromFamily } from './prom-text.ts';

/** What only the agent itself tells. */
const RESERVED = /^(node_textfile_|node_scrape_collector_|hostpulse_)/;

interface Piece {
  readonly path: string;
  readonly family: PromFamily;
}

/** Families of several files. They may share one, but not a series of it, nor say two things of what it is. */
export class MergedFamilies {
  readonly #pieces = new Map<string, Piece[]>();

  /** @returns why nothing of the file is taken; null where all of it is */
  add(path: string, families: ReadonlyMap<string, PromFamily>): string | null {
    for (const family of families.values()) {
      const problem = this.#problemOf(family);
      if (problem !== null) return problem;
    }
    for (const [name, family] of families) {
      const pieces = this.#pieces.get(name);
      if (pieces) pieces.push({ path, family });
      else this.#pieces.set(name, [{ path, family }]);
    }
    return null;
  }

  tell(metrics: MetricWriter): void {
    for (const pieces of this.#pieces.values()) {
      const help = pieces.find(({ family }) => family.help !== null)?.family.help;
      const told = help ?? `Metric read from ${pieces.map(({ path }) => path).join(', ')}`;
      for (const { family } of pieces) tellOne(family, told, metrics);
    }
  }

  #problemOf({ name, type, samples }: PromFamily): string | null {
    if (RESERVED.test(name)) return `${name} is told by the agent itself`;
    for (const { path, family } of this.#pieces.get(name) ?? []) {
      if (typeOf(family) !== typeOf({ type })) return `${name} is a ${typeOf({ type })}, but in ${path} a ${typeOf(family)}`;
      for (const series of samples.keys()) if (family.samples.has(series)) return `${name} is in ${path} already, with the same labels`;
    }
    return null;
  }
}

function typeOf({ type }: Pick<PromFamily, 'type'>): string {
  return type ?? 'untyped';
}

function tellOne({ name, type, samples }: PromFamily, help: string, metrics: MetricWriter): void {
  const family = metrics[type ?? 'untyped'](name, help);
  // What a sample's name has more than its family's was looked at when it was read.
  for (const sample of samples.values()) family.add(sample.value, sample.labels, sample.name.slice(name.length) as SampleEnd);
}
