import type { BurstMeasures } from '../../streams/sampling/burst.ts';
import { BURST_FIELDS } from './schema.ts';

/** What is looked at in each step of an interval. */
export const BURST_MEASURES: BurstMeasures = {
  names: BURST_FIELDS,
  measure: (perSecond, values) => {
    for (let i = 0; i < values.length; i++) values[i] = Math.min(1, (perSecond[i] as number) / 1e6);
  },
};
