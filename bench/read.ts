import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Namespace } from './kit/namespace.ts';
import { printTable, ratio } from './kit/table.ts';
import type { ReadFigures } from './read-cases.ts';

const SIZES = [2, 16, 128, 1000];
/** systeminformation starts eight processes per interface: beyond this it takes minutes. */
const MOST_FOR_SYSTEMINFORMATION = 16;

/** CPU per read of all interfaces' counters, and per each of the steps after it. */
export async function read(): Promise<void> {
  const namespace = Namespace.create();
  if (!namespace) console.log('No network namespace can be made here (root and iproute2 are needed): only the interfaces that there are.');
  const figures = namespace ? SIZES.map((size) => inNamespace(namespace, size)) : [measured([], true)];
  namespace?.remove();

  printTable(
    'read: CPU microseconds per read of all interfaces (median of 31 rounds)',
    ['interfaces', 'limit: pread', 'plain reader', 'LinuxSource', 'whole tick', 'readFileSync', 'systeminformation'],
    figures.map((f) => [f.interfaces, f.limit, f.plain, f.source, f.tick, f.readFile, f.systeminformation].map(interfacesFirst)),
  );
  printTable(
    'read: ratios',
    ['interfaces', 'source/limit', 'source/plain', 'tick/limit', 'tick/plain', 'readFileSync/source', 'systeminformation/source'],
    figures.map((f) => [
      String(f.interfaces),
      ratio(f.source, f.limit),
      ratio(f.source, f.plain),
      ratio(f.tick, f.limit),
      ratio(f.tick, f.plain),
      ratio(f.readFile, f.source),
      ratio(f.systeminformation ?? Number.NaN, f.source),
    ]),
  );
  printTable(
    'read: CPU microseconds of what follows, once per second or once per question',
    ['interfaces', 'inspect (sysfs)', 'snapshot', 'encode', 'all/limit'],
    figures.map((f) => [String(f.interfaces), f.inspect, f.snapshot, f.encode, ratio(f.tick + f.inspect + f.snapshot + f.encode, f.limit)]),
  );
}

function inNamespace(namespace: Namespace, interfaces: number): ReadFigures {
  namespace.growTo(interfaces);
  return measured(['ip', 'netns', 'exec', namespace.name], interfaces <= MOST_FOR_SYSTEMINFORMATION);
}

function measured(prefix: readonly string[], withSysteminformation: boolean): ReadFigures {
  const run = fileURLToPath(new URL('./run.js', import.meta.url));
  const [command = '', ...args] = [...prefix, process.execPath, run, 'part:read-cases', String(withSysteminformation)];
  const { status, stdout } = spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  if (status !== 0) throw new Error(`the measured process ended with ${status}`);
  return JSON.parse(stdout);
}

/** How many interfaces there are is exact, and no measurement. */
function interfacesFirst(cell: number | null, column: number): string | number | null {
  return column === 0 ? String(cell) : cell;
}
