import type { Tick } from '../../streams/meter.ts';
import { messageOf, shorten } from '../errors.ts';
import { Durations } from './durations.ts';
import type { Leaks } from './plugin-scope.ts';

const LONGEST_MESSAGE = 1000;

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

  readonly #handler = new Durations();
  readonly #collect = new Durations();
  readonly #blocked = { count: 0, totalMs: 0, maxMs: 0, last: null as { what: string; ms: number; timestampMs: number } | null };
  #ticks = 0;
  #missedTicks = 0;
  /** On the monotonic clock: the newest sample of a poll, and the newest value that was published. */
  #sampledMs: number | null = null;
  #publishedMs: number | null = null;
  #publishing = 0;

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
    if (ok) this.#sampledMs = performance.now();
  }

  /** One that says when it was measured is known to be older than new where it was kept for who comes later. */
  publishedOne(value: unknown): void {
    this.published++;
    this.#publishedMs = performance.now() - Math.max(0, Date.now() - (timestampOf(value) ?? Date.now()));
  }

  /** @returns how to take note that it publishes it no more; safe to call twice */
  publishes(): () => void {
    let isOn = true;
    this.#publishing++;
    return () => {
      if (isOn) this.#publishing--;
      isOn = false;
    };
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

  /** Of a plugin that paces itself only what it publishes is seen, and that only while somebody listens. */
  #newestMs(): number | null {
    if (this.#ticks > 0) return this.#sampledMs;
    return this.#publishing > 0 ? this.#publishedMs : null;
  }

  toJSON() {
    const newestMs = this.#newestMs();
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
      newestSampleAgeMs: newestMs === null ? null : round(performance.now() - newestMs),
      blocked: this.#blocked,
    };
  }
}

/** null also where it cannot be looked at: what is wrong with it is told by who makes JSON of it. */
function timestampOf(value: unknown): number | null {
  try {
    const timestampMs = (value as { readonly timestampMs?: unknown } | null | undefined)?.timestampMs;
    return typeof timestampMs === 'number' && Number.isFinite(timestampMs) ? timestampMs : null;
  } catch {
    return null;
  }
}

function told(error: unknown): Told {
  return { message: shorten(messageOf(error), LONGEST_MESSAGE), timestampMs: Date.now() };
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000;
}
