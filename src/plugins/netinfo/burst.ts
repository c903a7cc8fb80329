import type { BurstMeasures } from '../../streams/sampling/burst.ts';
import { COLUMNS } from './schema.ts';

const COUNTED = ['rxBytes', 'txBytes', 'rxPackets', 'txPackets'] as const;
const COUNTED_COLUMNS = COUNTED.map((name) => COLUMNS.indexOf(name));

/** What is looked at in each step of an interval. The utilisation follows from the bytes. */
export const BURST_MEASURES: BurstMeasures = {
  names: COUNTED.map((name) => `${name}PerSecond`),
  measure: (perSecond, values) => {
    for (let i = 0; i < COUNTED_COLUMNS.length; i++) values[i] = perSecond[COUNTED_COLUMNS[i] as number] as number;
  },
};
