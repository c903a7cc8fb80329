import { setImmediate as turn } from 'node:timers/promises';
import type { Collector } from '../metric-writer.ts';
import type { Clashes } from './clashes.ts';
import type { CollectorRuns, NamedCollector, Outcome } from './collector-runs.ts';
import { type Families, FamilyWriter } from './exposition.ts';
import type { Family } from './family.ts';

/** Collectors may hold up the loop for so long together before others have their turn, milliseconds. */
const SLICE_MS = 2;
const DURATION = 'node_scrape_collector_duration_seconds';
const SUCCESS = 'node_scrape_collector_success';
const OWN_SUCCESS = 'hostpulse_collector_success';
const OWN_NAMES = [DURATION, SUCCESS, OWN_SUCCESS];

interface Told {
  isDone: boolean;
  seconds: number;
}

/**
 * Runs collectors side by side, each on its own: one that fails or hangs is left out, with its success 0, and the
 * others' samples still come in time. Those of one name are told of as one.
 */
export async function scrape(runs: CollectorRuns, collectors: readonly NamedCollector[], deadlineMs: number): Promise<Families> {
  const all = new FamilyWriter();
  const duration = all.gauge(DURATION, 'node_exporter: Duration of a collector scrape.');
  const success = all.gauge(SUCCESS, 'node_exporter: Whether a collector succeeded.');
  const ownSuccess = all.gauge(OWN_SUCCESS, 'Whether a collector has read all it should, in time.');
  const outcomes = await Promise.all(await startAll(runs, collectors, deadlineMs));
  const told = new Map<string, Told>();
  const scraped = new Scraped(all.families, runs.clashes);
  outcomes.forEach(({ families, seconds }, at) => {
    const collector = collectors[at] as NamedCollector;
    const isDone = families !== null && scraped.merge(collector, families);
    const before = told.get(collector.name);
    told.set(collector.name, { isDone: isDone && (before?.isDone ?? true), seconds: seconds + (before?.seconds ?? 0) });
  });
  scraped.end();
  for (const [collector, { isDone, seconds }] of told) {
    const labels = { collector };
    duration.add(seconds, labels);
    success.add(isDone ? 1 : 0, labels);
    ownSuccess.add(isDone ? 1 : 0, labels);
  }
  return all.families;
}

async function startAll(runs: CollectorRuns, collectors: readonly NamedCollector[], deadlineMs: number): Promise<Promise<Outcome>[]> {
  const outcomes: Promise<Outcome>[] = [];
  let sinceMs = performance.now();
  for (const collector of collectors) {
    outcomes.push(runs.run(collector, deadlineMs));
    if (performance.now() - sinceMs < SLICE_MS) continue;
    await turn();
    sinceMs = performance.now();
  }
  return outcomes;
}

/**
 * A family may come from several collectors, but only as one kind of thing, and each of its series from one. What came
 * first counts; of what comes later the other families are told all the same.
 */
class Scraped {
  readonly #families: Families;
  readonly #clashes: Clashes;
  readonly #tellers = new Map<string, Set<Collector>>();
  readonly #clashing = new Map<Collector, Set<string>>();

  constructor(families: Families, clashes: Clashes) {
    this.#families = families;
    this.#clashes = clashes;
  }

  /** @returns whether all of it is told */
  merge({ collect, onFailure }: NamedCollector, families: Families): boolean {
    const clashing = new Set<string>();
    this.#clashing.set(collect, clashing);
    for (const [name, family] of families) {
      const known = this.#families.get(name);
      const tellers = this.#tellers.get(name) ?? new Set();
      const why = known && whyNotBoth(known, family);
      if (why) {
        clashing.add(name);
        if (this.#clashes.add(collect, name, new Set(tellers))) onFailure(new Error(why));
        continue;
      }
      // Not added to either: what was read may be another scrape's, too.
      this.#families.set(name, known ? known.with(family.text) : family);
      this.#tellers.set(name, tellers.add(collect));
    }
    return clashing.size === 0;
  }

  end(): void {
    const tookPart = new Set(this.#clashing.keys());
    for (const [collect, clashing] of this.#clashing) this.#clashes.keepOnly(collect, clashing, tookPart);
  }
}

function whyNotBoth(known: Family, { name, type, text }: Family): string | null {
  if (OWN_NAMES.includes(name)) return `${name} is told by the agent itself`;
  if (known.type !== type) return `${name} is a ${known.type} already, and cannot be a ${type}`;
  const twice = commonSeries(known.text, text);
  return twice === null ? null : `${twice} is told by another collector already`;
}

function commonSeries(known: string, text: string): string | null {
  const seen = new Set(seriesOf(known));
  return seriesOf(text).find((series) => seen.has(series)) ?? null;
}

/** Names with labels: what stands before the last space of a line. */
function seriesOf(text: string): string[] {
  return text.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(0, line.lastIndexOf(' '))]));
}
