import type { RateSample, RateStatus } from '../../streams/sampling/counter-rate.ts';
import { roundedRatio } from '../shared/view.ts';
import { MODES, MONOTONIC_MODES, USER_HZ, type UsageField } from './schema.ts';

type UsageStatus = RateStatus | 'short';
export type Usage = Readonly<Record<UsageField, number | string | null>>;

const WIDTH = MODES.length;
/** What makes up the time of a core; a guest's is contained in user and nice. */
export const PARTS = MODES.flatMap((mode, column) => (mode === 'guest' || mode === 'guestNice' ? [] : [column]));
const IDLE = MODES.indexOf('idle');
const IOWAIT = MODES.indexOf('iowait');
/** Of the time that passed: where a counter fell and the others account for less, it fell by more than a little. */
const LEAST_SHARE = 0.5;
const [USER, NICE, SYSTEM, IRQ, SOFTIRQ, GUEST, GUEST_NICE, STEAL] = (
  ['user', 'nice', 'system', 'irq', 'softirq', 'guest', 'guestNice', 'steal'] as const
).map((mode) => MODES.indexOf(mode)) as [number, number, number, number, number, number, number, number];

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
  const seconds = (column: number) => {
    const count = counters[row * WIDTH + column] as number;
    return Number.isNaN(count) ? null : count / USER_HZ;
  };
  // A system that does not count what waits for a disk counts it as idle.
  const waited = Number.isNaN(ticks[IOWAIT]) ? 0 : (ticks[IOWAIT] as number);
  // Written out: a machine has hundreds of these, and objects that are built key by key are slow ones.
  return {
    usedRatio: isKnown ? roundedRatio(1 - ((ticks[IDLE] as number) + waited) / sum) : null,
    userRatio: ratio(USER),
    niceRatio: ratio(NICE),
    systemRatio: ratio(SYSTEM),
    idleRatio: ratio(IDLE),
    iowaitRatio: ratio(IOWAIT),
    irqRatio: ratio(IRQ),
    softirqRatio: ratio(SOFTIRQ),
    stealRatio: ratio(STEAL),
    guestRatio: ratio(GUEST),
    guestNiceRatio: ratio(GUEST_NICE),
    userSeconds: seconds(USER),
    niceSeconds: seconds(NICE),
    systemSeconds: seconds(SYSTEM),
    idleSeconds: seconds(IDLE),
    iowaitSeconds: seconds(IOWAIT),
    irqSeconds: seconds(IRQ),
    softirqSeconds: seconds(SOFTIRQ),
    stealSeconds: seconds(STEAL),
    guestSeconds: seconds(GUEST),
    guestNiceSeconds: seconds(GUEST_NICE),
    rateStatus: status,
  };
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
