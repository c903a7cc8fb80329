import { withDeadline } from '../deadline.ts';
import type { Collector } from '../metric-writer.ts';
import { Clashes } from './clashes.ts';
import { type Families, FamilyWriter } from './exposition.ts';

/** A collector, and whose it is. */
export interface NamedCollector {
  readonly name: string;
  readonly collect: Collector;
  /** Works only where `collect[]` names it. */
  readonly isOnRequest?: boolean;
  /** Told why it failed; once, until it has succeeded again. */
  readonly onFailure: (error: unknown) => void;
}

export interface Outcome {
  /** null where it failed. */
  readonly families: Families | null;
  readonly seconds: number;
}

interface Run {
  readonly startMs: number;
  outcome: Outcome | null;
  /** Never rejects. */
  done: Promise<Outcome>;
}

/** Who asks so soon after a run began is told what it reads, milliseconds. */
const SHARED_MS = 10;

/**
 * Collectors at work. None runs twice at a time: of one that hangs there is one run that hangs, not one for each scrape.
 * Scrapes that meet share a run; who comes later waits for its end and reads anew, as long as there is time.
 */
export class CollectorRuns {
  /** Of all scrapes. */
  readonly clashes = new Clashes();
  readonly #runs = new WeakMap<Collector, Run>();
  readonly #failing = new WeakSet<Collector>();

  /** @returns at the latest after the deadline, without families if it failed or was late */
  async run(collector: NamedCollector, deadlineMs: number): Promise<Outcome> {
    const { name, collect } = collector;
    const askedMs = performance.now();
    const inTime = (run: Run) => {
      const late = () => new Error(`collector ${name} was not done after ${deadlineMs} ms`);
      return withDeadline(run.done, deadlineMs - (performance.now() - askedMs), late);
    };
    try {
      let run = this.#runs.get(collect);
      for (; run && !run.outcome && isTooOld(run, askedMs); run = this.#runs.get(collect)) await inTime(run);
      if (!run || isTooOld(run, askedMs)) run = this.#start(collector);
      return run.outcome ?? (await inTime(run));
    } catch (error) {
      this.#fail(collector, error);
      return failed(askedMs);
    }
  }

  #start(collector: NamedCollector): Run {
    const { collect } = collector;
    const writer = new FamilyWriter();
    const run: Run = { startMs: performance.now(), outcome: null, done: Promise.race([]) };
    this.#runs.set(collect, run);
    const settle = (outcome: Outcome) => {
      run.outcome = outcome;
      // Requests that were read in the same turn of the loop may still share it; then its text is not kept.
      setImmediate(() => {
        if (this.#runs.get(collect) === run) this.#runs.delete(collect);
      });
      return outcome;
    };
    const succeed = () => {
      this.#failing.delete(collect);
      return settle({ families: writer.families, seconds: secondsSince(run.startMs) });
    };
    const fail = (error: unknown) => {
      this.#fail(collector, error);
      return settle(failed(run.startMs));
    };
    try {
      const work = collect(writer);
      run.done = work ? Promise.resolve(work).then(succeed, fail) : Promise.resolve(succeed());
    } catch (error) {
      run.done = Promise.resolve(fail(error));
    }
    return run;
  }

  #fail({ collect, onFailure }: NamedCollector, error: unknown): void {
    if (this.#failing.has(collect)) return;
    this.#failing.add(collect);
    onFailure(error);
  }
}

function isTooOld({ startMs }: Run, askedMs: number): boolean {
  return askedMs - startMs > SHARED_MS;
}

function failed(startMs: number): Outcome {
  return { families: null, seconds: secondsSince(startMs) };
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
}
