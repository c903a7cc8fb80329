import type { BurstMeasures } from '../../streams/sampling/burst.ts';
import { COUNTERS } from './schema.ts';

/** What is looked at in each step of an interval: all rates, as they are. */
export const BURST_MEASURES: BurstMeasures = {
  names: COUNTERS.map(({ group, field }) => `${group}.${field}PerSecond`),
  measure: (perSecond, values) => values.set(perSecond),
};
