import { cpus, loadavg, uptime } from 'node:os';
import type { Host } from '../../core/base-plugin.ts';
import type { CpuFacts } from './cpuinfo.ts';
import { LinuxSource } from './linux-source.ts';
import type { StatTable } from './proc-stat.ts';
import { FIRST_CORE_ROW, MODES, USER_HZ } from './schema.ts';

/** Ticks and counters with the gauges of the same moment. Unknown is NaN. */
export interface CpuCounts extends StatTable {
  readonly load: readonly [load1: number, load5: number, load15: number];
}

export interface CpuTable extends CpuCounts {
  /** As they were known then; the same object while nothing has changed. */
  readonly facts: CpuFacts;
}

/** Where the numbers come from. Thin: it reads and renames, and computes nothing. */
export interface CpuSource {
  read(): CpuCounts;
  /** What hardly changes; looks at some of the cores again. */
  look(cores: readonly string[]): CpuFacts;
  close(): void;
}

export function openSource(host: Host): CpuSource {
  return host.platform === 'linux' ? new LinuxSource(host) : new PortableSource();
}

const UNKNOWN = Number.NaN;

/** Where Node's own look is all there is: modes that other systems do not count are unknown. */
class PortableSource implements CpuSource {
  #names: readonly string[] = [];
  #keys: readonly number[] = [];

  read(): CpuCounts {
    const cores = cpus();
    const toTicks = USER_HZ / 1000;
    // In the order of MODES.
    const rows = cores.map(({ times: { user, nice, sys, idle, irq } }) =>
      [user, nice, sys, irq, UNKNOWN, UNKNOWN, UNKNOWN, idle, UNKNOWN, UNKNOWN].map((ms) => ms * toTicks),
    );
    const total = MODES.map((_, column) => rows.reduce((sum, row) => sum + (row[column] as number), 0));
    const activity = MODES.map(() => UNKNOWN);
    if (this.#names.length !== cores.length + FIRST_CORE_ROW) {
      this.#names = ['total', 'activity', ...cores.map((_, core) => String(core))];
      this.#keys = [-1 - cores.length, -1, ...cores.map((_, core) => core)];
    }
    const load = loadavg();
    return {
      names: this.#names,
      keys: this.#keys,
      counters: Float64Array.from([total, activity, ...rows].flat()),
      width: MODES.length,
      processesRunning: UNKNOWN,
      processesBlocked: UNKNOWN,
      bootSeconds: Math.round(Date.now() / 1000 - uptime()),
      // Node answers zeros on Windows, which has no load.
      load: process.platform === 'win32' ? [UNKNOWN, UNKNOWN, UNKNOWN] : [load[0] ?? UNKNOWN, load[1] ?? UNKNOWN, load[2] ?? UNKNOWN],
    };
  }

  look(): CpuFacts {
    const cores = cpus();
    const known = cores.flatMap(({ speed }, core): [string, number][] => (speed > 0 ? [[String(core), speed * 1e6]] : []));
    return { model: cores[0]?.model.trim() || null, physicalCores: null, frequencyHertz: new Map(known) };
  }

  close(): void {}
}
