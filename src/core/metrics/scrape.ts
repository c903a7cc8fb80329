import { withDeadline } from '../deadline.ts';
import type { Collector } from '../metric-writer.ts';
import { type Families, FamilyWriter } from './exposition.ts';

/** A collector, and whose it is. */
export interface NamedCollector {
  readonly name: string;
  readonly collect: Collector;
  /** Told why it failed. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Runs collectors side by side, each on its own: one that fails or hangs is left out, with its success 0, and the
 * others' samples still come in time.
 */
export async function scrape(collectors: readonly NamedCollector[], deadlineMs: number): Promise<Families> {
  const all = new FamilyWriter();
  const duration = all.gauge('node_scrape_collector_duration_seconds', 'node_exporter: Duration of a collector scrape.');
  const success = all.gauge('node_scrape_collector_success', 'node_exporter: Whether a collector succeeded.');
  const ownSuccess = all.gauge('hostpulse_collector_success', 'Whether a collector has read all it should, in time.');
  const outcomes = await Promise.all(collectors.map((collector) => run(collector, deadlineMs)));
  outcomes.forEach(({ families, seconds }, at) => {
    const { name: collector, onFailure } = collectors[at] as NamedCollector;
    duration.add(seconds, { collector });
    const isDone = families !== null && merge(all.families, families, onFailure);
    success.add(isDone ? 1 : 0, { collector });
    ownSuccess.add(isDone ? 1 : 0, { collector });
  });
  return all.families;
}

async function run({ name, collect, onFailure }: NamedCollector, deadlineMs: number) {
  const writer = new FamilyWriter();
  const startMs = performance.now();
  let families: Families | null = null;
  try {
    const work = collect(writer);
    if (work) await withDeadline(work, deadlineMs, () => new Error(`collector ${name} was not done after ${deadlineMs} ms`));
    families = writer.families;
  } catch (error) {
    onFailure(error);
  }
  return { families, seconds: (performance.now() - startMs) / 1000 };
}

/** A family may come from several collectors, but only as one kind of thing. */
function merge(into: Families, families: Families, onFailure: (error: unknown) => void): boolean {
  for (const [name, family] of families) {
    const known = into.get(name);
    if (known && known.type !== family.type) {
      onFailure(new Error(`${name} is a ${known.type} already, and cannot be a ${family.type}`));
      return false;
    }
  }
  for (const [name, family] of families) {
    const known = into.get(name);
    if (!known) into.set(name, family);
    else for (const line of family.lines) known.lines.push(line);
  }
  return true;
}
