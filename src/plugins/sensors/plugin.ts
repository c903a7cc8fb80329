import { GaugeSampler } from '../../streams/sampling/gauge-sampler.ts';
import { SampledPlugin, type Sampling } from '../shared/sampled-plugin.ts';
import { sensorCollectors } from './metrics.ts';
import { fields, parameterSchema, variables } from './schema.ts';
import { parseView, type SensorsSample, type Snapshot, toSnapshot, type View } from './snapshot.ts';
import { SensorSource } from './source.ts';

/** Temperatures, fans, voltages, currents, power: what the machine measures of itself. Topic: `values`. */
export default class Sensors extends SampledPlugin<SensorsSample, View, Snapshot> {
  static override readonly parameterSchema = parameterSchema;
  static override readonly fields = fields;
  static override readonly variables = variables;

  protected override readonly parseView = parseView;
  protected override readonly toAnswer = toSnapshot;

  protected override open(): Sampling<SensorsSample> {
    const source = new SensorSource(this.host);
    const limits = this.limitsOf(1);
    const sampler = new GaugeSampler({ read: () => source.read(), ...this.paceOf(limits) });
    return { sampler, limits, close: () => source.close() };
  }

  override collectors() {
    return this.host.platform === 'linux' ? sensorCollectors(this.host) : null;
  }

  override observables() {
    return { values: this.recorded() };
  }
}
