import { FileReader, type Host } from '../../core/base-plugin.ts';
import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import { KeyedNumbers } from '../shared/keyed-numbers.ts';
import { COUNTERS, LINES } from './schema.ts';

/** One row of counters, and the gauges of the same moment. Unknown is NaN. */
export interface MemoryTable extends CounterTable {
  /** In the order of LINES; bytes, or pages of those that count these. */
  readonly gauges: Float64Array;
}

/** Where the numbers come from. Thin: it reads and renames, and computes nothing. */
export interface MemorySource {
  /** A shorter interval would not bring newer numbers, milliseconds. */
  readonly shortestIntervalMs: number;
  read(): MemoryTable | Promise<MemoryTable>;
  close(): void;
}

export async function openSource(host: Host): Promise<MemorySource> {
  if (host.platform === 'linux') return new LinuxSource(host);
  // Some 10 MB that Linux does not need.
  return new SystemInformationSource(await import('systeminformation'));
}

const NAMES = ['memory'];
const KEYS = [0];
const WIDTH = COUNTERS.length;
const TOTAL = LINES.indexOf('MemTotal');

/** Two files per tick, kept open. */
class LinuxSource implements MemorySource {
  readonly shortestIntervalMs = 1;
  readonly #meminfo: FileReader;
  readonly #vmstat: FileReader;
  readonly #gauges = new KeyedNumbers(LINES);
  readonly #counters = new KeyedNumbers(COUNTERS);

  constructor(host: Host) {
    this.#meminfo = new FileReader(`${host.procfs}/meminfo`);
    this.#vmstat = new FileReader(`${host.procfs}/vmstat`);
  }

  read(): MemoryTable {
    const gauges = this.#gauges.parse(this.#meminfo.read());
    if (Number.isNaN(gauges[TOTAL])) throw new Error('/proc/meminfo does not say MemTotal');
    return { names: NAMES, keys: KEYS, counters: this.#countersNow(), width: WIDTH, gauges };
  }

  close(): void {
    this.#meminfo.close();
    this.#vmstat.close();
  }

  /** Some kernels have no vmstat; what memory there is they tell all the same. */
  #countersNow(): Float64Array {
    try {
      return this.#counters.parse(this.#vmstat.read());
    } catch {
      return new Float64Array(WIDTH).fill(Number.NaN);
    }
  }
}

export type SystemInformation = Pick<typeof import('systeminformation'), 'mem'>;

/** macOS, Windows and the BSDs; it spawns processes there. */
export class SystemInformationSource implements MemorySource {
  readonly shortestIntervalMs = 1000;
  readonly #system: SystemInformation;

  constructor(system: SystemInformation) {
    this.#system = system;
  }

  async read(): Promise<MemoryTable> {
    const mem = await this.#system.mem();
    const told: Readonly<Record<string, number>> = {
      MemTotal: mem.total,
      MemAvailable: mem.available,
      MemFree: mem.free,
      SwapTotal: mem.swaptotal,
      SwapFree: mem.swapfree,
    };
    const gauges = Float64Array.from(LINES, (line) => told[line] ?? Number.NaN);
    return { names: NAMES, keys: KEYS, counters: new Float64Array(WIDTH).fill(Number.NaN), width: WIDTH, gauges };
  }

  close(): void {}
}
