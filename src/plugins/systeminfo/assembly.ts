import { Subscription } from 'rxjs';
import { HostpulseError, type Neighbours, type Query } from '../../core/base-plugin.ts';
import { type Part, pacedQuery } from './parts.ts';

export interface AssemblyOptions {
  readonly parts: readonly Part[];
  /** null: each at its own pace. */
  readonly intervalMs: number | null;
  readonly plugins: Neighbours;
}

/** What the parts are at one moment. */
export interface Whole {
  readonly values: Readonly<Record<string, unknown>>;
  /** Why a part is null. */
  readonly missing: Readonly<Record<string, string>>;
}

interface Seen {
  readonly value: unknown;
  readonly monotonicMs: number;
}

/** Who answers later than this is missing: one slow plugin must not hold up all. */
const LONGEST_WAIT_MS = 500;

/** The parts of an answer: those that are observed as they were said last, the others asked. */
export class Assembly {
  readonly #options: AssemblyOptions;
  readonly #newest = new Map<Part, Seen>();
  /** Who does not know this interval is seen at its own. */
  readonly #unpaced = new Set<Part>();

  constructor(options: AssemblyOptions) {
    this.#options = options;
  }

  /** Listens to all from now on; one that has nothing to listen to is asked. */
  observe(): Subscription {
    const all = new Subscription();
    for (const part of this.#options.parts) this.#observe(part, all);
    return all;
  }

  /** @returns at once what is known, and what the rest answers */
  async now(): Promise<Whole> {
    const values: Record<string, unknown> = {};
    const missing: Record<string, string> = {};
    const { parts } = this.#options;
    const found = await Promise.all(parts.map((part) => this.#fresh(part) ?? this.#asked(part)));
    parts.forEach(({ name }, at) => {
      const { value, reason } = found[at] as Found;
      values[name] = value ?? null;
      if (reason !== null) missing[name] = reason;
    });
    return { values, missing };
  }

  #observe(part: Part, all: Subscription): void {
    const observed = this.#options.plugins.observe(part.path, this.#variables(part)).subscribe({
      next: (value) => this.#newest.set(part, { value, monotonicMs: performance.now() }),
      // What is wrong is said where it is asked.
      error: (error: unknown) => {
        if (this.#dropsPace(part, error)) this.#observe(part, all);
      },
    });
    all.add(observed);
  }

  /** What was observed last, as long as it is neither too old nor its plugin gone. */
  #fresh(part: Part): Found | null {
    const seen = this.#newest.get(part);
    if (!seen || this.#options.plugins.describe(part.route) === null) return null;
    const paceMs = this.#options.intervalMs ?? 1000;
    const isOld = performance.now() - seen.monotonicMs > Math.max(3 * paceMs, paceMs + 2000);
    return isOld ? null : { value: seen.value, reason: null };
  }

  async #asked(part: Part): Promise<Found> {
    const { plugins } = this.#options;
    if (plugins.describe(part.route) === null) return { value: null, reason: `no plugin at /${part.route}` };
    const late = new HostpulseError('HOSTPULSE_ERR_PLUGIN_LATE', `/${part.route} did not answer within ${LONGEST_WAIT_MS} ms`);
    try {
      const value = await before(LONGEST_WAIT_MS, plugins.ask(part.path, this.#variables(part)), late);
      return { value, reason: value === null || value === undefined ? `/${part.path} has no value now` : null };
    } catch (error) {
      if (this.#dropsPace(part, error)) return this.#asked(part);
      return { value: null, reason: error instanceof HostpulseError ? error.message : `/${part.route} failed` };
    }
  }

  #variables(part: Part): Query {
    const { intervalMs, plugins } = this.#options;
    return this.#unpaced.has(part) ? part.query : pacedQuery(part.query, intervalMs, plugins.describe(part.route));
  }

  #dropsPace(part: Part, error: unknown): boolean {
    if (this.#variables(part).interval === part.query.interval) return false;
    if ((error as HostpulseError | undefined)?.code !== 'HOSTPULSE_ERR_BAD_VARIABLE') return false;
    this.#unpaced.add(part);
    return true;
  }
}

interface Found {
  readonly value: unknown;
  readonly reason: string | null;
}

async function before<T>(ms: number, work: Promise<T>, late: Error): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late), ms);
  });
  try {
    return await Promise.race([work, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
