import type { BurstMeasures } from '../../streams/sampling/burst.ts';
import { BURST_FIELDS, COLUMNS, type Column, SECTOR_BYTES } from './schema.ts';

type BurstField = (typeof BURST_FIELDS)[number];
type OfRates = (perSecond: Float64Array) => number;

const times = (name: Column, factor: number): OfRates => {
  const column = COLUMNS.indexOf(name);
  return (perSecond) => (perSecond[column] as number) * factor;
};

/** Nothing where no operation ended in the step: there was nothing to wait for. */
const awaited = (time: Column, operations: Column): OfRates => {
  const [ms, count] = [COLUMNS.indexOf(time), COLUMNS.indexOf(operations)];
  return (perSecond) => ((perSecond[count] as number) > 0 ? (perSecond[ms] as number) / (perSecond[count] as number) : Number.NaN);
};

const inUse = times('ioMs', 1 / 1000);

const MEASURES: Readonly<Record<BurstField, OfRates>> = {
  readBytesPerSecond: times('readSectors', SECTOR_BYTES),
  writtenBytesPerSecond: times('writtenSectors', SECTOR_BYTES),
  discardedBytesPerSecond: times('discardedSectors', SECTOR_BYTES),
  readsPerSecond: times('reads', 1),
  writesPerSecond: times('writes', 1),
  discardsPerSecond: times('discards', 1),
  flushesPerSecond: times('flushes', 1),
  readsMergedPerSecond: times('readsMerged', 1),
  writesMergedPerSecond: times('writesMerged', 1),
  discardsMergedPerSecond: times('discardsMerged', 1),
  utilisedRatio: (perSecond) => Math.min(1, inUse(perSecond)),
  averageQueueLength: times('weightedIoMs', 1 / 1000),
  readAwaitMs: awaited('readMs', 'reads'),
  writeAwaitMs: awaited('writeMs', 'writes'),
  discardAwaitMs: awaited('discardMs', 'discards'),
  flushAwaitMs: awaited('flushMs', 'flushes'),
};
const EACH = BURST_FIELDS.map((field) => MEASURES[field]);

/** What is looked at in each step of an interval. */
export const BURST_MEASURES: BurstMeasures = {
  names: BURST_FIELDS,
  measure: (perSecond, values) => {
    for (let i = 0; i < EACH.length; i++) values[i] = (EACH[i] as OfRates)(perSecond);
  },
};
