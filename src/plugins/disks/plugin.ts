import { BurstSampler } from '../../streams/sampling/burst-sampler.ts';
import { CounterSampler } from '../../streams/sampling/counter-sampler.ts';
import { parametersWithBursts } from '../shared/burst.ts';
import { EventfulPlugin } from '../shared/eventful-plugin.ts';
import type { Sampling } from '../shared/sampled-plugin.ts';
import { BURST_MEASURES } from './burst.ts';
import { type Change, deviceChanges, rateChanges } from './events.ts';
import { diskCollectors } from './metrics.ts';
import { parseEventFilter, parseView, type View } from './query.ts';
import { eventFields, fields, MONOTONIC_COLUMNS, variables } from './schema.ts';
import { type DiskSample, type Snapshot, toSnapshot } from './snapshot.ts';
import { DiskSource, type DiskTable } from './source.ts';

/** Block devices: what was read and written, how fast, how busy they are. Topics: `rates`, which its URL streams, and `events`. */
export default class Disks extends EventfulPlugin<DiskSample, View, Snapshot, Change> {
  static override readonly parameterSchema = parametersWithBursts;
  static override readonly fields = fields;
  static override readonly topicFields = { events: eventFields };
  static override readonly variables = variables;

  protected override readonly parseView = parseView;
  protected override readonly toAnswer = toSnapshot;
  #source: DiskSource | null = null;
  #last: DiskTable | null = null;

  protected override open(): Sampling<DiskSample> {
    const source = new DiskSource(this.host);
    this.#source = source;
    const limits = this.limitsOf(1);
    const sampler = new CounterSampler({ read: () => source.read(), ...this.paceOf(limits), monotonicColumns: MONOTONIC_COLUMNS });
    return { sampler, bursts: new BurstSampler(sampler, BURST_MEASURES), limits, close: () => source.close() };
  }

  override observables() {
    return { rates: this.recorded(), events: this.events(parseEventFilter) };
  }

  override collectors() {
    return this.#source && diskCollectors(this.#source, this.host);
  }

  protected override onSample(sample: DiskSample): void {
    const changes = this.#last ? deviceChanges(this.#last, sample.reading) : [];
    this.#last = sample.reading;
    this.publish([...changes, ...rateChanges(sample)]);
    this.#source?.look();
  }

  protected override gap(reason: string): Change {
    return { event: 'gap', device: null, reason };
  }
}
