import type { BurstMeasures } from '../../streams/sampling/burst.ts';
import { MODES, RATIOS } from './schema.ts';
import { PARTS } from './usage.ts';

const [IDLE, IOWAIT] = [MODES.indexOf('idle'), MODES.indexOf('iowait')];
/** Per ratio its column; the first is made of several. */
const COLUMNS = RATIOS.map((ratio) => (MODES as readonly string[]).indexOf(ratio.slice(0, -'Ratio'.length)));

/**
 * What is looked at in each step of an interval: shares of what was counted in it. In a step of a few ticks a core may
 * have none, and the kernel takes back idle time now and then: such a step says nothing.
 */
export const BURST_MEASURES: BurstMeasures = {
  names: RATIOS,
  measure: (perSecond, values) => {
    let sum = 0;
    for (const column of PARTS) if (!Number.isNaN(perSecond[column])) sum += perSecond[column] as number;
    const idle = perSecond[IDLE] as number;
    // NaN where it is not counted, or fell.
    const waited = Number.isNaN(perSecond[IOWAIT]) ? 0 : (perSecond[IOWAIT] as number);
    const isKnown = sum > 0 && !Number.isNaN(idle);
    values[0] = isKnown ? 1 - (idle + waited) / sum : Number.NaN;
    for (let i = 1; i < COLUMNS.length; i++) values[i] = isKnown ? (perSecond[COLUMNS[i] as number] as number) / sum : Number.NaN;
  },
};
