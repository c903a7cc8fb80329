import type { MetricWriter } from '../../core/base-plugin.ts';
import { BurstSampler } from '../../streams/sampling/burst-sampler.ts';
import { CounterSampler } from '../../streams/sampling/counter-sampler.ts';
import type { Reading } from '../../streams/sampling/counter-table.ts';
import { EventfulPlugin } from '../shared/eventful-plugin.ts';
import type { Sampling } from '../shared/sampled-plugin.ts';
import { BURST_MEASURES } from './burst.ts';
import { type Change, changesBetween, gapChanges } from './events.ts';
import { tellMetrics } from './metrics.ts';
import { parseEventFilter, parseView, type View } from './query.ts';
import { eventFields, fields, MONOTONIC_COLUMNS, type Parameters, parameterSchema, variables } from './schema.ts';
import { type ContainerSample, type Snapshot, toSnapshot } from './snapshot.ts';
import { ContainerSource, type ContainerTable } from './source.ts';

/** Containers, by their control groups: what they use, and who comes and goes. Topics: `rates`, which its URL streams, and `events`. */
export default class Containers extends EventfulPlugin<ContainerSample, View, Snapshot, Change, Parameters> {
  static override readonly parameterSchema = parameterSchema;
  static override readonly fields = fields;
  static override readonly topicFields = { events: eventFields };
  static override readonly variables = variables;

  protected override readonly parseView = parseView;
  protected override readonly toAnswer = toSnapshot;
  #source: ContainerSource | null = null;
  #last: Reading<ContainerTable> | null = null;

  protected override async open(): Promise<Sampling<ContainerSample>> {
    const source = new ContainerSource(this.host, this.parameters.socketPath ?? '', (message) => this.log.warn(message));
    this.#source = source;
    await source.ready();
    const limits = this.limitsOf(1);
    const sampler = new CounterSampler({ read: () => source.read(), ...this.paceOf(limits), monotonicColumns: MONOTONIC_COLUMNS });
    return { sampler, bursts: new BurstSampler(sampler, BURST_MEASURES), limits, close: () => source.close() };
  }

  override observables() {
    return { rates: this.recorded(), events: this.events(parseEventFilter) };
  }

  override collectors() {
    const source = this.#source;
    return source && { containers: async (metrics: MetricWriter) => tellMetrics(await source.read(), metrics) };
  }

  override terminate(): void {
    super.terminate();
    // Where opening it was cut short.
    this.#source?.close();
  }

  protected override onSample(sample: ContainerSample): void {
    const { reading } = sample;
    const changes = this.#last ? changesBetween(this.#last, reading) : [];
    this.#last = reading;
    this.publish([...changes, ...gapChanges(sample)]);
    this.#source?.look();
  }

  protected override gap(reason: string): Change {
    return { event: 'gap', container: null, reason };
  }
}
