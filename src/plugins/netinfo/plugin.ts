import { defer, filter, firstValueFrom, map, type Observable, ReplaySubject, type Subscription } from 'rxjs';
import {
  type Answer,
  BasePlugin,
  badVariable,
  HostpulseError,
  type Query,
  type RequestData,
  refuseUnknown,
} from '../../core/base-plugin.ts';
import type { RateSample } from '../../streams/counter-rate.ts';
import { CounterSampler } from '../../streams/counter-sampler.ts';
import type { CounterTable } from '../../streams/counter-table.ts';
import { type Change, type NetworkEvent, parseEventFilter, rateChanges } from './events.ts';
import { LinkWatch } from './link-watch.ts';
import { type Limits, parseInterval, parseView, parseWindow, VARIABLES, type View } from './query.ts';
import { eventFields, fields, MONOTONIC_COLUMNS, type Parameters, parameterSchema, variables } from './schema.ts';
import { type Scope, scopeOf } from './scope.ts';
import { type Snapshot, toSnapshot } from './snapshot.ts';
import { type NetworkSource, openSource } from './source.ts';

/** Views of one sample that are kept; a client that asks ever new ones must not fill the memory. */
const MOST_VIEWS = 64;

/** What runs between initialize and terminate. */
interface Running {
  readonly source: NetworkSource;
  readonly scope: Scope;
  readonly links: LinkWatch;
  readonly sampler: CounterSampler;
  readonly limits: Limits;
  readonly subscriptions: Subscription;
}

/** Network interfaces: counters, rates, state. Topics: `rates`, which its URL streams, and `events`. */
export default class NetInfo extends BasePlugin<Parameters> {
  static override readonly parameterSchema = parameterSchema;
  static override readonly fields = fields;
  static override readonly topicFields = { events: eventFields };
  static override readonly variables = variables;

  readonly #events = new ReplaySubject<NetworkEvent>(1);
  readonly #views = new WeakMap<RateSample, Map<string, Snapshot>>();
  #names: readonly string[] | null = null;
  #isFailing = false;
  #started: Running | null = null;

  override async initialize(): Promise<void> {
    const source = await openSource(this.host);
    const scope = scopeOf(this.host);
    if (scope === 'container') {
      this.log.warn(
        "these are this container's interfaces; for the host's, use host networking or mount /proc and /sys (docs/container.md)",
      );
    }
    if (this.host.isForeign && this.host.sysfs === '/sys') {
      this.log.warn("paths.procfs is set but paths.sysfs is not: kinds and states may be those of this container's own interfaces");
    }
    const { historyMs } = this.parameters;
    const intervalMs = Math.max(this.parameters.intervalMs, source.shortestIntervalMs);
    const shortestIntervalMs = Math.max(this.parameters.shortestIntervalMs, source.shortestIntervalMs);
    const links = new LinkWatch({
      source,
      intervalMs,
      onChanges: (changes) => this.#publish(changes),
      onFailure: (err) => this.log.warn({ err }, 'states and addresses of the interfaces could not be read'),
    });
    const read = () => this.#read(source, links);
    const sampler = new CounterSampler({ read, baseIntervalMs: intervalMs, historyMs, monotonicColumns: MONOTONIC_COLUMNS });
    const subscriptions = sampler.failures.subscribe((error) => this.#noteFailure(error));
    this.#started = { source, scope, links, sampler, subscriptions, limits: { intervalMs, shortestIntervalMs, historyMs } };
    sampler.start();
    subscriptions.add(sampler.samples(intervalMs).subscribe((sample) => this.#watch(sample, links)));
  }

  override requestHandler(data: RequestData): Answer | Promise<Answer> {
    const { requestHeaders: _headers, subpath: _subpath, method: _method, clientIp: _ip, ...query } = data;
    refuseUnknown(query, VARIABLES);
    const view = parseView(query);
    const { sampler, limits } = this.#running();
    const windowMs = parseWindow(query, limits);
    if (windowMs !== null) return this.#answer(sampler.window(windowMs), view);
    const intervalMs = parseInterval(query, limits);
    const newest = sampler.newest(intervalMs);
    // At once where it is known: a promise and its deadline would cost more than the answer.
    return newest ? this.#answer(newest, view) : firstValueFrom(sampler.latest(intervalMs)).then((sample) => this.#answer(sample, view));
  }

  #answer(sample: RateSample | null, view: View): Answer {
    if (!sample) throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_NOT_READY', 'nothing has been sampled yet; ask again in a second');
    return [200, this.#snapshot(sample, view)];
  }

  override observables() {
    return { rates: (query: Query) => this.#rates(query), events: (query: Query) => this.#filteredEvents(query) };
  }

  override terminate(): void {
    this.#started?.subscriptions.unsubscribe();
    this.#started?.sampler.stop();
    this.#started?.source.close();
    this.#started = null;
    this.#events.complete();
  }

  #rates(query: Query): Observable<Snapshot> {
    refuseUnknown(query, VARIABLES);
    if (query.window !== undefined) throw badVariable('window', query.window, 'interval, for a subscription; window is for GET and POST');
    const view = parseView(query);
    const { sampler, limits } = this.#running();
    const intervalMs = parseInterval(query, limits);
    return defer(() => sampler.samples(intervalMs)).pipe(map((sample) => this.#snapshot(sample, view)));
  }

  #filteredEvents(query: Query): Observable<NetworkEvent> {
    return this.#events.pipe(filter<NetworkEvent>(parseEventFilter(query)));
  }

  /** One object per sample and view: polled and pushed are the same bytes, encoded once. */
  #snapshot(sample: RateSample, view: View): Snapshot {
    const { links, scope } = this.#running();
    const views = this.#views.get(sample) ?? new Map<string, Snapshot>();
    this.#views.set(sample, views);
    const known = views.get(view.key);
    if (known) return known;
    const snapshot = toSnapshot(sample, links.links, scope, view);
    if (views.size < MOST_VIEWS) views.set(view.key, snapshot);
    return snapshot;
  }

  #read(source: NetworkSource, links: LinkWatch): CounterTable | Promise<CounterTable> {
    const table = source.read();
    if (table instanceof Promise) return table;
    // Interfaces came, went or were renamed: what is known of them must be right before they are shown.
    if (table.names !== this.#names) links.look();
    this.#names = table.names;
    return table;
  }

  #watch(sample: RateSample, links: LinkWatch): void {
    this.#isFailing = false;
    this.#publish(rateChanges(sample));
    links.lookIfDue();
  }

  #noteFailure(error: unknown): void {
    // Once, not at every tick.
    if (!this.#isFailing) this.log.error({ err: error }, 'the interfaces could not be read; trying again at every tick');
    this.#isFailing = true;
    this.#publish([{ event: 'gap', iface: null, reason: error instanceof Error ? error.message : String(error) }]);
  }

  #publish(changes: readonly Change[]): void {
    const { sampler } = this.#running();
    for (const change of changes) {
      this.#events.next(Object.freeze({ sequence: sampler.nextSequence(), timestampMs: Date.now(), ...change }));
    }
  }

  #running(): Running {
    if (this.#started) return this.#started;
    throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_NOT_READY', 'netinfo is not running');
  }
}
