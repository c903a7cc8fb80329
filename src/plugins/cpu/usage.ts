import type { RateSample, RateStatus } from '../../streams/counter-rate.ts';
import { roundedRatio } from '../shared/view.ts';
import { MODES, MONOTONIC_MODES, type Mode, USER_HZ, type UsageField } from './schema.ts';

export type UsageStatus = RateStatus | 'short';
export type Usage = Readonly<Record<UsageField, number | string | null>>;

const WIDTH = MODES.length;
/** What makes up the time of a core; a guest's is contained in user and nice. */
const PARTS = MODES.flatMap((mode, column) => (mode === 'guest' || mode === 'guestNice' ? [] : [column]));
const IDLE = MODES.indexOf('idle');
const IOWAIT = MODES.indexOf('iowait');
/** Of the time that passed: where a counter fell and the others account for less, it fell by more than a little. */
const LEAST_SHARE = 0.5;
/** In the order of the answer. */
const ORDER: readonly Mode[] = ['user', 'nice', 'system', 'idle', 'iowait', 'irq', 'softirq', 'steal', 'guest', 'guestNice'];
const KEYS = ORDER.map((mode) => ({ column: MODES.indexOf(mode), ratio: `${mode}Ratio`, seconds: `${mode}Seconds` }));

interface Shares {
  readonly status: UsageStatus;
  /** Ticks per second by column; NaN where unknown. */
  readonly ticks: Float64Array;
  readonly sum: number;
}

/** One core's row, or that of all, as shares of what was counted in the interval: they sum up to 1 whatever the clocks say. */
export function usageOf(sample: RateSample, row: number, cores: number): Usage {
  const { counters } = sample.reading;
  const { status, ticks, sum } = sharesOf(sample, row, cores);
  const isKnown = status === 'ok';
  const ratio = (column: number) => (isKnown ? roundedRatio((ticks[column] as number) / sum) : null);
  // A system that does not count what waits for a disk counts it as idle.
  const waited = Number.isNaN(ticks[IOWAIT]) ? 0 : (ticks[IOWAIT] as number);
  const usage: Record<string, number | string | null> = {
    usedRatio: isKnown ? roundedRatio(1 - ((ticks[IDLE] as number) + waited) / sum) : null,
  };
  for (const key of KEYS) usage[key.ratio] = ratio(key.column);
  for (const key of KEYS) {
    const count = counters[row * WIDTH + key.column] as number;
    usage[key.seconds] = Number.isNaN(count) ? null : count / USER_HZ;
  }
  usage.rateStatus = status;
  return usage as Usage;
}

function sharesOf({ reading, perSecond, statuses }: RateSample, row: number, cores: number): Shares {
  const offset = row * WIDTH;
  const ticks = perSecond.slice(offset, offset + WIDTH);
  let hasFallen = false;
  for (let column = MONOTONIC_MODES; column < WIDTH; column++) {
    // It is counted, but ran backwards: as good as standing still, if it was by a little.
    if (!Number.isNaN(ticks[column]) || Number.isNaN(reading.counters[offset + column])) continue;
    hasFallen = true;
    ticks[column] = 0;
  }
  let sum = 0;
  for (const column of PARTS) if (!Number.isNaN(ticks[column])) sum += ticks[column] as number;
  const status = statuses[row] as RateStatus;
  if (status !== 'ok') return { status, ticks, sum };
  if (hasFallen && sum < LEAST_SHARE * cores * USER_HZ) return { status: 'reset', ticks, sum };
  return { status: sum > 0 ? 'ok' : 'short', ticks, sum };
}
