import type { Query } from '../../core/base-plugin.ts';
import { CounterSampler } from '../../streams/counter-sampler.ts';
import { SampledPlugin, type Sampling } from '../shared/sampled-plugin.ts';
import { type FieldsView, parseFieldsView } from '../shared/view.ts';
import { COUNTERS, fields, OWN_FIELDS, type OwnField, variables } from './schema.ts';
import { type MemorySample, type Snapshot, toSnapshot } from './snapshot.ts';
import { openSource } from './source.ts';

/** Memory and swap. Topic: `usage`. */
export default class Memory extends SampledPlugin<MemorySample, FieldsView<OwnField>, Snapshot> {
  static override readonly fields = fields;
  static override readonly variables = variables;

  protected override readonly toAnswer = toSnapshot;

  protected override async open(): Promise<Sampling<MemorySample>> {
    const source = await openSource(this.host);
    const limits = this.limitsOf(source.shortestIntervalMs);
    const { intervalMs: baseIntervalMs, historyMs } = limits;
    const sampler = new CounterSampler({ read: () => source.read(), baseIntervalMs, historyMs, monotonicColumns: COUNTERS.length });
    return { sampler, limits, close: () => source.close() };
  }

  override observables() {
    return { usage: (query: Query) => this.answers(query) };
  }

  protected override parseView(query: Query): FieldsView<OwnField> {
    return parseFieldsView(query, OWN_FIELDS);
  }
}
