import { readdirSync, readFileSync } from 'node:fs';
import { endianness } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import type { Host } from '../../core/base-plugin.ts';
import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import { type ProcessStat, parseProcessStat } from './proc-pid-stat.ts';
import { COLUMNS } from './schema.ts';

export interface ProcessTable extends CounterTable {
  /** In the order of the names, which are the numbers of the processes. */
  readonly stats: readonly ProcessStat[];
  readonly pageBytes: number;
  readonly maxProcesses: number;
  readonly maxThreads: number;
  readonly isSupported: boolean;
  /** false: others' are hidden from who runs the agent (hidepid). */
  readonly isWhole: boolean;
}

/** Read before others have their turn: half a millisecond or so. */
const SLICE = 40;
/** Linux gives numbers of at most 22 bits; the rest of 53 is for the time of the start, which tells who has a number anew. */
const PID_RANGE = 2 ** 22;
const START_RANGE = 2 ** 31;
const UNKNOWN = Number.NaN;

/** One small file per process, in slices: there may be thousands. */
export class ProcessSource {
  readonly #host: Host;
  readonly #pageBytes: number;

  constructor(host: Host) {
    this.#host = host;
    this.#pageBytes = host.platform === 'linux' ? pageBytes() : UNKNOWN;
  }

  async read(): Promise<ProcessTable> {
    const { procfs, platform } = this.#host;
    const names: string[] = [];
    const stats: ProcessStat[] = [];
    const pids =
      platform === 'linux' ? readdirSync(procfs).filter((name) => name[0] !== undefined && name[0] >= '0' && name[0] <= '9') : [];
    for (const [index, pid] of pids.entries()) {
      if (index % SLICE === SLICE - 1) await setImmediate();
      // Who has ended meanwhile is not there any more.
      const text = this.#host.readSmall(`${procfs}/${pid}/stat`);
      const stat = text === null ? null : parseProcessStat(text);
      if (!stat) continue;
      names.push(pid);
      stats.push(stat);
    }
    return {
      names,
      keys: names.map((pid, row) => ((stats[row] as ProcessStat).startTicks % START_RANGE) * PID_RANGE + Number(pid)),
      counters: Float64Array.from(stats.flatMap(({ userTicks, systemTicks }) => [userTicks, systemTicks])),
      width: COLUMNS.length,
      stats,
      pageBytes: this.#pageBytes,
      maxProcesses: this.#limit('pid_max'),
      maxThreads: this.#limit('threads-max'),
      isSupported: platform === 'linux',
      // There is always this one.
      isWhole: names.includes('1'),
    };
  }

  #limit(name: string): number {
    return Number(this.#host.readLine(`${this.#host.procfs}/sys/kernel/${name}`) ?? UNKNOWN);
  }
}

const AT_PAGESZ = 6;

/** As the kernel tells every program that it starts, in pairs of words. It is the same for all of a machine. */
function pageBytes(): number {
  const auxiliary = readFileSync('/proc/self/auxv');
  const wordBytes = process.arch === 'arm' || process.arch === 'ia32' ? 4 : 8;
  const isLittle = endianness() === 'LE';
  // Both words are small: the lower four bytes of them say it all.
  const wordAt = (at: number) => (isLittle ? auxiliary.readUInt32LE(at) : auxiliary.readUInt32BE(at + wordBytes - 4));
  for (let at = 0; at + 2 * wordBytes <= auxiliary.length; at += 2 * wordBytes) if (wordAt(at) === AT_PAGESZ) return wordAt(at + wordBytes);
  return 4096;
}
