import type { RateSample } from '../../streams/sampling/counter-rate.ts';
import { burstOf, measuredFigures } from '../shared/burst.ts';
import { known, pick, rounded, roundedRatio } from '../shared/view.ts';
import { BURST_MEASURES } from './burst.ts';
import type { Info } from './listing.ts';
import type { View } from './query.ts';
import { COLUMN, type Column, type Field, WIDTH } from './schema.ts';
import type { ContainerTable } from './source.ts';

export type ContainerSample = RateSample<ContainerTable>;

/** What /containers answers; README.md beside this file says what each field means. */
export type Snapshot = Readonly<Record<string, unknown>>;

const FIGURES = measuredFigures(BURST_MEASURES.names);

/** A sample as one view of it. Pure, so that whoever asks the same of the same sample gets the same. */
export function toSnapshot(sample: ContainerSample, { isShown, fields }: View): Snapshot {
  const { reading, elapsedMs, burst } = sample;
  const rows = reading.infos.flatMap((info, row) => (isShown(info) ? [row] : []));
  return Object.freeze({
    sequence: reading.sequence,
    timestampMs: reading.timestampMs,
    intervalMs: elapsedMs === null ? null : rounded(elapsedMs),
    status: reading.version === null ? 'unsupported' : 'ok',
    cgroupVersion: reading.version,
    nameReason: reading.nameReason,
    containers: rows.map((row) => {
      const told = pick(toContainer(sample, row), fields);
      return burst ? { ...told, burst: burstOf(burst, row, FIGURES, fields) } : told;
    }),
    totals: totalsOf(sample, rows),
  });
}

/** Without the cache of files that has not been used lately: the kernel takes that back before anything else. */
export function memoryUsed({ counters }: ContainerTable, row: number): number {
  const at = (column: Column) => counters[row * WIDTH + COLUMN[column]] as number;
  return Math.max(0, at('memoryChargedBytes') - at('memoryInactiveFileBytes'));
}

/** Every field by name and in order, without spreading: with hundreds of containers that costs many times as much. */
function toContainer(sample: ContainerSample, row: number): Readonly<Record<Field, unknown>> {
  const { reading, perSecond, statuses } = sample;
  const info = reading.infos[row] as Info;
  const counted = (column: Column) => known(reading.counters[row * WIDTH + COLUMN[column]]);
  const rate = (column: Column) => perSecond[row * WIDTH + COLUMN[column]] as number;
  const rounding = (column: Column) => rounded(rate(column));
  const of = (value: number, limit: number | null) => (limit === null || limit === 0 ? null : roundedRatio(value / limit));
  const used = memoryUsed(reading, row);
  return {
    container: info.container,
    name: info.name,
    id: info.id,
    shortId: info.shortId,
    image: info.image,
    runtime: info.runtime,
    state: info.state,
    pod: info.pod,
    parent: info.parent,
    cgroup: info.cgroup,
    cpuRatio: roundedRatio(rate('cpuSeconds')),
    cpuUserRatio: roundedRatio(rate('cpuUserSeconds')),
    cpuSystemRatio: roundedRatio(rate('cpuSystemSeconds')),
    cpuLimitCores: info.cpuLimitCores,
    cpuLimitRatio: of(rate('cpuSeconds'), info.cpuLimitCores),
    throttledRatio: rate('cpuPeriods') > 0 ? roundedRatio(rate('cpuThrottledPeriods') / rate('cpuPeriods')) : null,
    memoryUsedBytes: known(used),
    memoryLimitBytes: info.memoryLimitBytes,
    memoryUsedRatio: of(used, info.memoryLimitBytes),
    memoryChargedBytes: counted('memoryChargedBytes'),
    memoryAnonBytes: counted('memoryAnonBytes'),
    memoryFileBytes: counted('memoryFileBytes'),
    swapUsedBytes: counted('swapUsedBytes'),
    swapLimitBytes: info.swapLimitBytes,
    oomKills: counted('oomKills'),
    pids: counted('pids'),
    pidsLimit: info.pidsLimit,
    readBytesPerSecond: rounding('readBytes'),
    writtenBytesPerSecond: rounding('writtenBytes'),
    readsPerSecond: rounding('reads'),
    writesPerSecond: rounding('writes'),
    rxBytesPerSecond: rounding('rxBytes'),
    txBytesPerSecond: rounding('txBytes'),
    rxPacketsPerSecond: rounding('rxPackets'),
    txPacketsPerSecond: rounding('txPackets'),
    networkReason: info.networkReason,
    networkSharedWith: info.networkSharedWith,
    rateStatus: statuses[row],
    cpuSeconds: counted('cpuSeconds'),
    cpuUserSeconds: counted('cpuUserSeconds'),
    cpuSystemSeconds: counted('cpuSystemSeconds'),
    cpuPeriods: counted('cpuPeriods'),
    cpuThrottledPeriods: counted('cpuThrottledPeriods'),
    cpuThrottledSeconds: counted('cpuThrottledSeconds'),
    readBytes: counted('readBytes'),
    writtenBytes: counted('writtenBytes'),
    reads: counted('reads'),
    writes: counted('writes'),
    rxBytes: counted('rxBytes'),
    txBytes: counted('txBytes'),
    rxPackets: counted('rxPackets'),
    txPackets: counted('txPackets'),
    rxErrors: counted('rxErrors'),
    txErrors: counted('txErrors'),
    rxDropped: counted('rxDropped'),
    txDropped: counted('txDropped'),
  };
}

/** A group's numbers contain those of the groups below it. */
function totalsOf({ reading, perSecond }: ContainerSample, rows: readonly number[]): Snapshot {
  // Where nothing can be seen, there may be any number.
  if (reading.version === null) return { containers: null, cpuRatio: null, memoryUsedBytes: null };
  const shown = new Set(rows.map((row) => (reading.infos[row] as Info).container));
  const outermost = rows.filter((row) => !shown.has((reading.infos[row] as Info).parent ?? ''));
  const sum = (of: (row: number) => number) => outermost.reduce((total, row) => total + of(row), 0);
  return {
    containers: rows.length,
    cpuRatio: roundedRatio(sum((row) => perSecond[row * WIDTH + COLUMN.cpuSeconds] as number)),
    memoryUsedBytes: known(sum((row) => memoryUsed(reading, row))),
  };
}
