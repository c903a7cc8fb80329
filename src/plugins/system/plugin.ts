import type { Collectors, Query } from '../../core/base-plugin.ts';
import { type GaugeSample, GaugeSampler } from '../../streams/sampling/gauge-sampler.ts';
import { SampledPlugin, type Sampling } from '../shared/sampled-plugin.ts';
import { type FieldsView, parseFieldsView, pick } from '../shared/view.ts';
import { systemCollectors } from './metrics.ts';
import { fields, OWN_FIELDS, type OwnField, parameterSchema, variables } from './schema.ts';
import { openSource, type SystemState } from './source.ts';

type SystemSample = GaugeSample<SystemState>;
type Snapshot = Readonly<Record<string, unknown>>;

/** The machine and its system: names, versions, how long it runs, who is logged in. Topic: `state`. */
export default class System extends SampledPlugin<SystemSample, FieldsView<OwnField>, Snapshot> {
  static override readonly parameterSchema = parameterSchema;
  static override readonly fields = fields;
  static override readonly variables = variables;

  #collectors: Collectors | null = null;

  protected override async open(): Promise<Sampling<SystemSample>> {
    const source = await openSource(this.host);
    this.#collectors = this.host.platform === 'linux' ? systemCollectors(source, this.host) : null;
    const limits = this.limitsOf(1);
    const sampler = new GaugeSampler({ read: () => source.read(), ...this.paceOf(limits) });
    return { sampler, limits, close: () => source.close() };
  }

  override observables() {
    return { state: this.recorded() };
  }

  override collectors() {
    return this.#collectors;
  }

  protected override parseView(query: Query): FieldsView<OwnField> {
    return parseFieldsView(query, OWN_FIELDS);
  }

  protected override toAnswer({ reading }: SystemSample, view: FieldsView<OwnField>): Snapshot {
    const { facts, users, uptimeSeconds } = reading.gauges;
    const { sequence, timestampMs } = reading;
    return Object.freeze({ sequence, timestampMs, ...pick({ ...facts, uptimeSeconds, users }, view.fields ?? OWN_FIELDS) });
  }
}
