/** Variables that every topic's subscribers have: they are the agent's, not the plugin's. */
import type { Fields, Variables } from '../fields.ts';

export const streamVariables = {
  since: {
    description: 'first everything behind the sample with this sequence; 0: all that is kept',
    example: '1790000001812',
    type: 'integer',
  },
  last: { description: 'first everything of so long; not together with since', example: '60s' },
  when: {
    description: 'instead of values, what enters a condition and what leaves it: docs/conditions.md',
    example: 'rxBytesPerSecond > 10MB/s for 5s',
  },
  conflate: {
    description: '`false`: a reader that falls behind is told what it has missed, as far as it is kept, in place of the newest',
    values: ['true', 'false'],
    example: 'false',
  },
} as const satisfies Variables;

/** What a subscriber with `when` is told. */
export const turnFields = {
  event: { kind: 'info', values: ['entered', 'left'], description: 'it has come to be true, or has ceased to be' },
  sequence: { kind: 'info', type: 'integer', description: 'rises strictly, also across restarts' },
  timestampMs: { kind: 'info', type: 'integer', description: 'wall clock of the sample that made it so, Unix time in milliseconds' },
  condition: { kind: 'info', description: 'the condition, as the agent has understood it' },
  path: { kind: 'info', description: 'the element that it is true of, as it continues the URL of the question; empty for the whole' },
  values: {
    kind: 'info',
    type: 'object',
    description: 'the fields that the condition looks at, as they are written in it; `null` where unknown',
  },
  forMs: {
    kind: 'gauge',
    unit: 'ms',
    description: 'how long it had been so by then: true where it entered, over where it left; by the time of the samples',
  },
  lastedMs: { kind: 'gauge', unit: 'ms', description: 'of one that left: since it had entered', optional: true },
  reason: { kind: 'info', values: ['gone'], description: '`gone`: it left because the element is not there any more', optional: true },
} as const satisfies Fields;
