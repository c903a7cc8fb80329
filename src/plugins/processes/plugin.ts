import { CounterSampler } from '../../streams/sampling/counter-sampler.ts';
import { SampledPlugin, type Sampling } from '../shared/sampled-plugin.ts';
import { processCollectors } from './metrics.ts';
import { COLUMNS, fields, parameterSchema, variables } from './schema.ts';
import { type ProcessSample, parseView, type Snapshot, toSnapshot, type View } from './snapshot.ts';
import { ProcessSource } from './source.ts';

/** Processes: how many there are in which state, and on request who uses most. Topic: `counts`. */
export default class Processes extends SampledPlugin<ProcessSample, View, Snapshot> {
  static override readonly parameterSchema = parameterSchema;
  static override readonly fields = fields;
  static override readonly variables = variables;

  protected override readonly parseView = parseView;
  protected override readonly toAnswer = toSnapshot;
  #source: ProcessSource | null = null;

  protected override open(): Sampling<ProcessSample> {
    const source = new ProcessSource(this.host);
    this.#source = source;
    const limits = this.limitsOf(1);
    const sampler = new CounterSampler({ read: () => source.read(), ...this.paceOf(limits), monotonicColumns: COLUMNS.length });
    return { sampler, limits, close: () => {} };
  }

  override observables() {
    return { counts: this.recorded() };
  }

  override collectors() {
    const source = this.#source;
    return source && processCollectors(() => source.read());
  }
}
