import type { Query } from '../../core/base-plugin.ts';
import { CounterSampler } from '../../streams/sampling/counter-sampler.ts';
import { SampledPlugin, type Sampling } from '../shared/sampled-plugin.ts';
import { type FieldsView, parseFieldsView } from '../shared/view.ts';
import { MemoryCollectors } from './metrics.ts';
import { COUNTERS, fields, OWN_FIELDS, type OwnField, variables } from './schema.ts';
import { type MemorySample, type Snapshot, toSnapshot } from './snapshot.ts';
import { openSource } from './source.ts';

/** Memory and swap. Topic: `usage`. */
export default class Memory extends SampledPlugin<MemorySample, FieldsView<OwnField>, Snapshot> {
  static override readonly fields = fields;
  static override readonly variables = variables;

  protected override readonly toAnswer = toSnapshot;
  #metrics: MemoryCollectors | null = null;

  protected override async open(): Promise<Sampling<MemorySample>> {
    const source = await openSource(this.host);
    const limits = this.limitsOf(source.shortestIntervalMs);
    const sampler = new CounterSampler({ read: () => source.read(), ...this.paceOf(limits), monotonicColumns: COUNTERS.length });
    this.#metrics = this.host.platform === 'linux' ? new MemoryCollectors(this.host) : null;
    const close = () => {
      source.close();
      this.#metrics?.close();
    };
    return { sampler, limits, close };
  }

  override observables() {
    return { usage: this.recorded() };
  }

  override collectors() {
    return this.#metrics?.collectors ?? null;
  }

  protected override parseView(query: Query): FieldsView<OwnField> {
    return parseFieldsView(query, OWN_FIELDS);
  }
}
