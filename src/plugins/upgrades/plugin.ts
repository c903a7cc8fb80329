import type { Query } from '../../core/base-plugin.ts';
import { type GaugeSample, GaugeSampler } from '../../streams/sampling/gauge-sampler.ts';
import { EventTopic } from '../shared/event-topic.ts';
import { SampledPlugin, type Sampling } from '../shared/sampled-plugin.ts';
import { type FieldsView, parseFieldsView, pick } from '../shared/view.ts';
import { type Change, LastKnown, parseEventFilter } from './events.ts';
import { eventFields, fields, OWN_FIELDS, type OwnField, type Parameters, parameterSchema, variables } from './schema.ts';
import { openSource } from './source.ts';
import type { UpgradesState } from './state.ts';

type UpgradesSample = GaugeSample<UpgradesState>;
type Snapshot = Readonly<Record<string, unknown>>;

/** Packages of which there are newer versions, and whether a restart is due. Topics: `state`, which its URL streams, and `events`. */
export default class Upgrades extends SampledPlugin<UpgradesSample, FieldsView<OwnField>, Snapshot, Parameters> {
  static override readonly parameterSchema = parameterSchema;
  static override readonly fields = fields;
  static override readonly topicFields = { events: eventFields };
  static override readonly variables = variables;

  readonly #events = new EventTopic<Change>();
  readonly #last = new LastKnown();

  protected override open(): Sampling<UpgradesSample> {
    const source = openSource(this.host);
    const limits = this.limitsOf(1);
    const sampler = new GaugeSampler({ read: () => source.read(), ...this.paceOf(limits) });
    return { sampler, limits, close: () => source.close() };
  }

  override observables() {
    return { state: this.recorded(), events: this.#events.filtered(parseEventFilter) };
  }

  override terminate(): void {
    super.terminate();
    this.#events.end();
  }

  protected override onSample({ reading: { gauges } }: UpgradesSample): void {
    const { sampler } = this.sampling;
    this.#events.publish(this.#last.changes(gauges), () => sampler.nextSequence());
  }

  protected override parseView(query: Query): FieldsView<OwnField> {
    return parseFieldsView(query, OWN_FIELDS);
  }

  protected override toAnswer({ reading: { sequence, timestampMs, gauges } }: UpgradesSample, view: FieldsView<OwnField>): Snapshot {
    const packages = gauges.packages?.slice(0, this.parameters.mostPackages) ?? null;
    return Object.freeze({ sequence, timestampMs, ...pick({ ...gauges, packages }, view.fields ?? OWN_FIELDS) });
  }
}
