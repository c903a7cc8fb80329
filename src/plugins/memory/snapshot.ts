import type { RateSample, RateStatus } from '../../streams/sampling/counter-rate.ts';
import { type FieldsView, known, pick, rounded, roundedRatio } from '../shared/view.ts';
import { COUNTERS, HUGE_LINES, LINES, MEMORY_LINES, OWN_FIELDS, type OwnField, SWAP_LINES } from './schema.ts';
import type { MemoryTable } from './source.ts';

export type MemorySample = RateSample<MemoryTable>;

/** What /memory answers; README.md beside this file says what each field means. */
export type Snapshot = Readonly<Record<string, unknown>>;

type Told = Record<string, number | null>;

/** A sample as one view of it. Pure, so that whoever asks the same of the same sample gets the same. */
export function toSnapshot(sample: MemorySample, { fields }: FieldsView<OwnField>): Snapshot {
  const { reading, elapsedMs, statuses } = sample;
  const memory = told(reading, MEMORY_LINES);
  const swap = told(reading, SWAP_LINES);
  const used = difference(memory.totalBytes, memory.availableBytes);
  const swapUsed = difference(swap.totalBytes, swap.freeBytes);
  const whole: Record<OwnField, unknown> = {
    ...(memory as Record<keyof typeof MEMORY_LINES, number | null>),
    usedBytes: used,
    usedRatio: share(used, memory.totalBytes),
    availableStatus: memory.availableBytes === null ? 'unsupported' : 'ok',
    majorFaults: counter(sample, 'pgmajfault'),
    majorFaultsPerSecond: rate(sample, 'pgmajfault'),
    oomKills: counter(sample, 'oom_kill'),
    rateStatus: statuses[0] as RateStatus,
    swap: {
      totalBytes: swap.totalBytes,
      freeBytes: swap.freeBytes,
      usedBytes: swapUsed,
      usedRatio: share(swapUsed, swap.totalBytes),
      cachedBytes: swap.cachedBytes,
      inPages: counter(sample, 'pswpin'),
      outPages: counter(sample, 'pswpout'),
      inPagesPerSecond: rate(sample, 'pswpin'),
      outPagesPerSecond: rate(sample, 'pswpout'),
    },
    hugePages: told(reading, HUGE_LINES),
  };
  return Object.freeze({
    sequence: reading.sequence,
    timestampMs: reading.timestampMs,
    intervalMs: elapsedMs === null ? null : rounded(elapsedMs),
    ...pick(whole, fields ?? OWN_FIELDS),
  });
}

function told({ gauges }: MemoryTable, lines: Readonly<Record<string, string>>): Told {
  return Object.fromEntries(Object.entries(lines).map(([field, line]) => [field, known(gauges[LINES.indexOf(line as never)])]));
}

function counter({ reading }: MemorySample, line: (typeof COUNTERS)[number]): number | null {
  return known(reading.counters[COUNTERS.indexOf(line)]);
}

function rate({ perSecond }: MemorySample, line: (typeof COUNTERS)[number]): number | null {
  return rounded(perSecond[COUNTERS.indexOf(line)]);
}

/** Not below zero: the lines are not counted at one moment, and of a virtual machine that shrinks they may cross. */
function difference(whole: number | null | undefined, part: number | null | undefined): number | null {
  return whole == null || part == null ? null : Math.max(0, whole - part);
}

function share(part: number | null, whole: number | null | undefined): number | null {
  return part === null || !whole ? null : roundedRatio(part / whole);
}
