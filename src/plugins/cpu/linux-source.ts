import { FileReader, type Host } from '../../core/base-plugin.ts';
import { Cursor } from '../shared/cursor.ts';
import { type CpuFacts, parseCpuinfo } from './cpuinfo.ts';
import { StatParser } from './proc-stat.ts';
import type { CpuCounts, CpuSource } from './source.ts';

/** A look at the frequencies takes in at least so many cores, and all of them in so many looks. */
const CORES_PER_LOOK = 4;
const LOOKS_PER_ROUND = 15;

type Load = CpuCounts['load'];
const NO_LOAD: Load = [Number.NaN, Number.NaN, Number.NaN];

/** Two files per tick, kept open: /proc/stat and /proc/loadavg. */
export class LinuxSource implements CpuSource {
  readonly #host: Host;
  readonly #stat: FileReader;
  readonly #load: FileReader;
  readonly #parser = new StatParser();
  readonly #cursor = new Cursor();
  readonly #frequencyHertz = new Map<string, number>();
  #cpuinfo: CpuFacts | null = null;
  #told: CpuFacts | null = null;
  #cores: readonly string[] = [];
  #physicalCores: number | null = null;
  #next = 0;
  #hasFrequencies = true;

  constructor(host: Host) {
    this.#host = host;
    this.#stat = new FileReader(`${host.procfs}/stat`);
    this.#load = new FileReader(`${host.procfs}/loadavg`, 256);
  }

  read(): CpuCounts {
    return { ...this.#parser.parse(this.#stat.read()), load: this.#loadNow() };
  }

  /** @param cores the same array while no core goes or comes */
  look(cores: readonly string[]): CpuFacts {
    this.#cpuinfo ??= parseCpuinfo(this.#readCpuinfo());
    if (cores !== this.#cores) this.#learn(cores);
    if (this.#hasFrequencies) this.#lookAtSome(cores);
    this.#told ??= this.#tell(this.#cpuinfo);
    return this.#told;
  }

  #tell({ model, physicalCores, frequencyHertz }: CpuFacts): CpuFacts {
    return {
      model,
      physicalCores: this.#physicalCores ?? physicalCores,
      // Whoever has been told keeps what was then.
      frequencyHertz: this.#hasFrequencies ? new Map(this.#frequencyHertz) : frequencyHertz,
    };
  }

  close(): void {
    this.#stat.close();
    this.#load.close();
  }

  #loadNow(): Load {
    try {
      const cursor = this.#cursor.open(this.#load.read());
      return [cursor.decimal(), cursor.decimal(), cursor.decimal()];
    } catch {
      return NO_LOAD;
    }
  }

  /** The topology is asked anew when cores go or come; so is whether they tell their frequency. */
  #learn(cores: readonly string[]): void {
    this.#cores = cores;
    this.#told = null;
    // The first one may be the one that does not: of another cluster, or kept for something else.
    this.#hasFrequencies = cores.some((core) => this.#frequencyOf(core) !== null);
    for (const core of this.#frequencyHertz.keys()) if (!cores.includes(core)) this.#frequencyHertz.delete(core);
    const siblings = cores.map((core) => this.#host.readLine(this.#path(core, 'topology/thread_siblings_list')));
    this.#physicalCores = siblings.length === 0 || siblings.includes(null) ? null : new Set(siblings).size;
    for (const core of this.#hasFrequencies ? cores : []) this.#lookAt(core);
  }

  #lookAtSome(cores: readonly string[]): void {
    const count = Math.min(cores.length, Math.max(CORES_PER_LOOK, Math.ceil(cores.length / LOOKS_PER_ROUND)));
    for (let n = 0; n < count; n++) this.#lookAt(cores[(this.#next + n) % cores.length] as string);
    this.#next = (this.#next + count) % cores.length;
  }

  #lookAt(core: string): void {
    const hertz = this.#frequencyOf(core);
    if (hertz === (this.#frequencyHertz.get(core) ?? null)) return;
    this.#told = null;
    if (hertz === null) this.#frequencyHertz.delete(core);
    else this.#frequencyHertz.set(core, hertz);
  }

  #frequencyOf(core: string): number | null {
    const kilohertz = Number(this.#host.readLine(this.#path(core, 'cpufreq/scaling_cur_freq')));
    return kilohertz > 0 ? kilohertz * 1000 : null;
  }

  #readCpuinfo(): string {
    const reader = new FileReader(`${this.#host.procfs}/cpuinfo`);
    try {
      const { bytes, length } = reader.read();
      return bytes.toString('latin1', 0, length);
    } catch {
      return '';
    } finally {
      reader.close();
    }
  }

  #path(core: string, file: string): string {
    return `${this.#host.sysfs}/devices/system/cpu/cpu${core}/${file}`;
  }
}
