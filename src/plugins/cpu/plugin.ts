import { CounterSampler } from '../../streams/counter-sampler.ts';
import { SampledPlugin, type Sampling } from '../shared/sampled-plugin.ts';
import { CoreFiles } from './core-files.ts';
import type { CpuFacts } from './cpuinfo.ts';
import { cpuCollectors } from './metrics.ts';
import { FIRST_CORE_ROW, fields, MONOTONIC_MODES, variables } from './schema.ts';
import { type CpuSample, parseView, type Snapshot, toSnapshot, type View } from './snapshot.ts';
import { type CpuSource, type CpuTable, openSource } from './source.ts';

/** Processors: what their time goes to, in all and core by core. Topic: `usage`. */
export default class Cpu extends SampledPlugin<CpuSample, View, Snapshot> {
  static override readonly fields = fields;
  static override readonly variables = variables;

  protected override readonly parseView = parseView;
  #facts: CpuFacts = { model: null, physicalCores: null, frequencyHertz: new Map() };
  #names: readonly string[] = [];
  #cores: readonly string[] = [];
  #source: CpuSource | null = null;
  #files: CoreFiles | null = null;

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
    return { sampler, limits, close };
  }

  override observables() {
    return { usage: this.recorded() };
  }

  override collectors() {
    return this.#source && cpuCollectors(this.#source, this.#files);
  }

  protected override toAnswer(sample: CpuSample, view: View): Snapshot {
    return toSnapshot(sample, this.#facts, view);
  }

  protected override onSample(): void {
    if (this.#source) this.#look(this.#source);
  }

  #read(source: CpuSource): CpuTable {
    const table = source.read();
    // A core came or went: what is known of it must be right before it is shown.
    if (table.names !== this.#names) {
      this.#names = table.names;
      this.#cores = table.names.slice(FIRST_CORE_ROW);
      this.#look(source);
    }
    return table;
  }

  #look(source: CpuSource): void {
    this.#facts = source.look(this.#cores);
  }
}
