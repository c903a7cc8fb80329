import type { BurstMeasures } from '../../streams/sampling/burst.ts';
import { type BURST_UNITS, COLUMN, type Column } from './schema.ts';

type BurstField = keyof typeof BURST_UNITS;
type OfRates = (perSecond: Float64Array) => number;

const rate = (name: Column): OfRates => {
  const column = COLUMN[name];
  return (perSecond) => perSecond[column] as number;
};
const [periods, throttledPeriods] = [rate('cpuPeriods'), rate('cpuThrottledPeriods')];

const MEASURES: Readonly<Record<BurstField, OfRates>> = {
  cpuRatio: rate('cpuSeconds'),
  cpuUserRatio: rate('cpuUserSeconds'),
  cpuSystemRatio: rate('cpuSystemSeconds'),
  // Periods are 100 ms long unless somebody chose otherwise: a step may have none.
  throttledRatio: (perSecond) => (periods(perSecond) > 0 ? throttledPeriods(perSecond) / periods(perSecond) : Number.NaN),
  readBytesPerSecond: rate('readBytes'),
  writtenBytesPerSecond: rate('writtenBytes'),
  readsPerSecond: rate('reads'),
  writesPerSecond: rate('writes'),
  rxBytesPerSecond: rate('rxBytes'),
  txBytesPerSecond: rate('txBytes'),
  rxPacketsPerSecond: rate('rxPackets'),
  txPacketsPerSecond: rate('txPackets'),
};
const EACH = Object.values(MEASURES);

/** What is looked at in each step of an interval. */
export const BURST_MEASURES: BurstMeasures = {
  names: Object.keys(MEASURES),
  measure: (perSecond, values) => {
    for (let i = 0; i < EACH.length; i++) values[i] = (EACH[i] as OfRates)(perSecond);
  },
};
