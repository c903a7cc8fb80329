import type { RateSample, RateStatus } from '../../streams/sampling/counter-rate.ts';
import { burstOf, measuredFigures } from '../shared/burst.ts';
import { fitsAny } from '../shared/names.ts';
import { known, pick, rounded, roundedRatio } from '../shared/view.ts';
import type { DiskFacts } from './facts.ts';
import type { View } from './query.ts';
import { BURST_FIELDS, COLUMNS, type Column, type Field, SECTOR_BYTES, type TOTALS } from './schema.ts';
import type { DiskTable } from './source.ts';

export type DiskSample = RateSample<DiskTable>;

/** What /disks answers; README.md beside this file says what each field means. */
export type Snapshot = Readonly<Record<string, unknown>>;

const WIDTH = COLUMNS.length;
const FIGURES = measuredFigures(BURST_FIELDS);
const COLUMN = Object.fromEntries(COLUMNS.map((name, column) => [name, column])) as Record<Column, number>;

/** A sample as one view of it. Pure, so that whoever asks the same of the same sample gets the same. */
export function toSnapshot(sample: DiskSample, { devices, kinds, fields }: View): Snapshot {
  const { reading, elapsedMs, burst } = sample;
  const shown = reading.names.flatMap((name, row) => {
    const { kind } = reading.facts[row] as DiskFacts;
    if ((kinds && !kinds.has(kind)) || !fitsAny(name, devices)) return [];
    const told = pick(toDevice(sample, row), fields);
    return [burst ? { ...told, burst: burstOf(burst, row, FIGURES, fields) } : told];
  });
  return Object.freeze({
    sequence: reading.sequence,
    timestampMs: reading.timestampMs,
    intervalMs: elapsedMs === null ? null : rounded(elapsedMs),
    status: reading.isSupported ? 'ok' : 'unsupported',
    devices: shown,
    totals: { disk: totalOf(sample) },
  });
}

/** Every field by name and in order, without spreading: with hundreds of devices that costs several times as much. */
function toDevice(sample: DiskSample, row: number): Readonly<Record<Field, unknown>> {
  const { reading, statuses } = sample;
  const { major, minor } = reading.numbers[row] as DiskTable['numbers'][number];
  const facts = reading.facts[row] as DiskFacts;
  const said = (column: Column) => reading.said[row * WIDTH + COLUMN[column]] as number;
  const counted = (column: Column) => known(said(column));
  const bytes = (column: Column) => known(said(column) * SECTOR_BYTES);
  const seconds = (column: Column) => known(said(column) / 1000);
  const rate = (column: Column) => sample.perSecond[row * WIDTH + COLUMN[column]] as number;
  const perSecond = (column: Column) => rounded(rate(column));
  const bytesPerSecond = (column: Column) => rounded(rate(column) * SECTOR_BYTES);
  const awaitMs = (time: Column, operations: Column) => (rate(operations) > 0 ? rounded(rate(time) / rate(operations)) : null);
  return {
    device: reading.names[row],
    kind: facts.kind,
    readBytesPerSecond: bytesPerSecond('readSectors'),
    writtenBytesPerSecond: bytesPerSecond('writtenSectors'),
    discardedBytesPerSecond: bytesPerSecond('discardedSectors'),
    readsPerSecond: perSecond('reads'),
    writesPerSecond: perSecond('writes'),
    discardsPerSecond: perSecond('discards'),
    flushesPerSecond: perSecond('flushes'),
    readsMergedPerSecond: perSecond('readsMerged'),
    writesMergedPerSecond: perSecond('writesMerged'),
    discardsMergedPerSecond: perSecond('discardsMerged'),
    // Milliseconds per second. The kernel counts in its own ticks, so a short interval may see more than all of the time.
    utilisedRatio: roundedRatio(Math.min(1, rate('ioMs') / 1000)),
    averageQueueLength: rounded(rate('weightedIoMs') / 1000),
    readAwaitMs: awaitMs('readMs', 'reads'),
    writeAwaitMs: awaitMs('writeMs', 'writes'),
    discardAwaitMs: awaitMs('discardMs', 'discards'),
    flushAwaitMs: awaitMs('flushMs', 'flushes'),
    rateStatus: statuses[row] as RateStatus,
    reads: counted('reads'),
    readBytes: bytes('readSectors'),
    readsMerged: counted('readsMerged'),
    readTimeSeconds: seconds('readMs'),
    writes: counted('writes'),
    writtenBytes: bytes('writtenSectors'),
    writesMerged: counted('writesMerged'),
    writeTimeSeconds: seconds('writeMs'),
    discards: counted('discards'),
    discardedBytes: bytes('discardedSectors'),
    discardsMerged: counted('discardsMerged'),
    discardTimeSeconds: seconds('discardMs'),
    flushes: counted('flushes'),
    flushTimeSeconds: seconds('flushMs'),
    inProgress: counted('inProgress'),
    ioTimeSeconds: seconds('ioMs'),
    weightedIoTimeSeconds: seconds('weightedIoMs'),
    sizeBytes: facts.sizeBytes,
    model: facts.model,
    serial: facts.serial,
    revision: facts.revision,
    wwn: facts.wwn,
    label: facts.label,
    parent: facts.parent,
    rotational: facts.rotational,
    removable: facts.removable,
    readOnly: facts.readOnly,
    major,
    minor,
  };
}

/** Unknown as soon as one part is: a sum that misses something would be wrong, not small. */
function totalOf({ reading, perSecond }: DiskSample): Readonly<Record<(typeof TOTALS)[number], number | null>> {
  const sum = (column: Column, unit: number) => {
    let total = 0;
    reading.facts.forEach(({ kind }, row) => {
      if (kind === 'disk') total += (perSecond[row * WIDTH + COLUMN[column]] as number) * unit;
    });
    return reading.isSupported ? rounded(total) : null;
  };
  return {
    readBytesPerSecond: sum('readSectors', SECTOR_BYTES),
    writtenBytesPerSecond: sum('writtenSectors', SECTOR_BYTES),
    readsPerSecond: sum('reads', 1),
    writesPerSecond: sum('writes', 1),
  };
}
