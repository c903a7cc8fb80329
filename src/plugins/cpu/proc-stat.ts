import type { FileBytes } from '../../core/base-plugin.ts';
import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import { Cursor } from '../shared/cursor.ts';
import { ACTIVITY_ROW, FIRST_CORE_ROW, MODES, TOTAL_ROW } from './schema.ts';

const WIDTH = MODES.length;
/** Columns of a cpu line in our order: user nice system idle iowait irq softirq steal guest guest_nice. */
const TARGET = [0, 1, 2, 7, 8, 3, 4, 9, 5, 6];
const word = (text: string) => Uint8Array.from(Buffer.from(text));
const CPU = word('cpu');
const CONTEXT_SWITCHES = word('ctxt ');
const INTERRUPTS = word('intr ');
const FORKS = word('processes ');
const RUNNING = word('procs_running ');
const BLOCKED = word('procs_blocked ');
const BOOT = word('btime ');
/** Stands in the table for the machine; a core's key is its number. */
const ACTIVITY_KEY = -1;

export interface StatTable extends CounterTable {
  readonly processesRunning: number;
  readonly processesBlocked: number;
  /** When the machine started, as its clock now says: Unix time. */
  readonly bootSeconds: number;
}

/**
 * Parses /proc/stat: ticks of all cores together, counters of the machine, ticks of each core that is online. Works
 * on the bytes, and knows the cores from the last time, so that a tick makes one array and no strings.
 */
export class StatParser {
  readonly #cursor = new Cursor();
  #names: readonly string[] = [];
  #keys: readonly number[] = [];
  #totalKey = ACTIVITY_KEY;
  #cores: number[] = [];
  /** The cores are others than the names; stays so over a file that could not be read to its end. */
  #isChanged = false;

  /** @throws where the file is not as expected; a guess would be wrong data */
  parse(file: FileBytes): StatTable {
    const cursor = this.#cursor.open(file);
    if (!cursor.skip(CPU)) throw new Error('/proc/stat does not begin with cpu');
    let counters = new Float64Array((FIRST_CORE_ROW + this.#cores.length) * WIDTH).fill(Number.NaN);
    this.#ticks(counters, TOTAL_ROW);
    let count = 0;
    for (; cursor.skip(CPU); count++) {
      const core = cursor.integer();
      if (Number.isNaN(core)) throw new Error('/proc/stat has a core without a number');
      if (this.#cores[count] !== core) {
        this.#cores[count] = core;
        this.#isChanged = true;
      }
      const row = FIRST_CORE_ROW + count;
      if (counters.length < (row + 1) * WIDTH) counters = grown(counters);
      this.#ticks(counters, row);
    }
    if (this.#isChanged || this.#names.length !== FIRST_CORE_ROW + count) this.#learn(count);
    const [processesRunning, processesBlocked, bootSeconds] = this.#activity(counters);
    const length = this.#names.length * WIDTH;
    return {
      names: this.#names,
      keys: this.#keys,
      counters: counters.length === length ? counters : counters.slice(0, length),
      width: WIDTH,
      processesRunning,
      processesBlocked,
      bootSeconds,
    };
  }

  /** Up to ten numbers: older kernels have fewer, newer ones may have more. */
  #ticks(counters: Float64Array, row: number): void {
    const cursor = this.#cursor;
    for (let column = 0; column < TARGET.length; column++) {
      const ticks = cursor.integer();
      if (Number.isNaN(ticks)) {
        if (column < 4) throw new Error('/proc/stat has a cpu line that is too short');
        break;
      }
      counters[row * WIDTH + (TARGET[column] as number)] = ticks;
    }
    cursor.skipLine();
  }

  #activity(counters: Float64Array): [running: number, blocked: number, bootSeconds: number] {
    const cursor = this.#cursor;
    const offset = ACTIVITY_ROW * WIDTH;
    let running = Number.NaN;
    let blocked = Number.NaN;
    let boot = Number.NaN;
    for (; !cursor.isAtEnd; cursor.skipLine()) {
      if (cursor.skip(CONTEXT_SWITCHES)) counters[offset] = cursor.integer();
      else if (cursor.skip(INTERRUPTS)) counters[offset + 1] = cursor.integer();
      else if (cursor.skip(FORKS)) counters[offset + 2] = cursor.integer();
      else if (cursor.skip(RUNNING)) running = cursor.integer();
      else if (cursor.skip(BLOCKED)) blocked = cursor.integer();
      else if (cursor.skip(BOOT)) boot = cursor.integer();
    }
    return [running, blocked, boot];
  }

  /**
   * A core went or came. The total's key changes with it: the kernel takes the idle time of a core that is offline
   * from elsewhere, so the sum may jump either way.
   */
  #learn(count: number): void {
    this.#cores.length = count;
    this.#isChanged = false;
    this.#totalKey--;
    this.#names = ['total', 'activity', ...this.#cores.map(String)];
    this.#keys = [this.#totalKey, ACTIVITY_KEY, ...this.#cores];
  }
}

function grown(counters: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(counters.length * 2).fill(Number.NaN);
  larger.set(counters);
  return larger;
}
