import { Cursor } from '../shared/cursor.ts';
import { KeyedNumbers } from '../shared/keyed-numbers.ts';
import type { DiskNumbers } from './disk-numbers.ts';
import type { Hierarchies } from './hierarchies.ts';
import type { Part } from './part.ts';
import { COLUMN, type Column } from './schema.ts';

const cursor = new Cursor();
const CPU_TICKS_PER_SECOND = 100;

/** Key of the file -> column, and how many of its numbers are one of ours. */
type Keys = Readonly<Record<string, readonly [column: Column, divisor: number]>>;

/** A reader of `key number` lines; knows from one group to the next where they stand. */
function keyed(keys: Keys): Part['read'] {
  const lines = new KeyedNumbers(Object.keys(keys));
  const targets = Object.values(keys);
  return (file, row) => {
    const values = lines.parse(file);
    targets.forEach(([column, divisor], index) => {
      row[COLUMN[column]] = (values[index] as number) / divisor;
    });
  };
}

function single(column: Column, divisor = 1): Part['read'] {
  return (file, row) => {
    row[COLUMN[column]] = cursor.open(file).integer() / divisor;
  };
}

const cpuV2 = keyed({
  ...{ usage_usec: ['cpuSeconds', 1e6], user_usec: ['cpuUserSeconds', 1e6], system_usec: ['cpuSystemSeconds', 1e6] },
  ...{ nr_periods: ['cpuPeriods', 1], nr_throttled: ['cpuThrottledPeriods', 1], throttled_usec: ['cpuThrottledSeconds', 1e6] },
});
const cpuV1 = keyed({
  ...{ nr_periods: ['cpuPeriods', 1], nr_throttled: ['cpuThrottledPeriods', 1], throttled_time: ['cpuThrottledSeconds', 1e9] },
});
const cpuTimesV1 = keyed({ user: ['cpuUserSeconds', CPU_TICKS_PER_SECOND], system: ['cpuSystemSeconds', CPU_TICKS_PER_SECOND] });
const cpuUsageV1 = single('cpuSeconds', 1e9);
const memoryV2 = keyed({ anon: ['memoryAnonBytes', 1], file: ['memoryFileBytes', 1], inactive_file: ['memoryInactiveFileBytes', 1] });
// Those that begin with total_ are the group's with all below it.
const memoryV1 = keyed({
  ...{ total_rss: ['memoryAnonBytes', 1], total_cache: ['memoryFileBytes', 1], total_inactive_file: ['memoryInactiveFileBytes', 1] },
  total_swap: ['swapUsedBytes', 1],
});
const oomKills = keyed({ oom_kill: ['oomKills', 1] });
const [charged, swap, pids] = [single('memoryChargedBytes'), single('swapUsedBytes'), single('pids')];

/** The files of a container's group by controller, from whichever hierarchy has it. */
export function partsOf({ unified, v1 }: Hierarchies, path: string, disks: DiskNumbers): Part[] {
  const old = (controller: string, files: Readonly<Record<string, Part['read']>>) =>
    v1.has(controller) ? parts(`${v1.get(controller)}${path}`, files) : null;
  const now = (files: Readonly<Record<string, Part['read']>>) => (unified === null ? [] : parts(unified + path, files));
  return [
    ...(old('cpuacct', { 'cpuacct.usage': cpuUsageV1, 'cpuacct.stat': cpuTimesV1 }) ?? []),
    ...(old('cpu', { 'cpu.stat': cpuV1 }) ?? now({ 'cpu.stat': cpuV2 })),
    ...(old('memory', { 'memory.usage_in_bytes': charged, 'memory.stat': memoryV1, 'memory.oom_control': oomKills }) ??
      now({ 'memory.current': charged, 'memory.stat': memoryV2, 'memory.swap.current': swap, 'memory.events': oomKills })),
    ...(v1.has('blkio') ? disks.partsV1(`${v1.get('blkio')}${path}`) : now({ 'io.stat': disks.readV2 })),
    ...(old('pids', { 'pids.current': pids }) ?? now({ 'pids.current': pids })),
  ];
}

function parts(folder: string, files: Readonly<Record<string, Part['read']>>): Part[] {
  return Object.entries(files).map(([name, read]) => ({ path: `${folder}/${name}`, read }));
}
