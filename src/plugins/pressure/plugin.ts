import type { Query } from '../../core/base-plugin.ts';
import { BurstSampler } from '../../streams/sampling/burst-sampler.ts';
import { CounterSampler } from '../../streams/sampling/counter-sampler.ts';
import { parametersWithBursts } from '../shared/burst.ts';
import { SampledPlugin, type Sampling } from '../shared/sampled-plugin.ts';
import { type FieldsView, parseFieldsView } from '../shared/view.ts';
import { BURST_MEASURES } from './burst.ts';
import { pressureCollectors } from './metrics.ts';
import { EXTENTS, fields, OWN_FIELDS, type OwnField, variables } from './schema.ts';
import { type PressureSample, type Snapshot, toSnapshot } from './snapshot.ts';
import { PressureSource } from './source.ts';

/** Time lost to waiting for processors, memory, disks and interrupts. Topic: `stalls`. */
export default class Pressure extends SampledPlugin<PressureSample, FieldsView<OwnField>, Snapshot> {
  static override readonly parameterSchema = parametersWithBursts;
  static override readonly fields = fields;
  static override readonly variables = variables;

  protected override readonly toAnswer = toSnapshot;
  #source: PressureSource | null = null;

  protected override open(): Sampling<PressureSample> {
    const source = new PressureSource(this.host);
    this.#source = source;
    const limits = this.limitsOf(1);
    const sampler = new CounterSampler({ read: () => source.read(), ...this.paceOf(limits), monotonicColumns: EXTENTS.length });
    return { sampler, bursts: new BurstSampler(sampler, BURST_MEASURES), limits, close: () => source.close() };
  }

  override observables() {
    return { stalls: this.recorded() };
  }

  override collectors() {
    return this.#source && pressureCollectors(this.#source);
  }

  protected override parseView(query: Query): FieldsView<OwnField> {
    return parseFieldsView(query, OWN_FIELDS);
  }
}
