import { defer, firstValueFrom, map, type Observable, type Subscription } from 'rxjs';
import {
  type Answer,
  BasePlugin,
  badVariable,
  HostpulseError,
  type Past,
  type PastStart,
  type Query,
  type RecordedTopic,
  type RequestData,
  refuseUnknown,
  type Variables,
} from '../../core/base-plugin.ts';
import type { Bursts, SamplesByInterval } from '../../streams/sampling/burst-sampler.ts';
import type { Sample, Sampler, SamplingPace } from '../../streams/sampling/interval-sampler.ts';
import { parseBurst } from './burst.ts';
import { parseInterval, parseWindow, type SamplingLimits, type SamplingParameters, samplingParameters } from './sampling.ts';

export { burstGroup, burstOf, burstVariables, measuredFigures, parametersWithBursts } from './burst.ts';
export { intervalVariable, rateFields, samplingParameters, samplingVariables, stampFields } from './sampling.ts';

/** What of a sample a client wants to see, and how. */
export interface View {
  /** The same for equal views, however they were written. */
  readonly key: string;
}

/** What is held between initialize and terminate. */
export interface Sampling<S extends Sample> {
  readonly sampler: Sampler<S>;
  /** Where what happens inside an interval is told, too. */
  readonly bursts?: Bursts<S>;
  readonly limits: SamplingLimits;
  /** Frees what the sampler reads from. */
  readonly close: () => void;
  /** true: nothing is read while nobody asks or listens. There is no history then, and so no window and no rates at once. */
  readonly isOnDemand?: boolean;
}

/** Views of one sample that are kept; a client that asks ever new ones must not fill the memory. */
const MOST_VIEWS = 64;

/**
 * A plugin that samples something: a question is answered from the newest sample of the stream that subscribers of the
 * same interval see, and all who ask the same get the same object. What is left to say is where the samples come
 * from (`open`), what a client can choose (`parseView`) and what is told (`toAnswer`).
 */
export abstract class SampledPlugin<
  S extends Sample,
  V extends View,
  A extends object,
  P extends SamplingParameters = SamplingParameters,
> extends BasePlugin<P> {
  static override readonly parameterSchema: Readonly<Record<string, object>> = samplingParameters;

  readonly #views = new WeakMap<S, Map<string, A>>();
  readonly #variables: readonly string[] = Object.keys((this.constructor as { variables?: Variables }).variables ?? {});
  #sampling: Sampling<S> | null = null;
  #subscriptions: Subscription | null = null;
  #isFailing = false;

  protected abstract open(): Sampling<S> | Promise<Sampling<S>>;
  /** @throws HOSTPULSE_ERR_BAD_VARIABLE naming the variable, what came, and what is allowed */
  protected abstract parseView(query: Query): V;
  /** Pure, and frozen: polled and pushed are the same bytes, encoded once. */
  protected abstract toAnswer(sample: S, view: V): A;

  /** Called at every sample of the base interval. */
  protected onSample?(sample: S): void;
  /** Called at every reading that failed. */
  protected onFailure?(error: unknown): void;

  override async initialize(): Promise<void> {
    const sampling = await this.open();
    const { sampler, limits } = sampling;
    this.#sampling = sampling;
    this.#subscriptions = sampler.failures.subscribe((error) => this.#noteFailure(error));
    if (sampling.isOnDemand) return;
    sampler.start();
    const base = sampler.samples(limits.intervalMs).subscribe((sample) => {
      this.#isFailing = false;
      this.onSample?.(sample);
    });
    this.#subscriptions.add(base);
  }

  override requestHandler(data: RequestData): Answer | Promise<Answer> {
    const { requestHeaders: _headers, subpath: _subpath, method: _method, clientIp: _ip, ...query } = data;
    refuseUnknown(query, this.#variables);
    const view = this.parseView(query);
    const { sampler, limits } = this.sampling;
    const windowMs = parseWindow(query, limits);
    if (windowMs !== null) return this.#reply(sampler.window(windowMs), () => sampler.windowNow(windowMs), view);
    const intervalMs = parseInterval(query, limits);
    const samples = this.#samplesOf(query, intervalMs);
    return this.#reply(samples.newest(intervalMs), () => samples.latest(intervalMs), view);
  }

  override terminate(): void {
    this.#subscriptions?.unsubscribe();
    this.#sampling?.sampler.stop();
    this.#sampling?.close();
    this.#sampling = null;
  }

  /** The samples of the interval that the query asks for, as it wants to see them. */
  protected answers(query: Query): Observable<A> {
    refuseUnknown(query, this.#variables);
    if (query.window !== undefined) throw badVariable('window', query.window, 'interval, for a subscription; window is for GET and POST');
    const view = this.parseView(query);
    const intervalMs = parseInterval(query, this.sampling.limits);
    const samples = this.#samplesOf(query, intervalMs);
    return defer(() => samples.samples(intervalMs)).pipe(map((sample) => this.#answer(sample, view)));
  }

  /** The topic of `answers`, which remembers. */
  protected recorded(): RecordedTopic<A> {
    return {
      values: (query) => this.answers(query),
      past: (query, start) => this.#past(query, start),
      // Between the readings that are kept there were others, which only who listened has seen.
      remembers: ({ burst }) => burst === undefined,
      kept: () => this.sampling.sampler.kept,
    };
  }

  protected get sampling(): Sampling<S> {
    if (this.#sampling) return this.#sampling;
    throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_NOT_READY', `${this.route} is not running`);
  }

  /** The parameters' limits over a source that brings nothing new more often than so. */
  protected limitsOf(shortestIntervalMs: number): SamplingLimits {
    return {
      intervalMs: Math.max(this.parameters.intervalMs, shortestIntervalMs),
      shortestIntervalMs: Math.max(this.parameters.shortestIntervalMs, shortestIntervalMs),
      historyMs: this.parameters.historyMs,
      historyBytes: this.parameters.historyBytes,
      shortestBurstMs: Math.max(this.parameters.shortestBurstMs ?? 0, shortestIntervalMs),
    };
  }

  protected paceOf({ intervalMs: baseIntervalMs, historyMs, historyBytes }: SamplingLimits): SamplingPace {
    return { baseIntervalMs, historyMs, historyBytes };
  }

  #past(query: Query, start: PastStart): Past<A> {
    const view = this.parseView(query);
    const { sampler, limits } = this.sampling;
    const { values, ...past } = sampler.past(parseInterval(query, limits), start);
    return { ...past, values: mapped(values, (sample) => this.#answer(sample, view)) };
  }

  /** Those that tell of bursts where the query asks for them. @throws HOSTPULSE_ERR_BAD_VARIABLE */
  #samplesOf(query: Query, intervalMs: number): SamplesByInterval<S> {
    const { sampler, bursts, limits } = this.sampling;
    const burstMs = bursts ? parseBurst(query, intervalMs, limits, bursts.paces) : null;
    return burstMs === null ? sampler : (bursts as Bursts<S>).at(burstMs);
  }

  /** At once where it is known: a promise and its deadline would cost more than the answer. */
  #reply(known: S | null, read: () => Observable<S>, view: V): Answer | Promise<Answer> {
    if (known) return [200, this.#answer(known, view)];
    return firstValueFrom(read()).then((sample) => [200, this.#answer(sample, view)]);
  }

  #answer(sample: S, view: V): A {
    const views = this.#views.get(sample) ?? new Map<string, A>();
    this.#views.set(sample, views);
    const known = views.get(view.key);
    if (known) return known;
    const answer = this.toAnswer(sample, view);
    if (views.size < MOST_VIEWS) views.set(view.key, answer);
    return answer;
  }

  #noteFailure(error: unknown): void {
    // Once, not at every tick.
    if (!this.#isFailing) this.log.error({ err: error }, `${this.route} could not be read; trying again at every tick`);
    this.#isFailing = true;
    this.onFailure?.(error);
  }
}

function* mapped<T, U>(values: Iterable<T>, change: (value: T) => U): Generator<U> {
  for (const value of values) yield change(value);
}
