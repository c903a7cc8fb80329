/** What kernel says: the fields of its answer with their units, its variables and parameters. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { historyParameters, intervalVariable, type SamplingParameters, samplingParameters, stampFields } from '../shared/sampling.ts';
import { PART_NAMES, PARTS } from './parts/all.ts';

export interface KernelParameters extends SamplingParameters {
  readonly textfileDirectory: string;
}

const { shortestIntervalMs } = samplingParameters;
export const parameterSchema = {
  intervalMs: { ...samplingParameters.intervalMs, doc: 'Interval of a subscription that asks for none, milliseconds' },
  shortestIntervalMs,
  ...historyParameters,
  textfileDirectory: {
    doc: 'Directory whose *.prom files are added to /metrics (collector textfile); empty: none',
    format: String,
    default: '',
  },
} as const;

const partFields = Object.fromEntries(PART_NAMES.map((name) => [name, PARTS[name].declared])) as {
  readonly [Name in keyof typeof PARTS]: (typeof PARTS)[Name]['declared'];
};

export const fields = {
  ...stampFields,
  ...partFields,
  unknown: {
    description: 'the parts above that are `null`',
    identity: 'part',
    each: {
      part: { kind: 'info', description: 'its name' },
      reason: { kind: 'info', description: 'why it is `null`: there is none of it, or it cannot be read' },
    },
  },
} as const satisfies Fields;

export const variables = {
  parts: { description: 'only these', example: 'fileHandles,conntrack', list: true, values: PART_NAMES },
  interval: { ...intervalVariable.interval, description: 'pace of a subscription; `shortestIntervalMs` to 1 h' },
} as const satisfies Variables;
