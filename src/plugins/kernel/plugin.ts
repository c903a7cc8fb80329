import { GaugeSampler } from '../../streams/sampling/gauge-sampler.ts';
import { SampledPlugin, type Sampling } from '../shared/sampled-plugin.ts';
import { KernelCollectors } from './metrics.ts';
import { fields, type KernelParameters, parameterSchema, variables } from './schema.ts';
import { type KernelSample, type PartsView, parseView, type Snapshot, toSnapshot } from './snapshot.ts';
import { KernelSource } from './source.ts';

/** What the kernel tells and no other plugin does. Topic: `state`. Nothing is read but what somebody asks for. */
export default class Kernel extends SampledPlugin<KernelSample, PartsView, Snapshot, KernelParameters> {
  static override readonly parameterSchema = parameterSchema;
  static override readonly fields = fields;
  static override readonly variables = variables;

  protected override readonly parseView = parseView;
  protected override readonly toAnswer = toSnapshot;
  #collectors: KernelCollectors | null = null;

  protected override open(): Sampling<KernelSample> {
    const source = new KernelSource(this.host);
    const warn = (message: string) => this.log.warn(`left out of /metrics: ${message}`);
    const collectors = new KernelCollectors(this.host, source, this.parameters.textfileDirectory, warn);
    this.#collectors = collectors;
    const limits = this.limitsOf(1);
    const sampler = new GaugeSampler({ read: () => source.read(), ...this.paceOf(limits) });
    const close = () => {
      source.close();
      collectors.close();
    };
    return { sampler, limits, close, isOnDemand: true };
  }

  override observables() {
    return { state: this.recorded() };
  }

  override collectors() {
    return this.#collectors?.collectors ?? {};
  }
}
