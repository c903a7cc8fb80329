import { type FileBytes, FileReader, type Host } from '../../core/base-plugin.ts';
import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import { KeyedNumbers } from '../shared/keyed-numbers.ts';
import { PairLines } from './pair-lines.ts';
import { PairTables } from './pair-tables.ts';
import { COUNTERS, GAUGES } from './schema.ts';

/** One row of counters, and the gauges of the same moment. Unknown is NaN. */
export interface SocketTable extends CounterTable {
  readonly gauges: Float64Array;
  readonly isSupported: boolean;
}

const NAMES = ['sockets'];
const KEYS = [0];
const WIDTH = COUNTERS.length;
/** Keys of snmp6 stand alone in their line. */
const LISTED = COUNTERS.filter(({ key }) => !key.includes(' '));
const TARGETS = new Map([...COUNTERS, ...GAUGES].map(({ key }, target) => [key, target]));

type Read = (file: FileBytes, values: Float64Array) => void;

/** Five small files per tick, kept open. Each may be missing: IPv6 is switched off, or the kernel is built without. */
export class SocketSource {
  readonly #files: readonly { readonly reader: FileReader; readonly read: Read }[];

  constructor(host: Host) {
    const names = host.platform === 'linux' ? (['snmp', 'netstat', 'snmp6', 'sockstat', 'sockstat6'] as const) : [];
    this.#files = names.map((name) => ({ reader: new FileReader(host.procNet(name), 8192), read: readerOf(name) }));
  }

  /** @throws where a file is there and cannot be read */
  read(): SocketTable {
    const values = new Float64Array(TARGETS.size).fill(Number.NaN);
    let isSupported = false;
    for (const { reader, read } of this.#files) {
      const file = readIfThere(reader);
      if (!file) continue;
      isSupported = true;
      try {
        read(file, values);
      } catch (error) {
        throw new Error(`${reader.path}: ${(error as Error).message}`, { cause: error });
      }
    }
    return { names: NAMES, keys: KEYS, counters: values.slice(0, WIDTH), width: WIDTH, gauges: values.slice(WIDTH), isSupported };
  }

  close(): void {
    for (const { reader } of this.#files) reader.close();
  }
}

function readIfThere(reader: FileReader): FileBytes | null {
  try {
    return reader.read();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

function readerOf(name: string): Read {
  if (name.startsWith('sockstat')) {
    const lines = new PairLines(TARGETS);
    return (file, values) => lines.read(file, values);
  }
  if (name === 'snmp6') {
    const numbers = new KeyedNumbers(LISTED.map(({ key }) => key));
    const first = COUNTERS.indexOf(LISTED[0] as (typeof COUNTERS)[number]);
    return (file, values) => values.set(numbers.parse(file), first);
  }
  const tables = new PairTables(TARGETS);
  return (file, values) => tables.read(file, values);
}
