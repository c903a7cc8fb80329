import { BurstSampler } from '../../streams/sampling/burst-sampler.ts';
import { CounterSampler } from '../../streams/sampling/counter-sampler.ts';
import { SampledPlugin, type Sampling } from '../shared/sampled-plugin.ts';
import { BURST_MEASURES } from './burst.ts';
import { CoreFiles } from './core-files.ts';
import { type CpuFacts, NO_FACTS } from './cpuinfo.ts';
import { cpuCollectors } from './metrics.ts';
import { FIRST_CORE_ROW, fields, MONOTONIC_MODES, parameterSchema, variables } from './schema.ts';
import { type CpuSample, parseView, type Snapshot, toSnapshot, type View } from './snapshot.ts';
import { type CpuSource, type CpuTable, openSource } from './source.ts';

/** What hardly changes is looked at with every reading of the base interval, of which one may be a little early. */
const LOOK_SHARE = 0.75;

/** Processors: what their time goes to, in all and core by core. Topic: `usage`. */
export default class Cpu extends SampledPlugin<CpuSample, View, Snapshot> {
  static override readonly parameterSchema = parameterSchema;
  static override readonly fields = fields;
  static override readonly variables = variables;

  protected override readonly parseView = parseView;
  protected override readonly toAnswer = toSnapshot;
  #facts: CpuFacts = NO_FACTS;
  #names: readonly string[] = [];
  #cores: readonly string[] = [];
  #source: CpuSource | null = null;
  #files: CoreFiles | null = null;
  #lookedMs = Number.NEGATIVE_INFINITY;

  protected override open(): Sampling<CpuSample> {
    const source = openSource(this.host);
    this.#source = source;
    const limits = this.limitsOf(1);
    const sampler = new CounterSampler({ read: () => this.#read(source), ...this.paceOf(limits), monotonicColumns: MONOTONIC_MODES });
    this.#files = this.host.platform === 'linux' ? new CoreFiles(this.host) : null;
    const close = () => {
      source.close();
      this.#files?.close();
    };
    return { sampler, bursts: new BurstSampler(sampler, BURST_MEASURES), limits, close };
  }

  override observables() {
    return { usage: this.recorded() };
  }

  override collectors() {
    return this.#source && cpuCollectors(this.#source, this.#files);
  }

  #read(source: CpuSource): CpuTable {
    const table = source.read();
    const nowMs = performance.now();
    const haveCoresChanged = table.names !== this.#names;
    if (haveCoresChanged) {
      this.#names = table.names;
      this.#cores = table.names.slice(FIRST_CORE_ROW);
    }
    if (haveCoresChanged || nowMs - this.#lookedMs >= LOOK_SHARE * this.parameters.intervalMs) {
      this.#lookedMs = nowMs;
      this.#facts = source.look(this.#cores);
    }
    return { ...table, facts: this.#facts };
  }
}
