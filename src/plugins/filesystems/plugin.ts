import type { Collectors } from '../../core/base-plugin.ts';
import { GaugeSampler } from '../../streams/sampling/gauge-sampler.ts';
import { EventfulPlugin } from '../shared/eventful-plugin.ts';
import type { Sampling } from '../shared/sampled-plugin.ts';
import { type Change, mountChanges } from './events.ts';
import { filesystemCollectors } from './metrics.ts';
import { parseEventFilter, parseView, type View } from './query.ts';
import { eventFields, fields, type Parameters, parameterSchema, variables } from './schema.ts';
import { type MountsSample, type Snapshot, toSnapshot } from './snapshot.ts';
import { type MountState, openSource } from './source.ts';

/** Mounted file systems: how much room they have. Topics: `usage`, which its URL streams, and `events`. */
export default class FileSystems extends EventfulPlugin<MountsSample, View, Snapshot, Change, Parameters> {
  static override readonly parameterSchema = parameterSchema;
  static override readonly fields = fields;
  static override readonly topicFields = { events: eventFields };
  static override readonly variables = variables;

  protected override readonly parseView = parseView;
  protected override readonly toAnswer = toSnapshot;
  #last: readonly MountState[] | null = null;
  #collectors: Collectors | null = null;

  protected override async open(): Promise<Sampling<MountsSample>> {
    const source = await openSource(this.host, this.parameters.answerMs);
    this.#collectors = this.host.platform === 'linux' ? filesystemCollectors(source) : null;
    const limits = this.limitsOf(source.shortestIntervalMs);
    const sampler = new GaugeSampler({ read: () => source.read(), ...this.paceOf(limits) });
    return { sampler, limits, close: () => source.close() };
  }

  override observables() {
    return { usage: this.recorded(), events: this.events(parseEventFilter) };
  }

  override collectors() {
    return this.#collectors;
  }

  protected override onSample({ reading: { gauges } }: MountsSample): void {
    const changes = mountChanges(this.#last, gauges);
    this.#last = gauges;
    for (const { event, mountpoint } of changes)
      if (event === 'stuck') this.log.warn(`${mountpoint} does not answer; it is asked again when it has`);
    this.publish(changes);
  }

  protected override gap(reason: string): Change {
    return { event: 'gap', mountpoint: null, reason };
  }
}
