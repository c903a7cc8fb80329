import { createHistogram, type RecordableHistogram } from 'node:perf_hooks';
import type { Tick } from '../../streams/meter.ts';
import type { Leaks } from './plugin-scope.ts';

/** Milliseconds: of all that were recorded since the agent started. */
export interface Durations {
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

interface Told {
  readonly message: string;
  readonly timestampMs: number;
}

/** What the agent counts about one plugin, through all its reloads. */
export class PluginStatistics {
  requests = 0;
  errors = 0;
  reloads = 0;
  /** Values that its topics have published. */
  published = 0;
  lastError: Told | null = null;
  /** Why the last reload was refused and the old plugin kept; null after one that worked. */
  lastReloadError: Told | null = null;
  /** What the last instance that was terminated had not freed. */
  leaks: Leaks | null = null;

  readonly #handler = new DurationHistogram();
  readonly #collect = new DurationHistogram();
  readonly #blocked = { count: 0, totalMs: 0, maxMs: 0, last: null as { what: string; ms: number; timestampMs: number } | null };
  #ticks = 0;
  #missedTicks = 0;
  #newestMs: number | null = null;

  handled(ms: number): void {
    this.requests++;
    this.#handler.record(ms);
  }

  failed(error: unknown): void {
    this.errors++;
    this.lastError = told(error);
  }

  reloaded(): void {
    this.reloads++;
    this.lastReloadError = null;
  }

  notReloaded(error: unknown): void {
    this.lastReloadError = told(error);
  }

  /** Of a poll; a plugin that paces itself is known by what it publishes. */
  ticked({ collectMs, missedTicks, ok }: Tick): void {
    this.#ticks++;
    this.#missedTicks += missedTicks;
    this.#collect.record(collectMs);
    if (ok) this.#newestMs = performance.now();
  }

  publishedOne(): void {
    this.published++;
    this.#newestMs = performance.now();
  }

  /** @returns how often that has been so */
  blocked(what: string, ms: number): number {
    const rounded = round(ms);
    this.#blocked.count++;
    this.#blocked.totalMs = round(this.#blocked.totalMs + ms);
    this.#blocked.maxMs = Math.max(this.#blocked.maxMs, rounded);
    this.#blocked.last = { what, ms: rounded, timestampMs: Date.now() };
    return this.#blocked.count;
  }

  toJSON() {
    const { requests, errors, reloads, published } = this;
    return {
      requests,
      errors,
      reloads,
      handlerMs: this.#handler.summary(),
      published,
      ticks: this.#ticks,
      missedTicks: this.#missedTicks,
      collectMs: this.#collect.summary(),
      newestSampleAgeMs: this.#newestMs === null ? null : round(performance.now() - this.#newestMs),
      blocked: this.#blocked,
    };
  }
}

/** Kept to two digits, in a few kilobytes; made with the first value. */
class DurationHistogram {
  #histogram: RecordableHistogram | null = null;

  record(ms: number): void {
    // Any shorter and it is one microsecond, the least that is kept; any longer than an hour, one hour.
    this.#histogram ??= createHistogram({ lowest: 1, highest: 3_600_000_000, figures: 2 });
    this.#histogram.record(Math.min(3_600_000_000, Math.max(1, Math.round(ms * 1000))));
  }

  /** null before the first. */
  summary(): Durations | null {
    const histogram = this.#histogram;
    if (!histogram) return null;
    const ms = (microseconds: number) => microseconds / 1000;
    return { p50: ms(histogram.percentile(50)), p99: ms(histogram.percentile(99)), max: ms(histogram.max) };
  }
}

function told(error: unknown): Told {
  return { message: error instanceof Error ? error.message : String(error), timestampMs: Date.now() };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
