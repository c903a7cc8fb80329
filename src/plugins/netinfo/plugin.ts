import { BurstSampler } from '../../streams/sampling/burst-sampler.ts';
import type { RateSample } from '../../streams/sampling/counter-rate.ts';
import { CounterSampler } from '../../streams/sampling/counter-sampler.ts';
import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import { parametersWithBursts } from '../shared/burst.ts';
import { EventfulPlugin } from '../shared/eventful-plugin.ts';
import type { Sampling } from '../shared/sampled-plugin.ts';
import { BURST_MEASURES } from './burst.ts';
import { type Change, parseEventFilter, rateChanges } from './events.ts';
import type { LinkedTable } from './link.ts';
import { LinkWatch } from './link-watch.ts';
import { NetworkCollectors } from './metrics.ts';
import { parseView, type View } from './query.ts';
import { Rtnl } from './rtnl.ts';
import { eventFields, fields, MONOTONIC_COLUMNS, variables } from './schema.ts';
import { type Scope, scopeOf } from './scope.ts';
import { type Snapshot, toSnapshot } from './snapshot.ts';
import { type NetworkSource, openSource } from './source.ts';

/** A reading waits no longer for new interfaces to be known. */
const LONGEST_WAIT_MS = 2000;

type LinkedSample = RateSample<LinkedTable>;

/** Network interfaces: counters, rates, state. Topics: `rates`, which its URL streams, and `events`. */
export default class NetInfo extends EventfulPlugin<LinkedSample, View, Snapshot, Change> {
  static override readonly parameterSchema = parametersWithBursts;
  static override readonly fields = fields;
  static override readonly topicFields = { events: eventFields };
  static override readonly variables = variables;

  protected override readonly parseView = parseView;
  #names: readonly string[] | null = null;
  #scope: Scope = 'host';
  #metrics: NetworkCollectors | null = null;

  protected override async open(): Promise<Sampling<LinkedSample>> {
    const rtnl = new Rtnl(this.host);
    const source = await openSource(this.host, rtnl);
    this.#scope = scopeOf(this.host);
    this.#warnOfWrongView();
    const limits = this.limitsOf(source.shortestIntervalMs);
    const { intervalMs } = limits;
    const links = new LinkWatch({
      source,
      intervalMs,
      onChanges: (changes) => this.publish(changes),
      onFailure: (err) => this.log.warn({ err }, 'states and addresses of the interfaces could not be read'),
    });
    const read = () => this.#read(source, links);
    const sampler = new CounterSampler({ read, ...this.paceOf(limits), monotonicColumns: MONOTONIC_COLUMNS });
    this.#metrics = this.host.platform === 'linux' ? new NetworkCollectors(this.host, rtnl) : null;
    const close = () => {
      links.close();
      source.close();
      this.#metrics?.close();
    };
    return { sampler, bursts: new BurstSampler(sampler, BURST_MEASURES), limits, close };
  }

  override observables() {
    return { rates: this.recorded(), events: this.events(parseEventFilter) };
  }

  override collectors() {
    return this.#metrics?.collectors ?? null;
  }

  protected override toAnswer(sample: LinkedSample, view: View): Snapshot {
    return toSnapshot(sample, sample.reading.links, this.#scope, view);
  }

  protected override onSample(sample: LinkedSample): void {
    this.publish(rateChanges(sample));
  }

  protected override gap(reason: string): Change {
    return { event: 'gap', iface: null, reason };
  }

  #read(source: NetworkSource, links: LinkWatch, untilMs = performance.now() + LONGEST_WAIT_MS): LinkedTable | Promise<LinkedTable> {
    const table = source.read();
    if (table instanceof Promise) return table.then((read) => this.#linked(read, source, links, untilMs));
    return this.#linked(table, source, links, untilMs);
  }

  #linked(table: CounterTable, source: NetworkSource, links: LinkWatch, untilMs: number): LinkedTable | Promise<LinkedTable> {
    const isChanged = table.names !== this.#names;
    this.#names = table.names;
    // Interfaces came, went or were renamed: what is known of them must be right before they are shown.
    const looking = isChanged ? links.look() : null;
    if (!isChanged) links.lookIfDue();
    // What was counted is old by then; and more of them may have come.
    if (looking && performance.now() < untilMs) return looking.then(() => this.#read(source, links, untilMs));
    return { ...table, links: links.links };
  }

  #warnOfWrongView(): void {
    if (this.#scope === 'container') {
      this.log.warn(
        "these are this container's interfaces; for the host's, use host networking or mount /proc and /sys (docs/container.md)",
      );
    }
    if (this.host.isForeign && this.host.sysfs === '/sys') {
      this.log.warn("paths.procfs is set but paths.sysfs is not: kinds and states may be those of this container's own interfaces");
    }
  }
}
