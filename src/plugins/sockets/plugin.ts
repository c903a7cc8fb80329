import { defer, map, type Observable } from 'rxjs';
import { type Query, refuseUnknown } from '../../core/base-plugin.ts';
import { BurstSampler } from '../../streams/sampling/burst-sampler.ts';
import { CounterSampler } from '../../streams/sampling/counter-sampler.ts';
import { GaugeSampler } from '../../streams/sampling/gauge-sampler.ts';
import { parametersWithBursts } from '../shared/burst.ts';
import { SampledPlugin, type Sampling } from '../shared/sampled-plugin.ts';
import { parseInterval } from '../shared/sampling.ts';
import { type FieldsView, parseFieldsView } from '../shared/view.ts';
import { BURST_MEASURES } from './burst.ts';
import { COUNTERS, fields, type Group, OWN_FIELDS, stateFields, variables } from './schema.ts';
import { type Snapshot, type SocketsSample, toSnapshot, toStates } from './snapshot.ts';
import { SocketSource } from './source.ts';
import { countStates, type StateCounts } from './states.ts';

/** Sockets: how many there are, and what goes wrong. Topics: `rates`, which its URL streams, and `states`, counted on request. */
export default class Sockets extends SampledPlugin<SocketsSample, FieldsView<Group>, Snapshot> {
  static override readonly parameterSchema = parametersWithBursts;
  static override readonly fields = fields;
  static override readonly topicFields = { states: stateFields };
  static override readonly variables = variables;

  protected override readonly toAnswer = toSnapshot;
  #states: GaugeSampler<StateCounts> | null = null;

  protected override open(): Sampling<SocketsSample> {
    const source = new SocketSource(this.host);
    const limits = this.limitsOf(1);
    // Never started: it reads only while somebody listens.
    this.#states = new GaugeSampler({ read: () => countStates(this.host), ...this.paceOf(limits) });
    const sampler = new CounterSampler({ read: () => source.read(), ...this.paceOf(limits), monotonicColumns: COUNTERS.length });
    return { sampler, bursts: new BurstSampler(sampler, BURST_MEASURES), limits, close: () => source.close() };
  }

  override observables() {
    return { rates: this.recorded(), states: (query: Query) => this.#statesOf(query) };
  }

  protected override parseView(query: Query): FieldsView<Group> {
    return parseFieldsView(query, OWN_FIELDS);
  }

  #statesOf(query: Query): Observable<Snapshot> {
    refuseUnknown(query, ['interval']);
    const { limits } = this.sampling;
    const intervalMs = parseInterval(query, limits);
    return defer(() => (this.#states as GaugeSampler<StateCounts>).samples(intervalMs)).pipe(map(toStates));
  }
}
