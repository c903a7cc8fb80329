import type { RateSample, RateStatus } from '../../streams/sampling/counter-rate.ts';
import { burstOf, measuredFigures } from '../shared/burst.ts';
import { type FieldsView, pick, rounded, roundedRatio } from '../shared/view.ts';
import { AVERAGES, BURST_FIELDS, EXTENTS, OWN_FIELDS, type OwnField, RESOURCES } from './schema.ts';
import type { PressureTable } from './source.ts';

export type PressureSample = RateSample<PressureTable>;

/** What /pressure answers; README.md beside this file says what each field means. */
export type Snapshot = Readonly<Record<string, unknown>>;

const WIDTH = EXTENTS.length;
const FIGURES = measuredFigures(BURST_FIELDS);

/** A sample as one view of it. Pure, so that whoever asks the same of the same sample gets the same. */
export function toSnapshot(sample: PressureSample, { fields }: FieldsView<OwnField>): Snapshot {
  const { reading, elapsedMs } = sample;
  const resources = RESOURCES.map((name, row) => [name, resourceOf(sample, row)]);
  const whole = { isSupported: reading.reason === null, reason: reading.reason, ...Object.fromEntries(resources) };
  return Object.freeze({
    sequence: reading.sequence,
    timestampMs: reading.timestampMs,
    intervalMs: elapsedMs === null ? null : rounded(elapsedMs),
    ...pick(whole, fields ?? OWN_FIELDS),
  });
}

function resourceOf(sample: PressureSample, row: number): object | null {
  const [some, full] = [stalledOf(sample, row * WIDTH), stalledOf(sample, row * WIDTH + 1)];
  if (some === null && full === null) return null;
  const { burst } = sample;
  const told = { some, full, rateStatus: sample.statuses[row] as RateStatus };
  return burst ? { ...told, burst: burstOf(burst, row, FIGURES) } : told;
}

function stalledOf({ reading, perSecond }: PressureSample, column: number): object | null {
  const microseconds = reading.counters[column] as number;
  if (Number.isNaN(microseconds)) return null;
  const averages = AVERAGES.map((name, index) => [name, roundedRatio(reading.averages[column * AVERAGES.length + index])]);
  return {
    ...Object.fromEntries(averages),
    stalledSeconds: microseconds / 1e6,
    // The kernel's clock and ours are not read at one moment.
    stalledRatio: roundedRatio(Math.min(1, (perSecond[column] as number) / 1e6)),
  };
}
