/** What every plugin that samples understands: its pace as parameters, and the variables of time. */
import { badVariable, type Fields, type Query, readDuration, type Variables } from '../../core/base-plugin.ts';

export interface SamplingParameters {
  readonly intervalMs: number;
  readonly shortestIntervalMs: number;
  readonly historyMs: number;
  readonly historyBytes: number;
  /** Of those that tell of bursts. */
  readonly shortestBurstMs?: number;
}

/** What a client may ask for: the parameters, or the source's own limits where these are narrower. */
export type SamplingLimits = SamplingParameters;

export const historyParameters = {
  historyMs: { doc: 'How far back last, since, window and /history can look, milliseconds', format: 'positiveInteger', default: 300_000 },
  historyBytes: {
    doc: 'Most memory for that, bytes, about; where it is not enough, the oldest is forgotten earlier',
    format: 'positiveInteger',
    default: 8_388_608,
  },
} as const;

export const samplingParameters = {
  intervalMs: {
    doc: 'Pace of sampling with nobody listening, and the interval of who asks for none, milliseconds',
    format: 'positiveInteger',
    default: 1000,
  },
  shortestIntervalMs: { doc: 'Shortest interval that a client may ask for, milliseconds', format: 'positiveInteger', default: 100 },
  ...historyParameters,
} as const;

export const intervalVariable = {
  interval: {
    description:
      'pace of a subscription, and the time its rates are averaged over; `shortestIntervalMs` to 1 h. A GET answers what a subscriber of that interval sees',
    example: '250ms',
  },
} as const satisfies Variables;

export const samplingVariables = {
  ...intervalVariable,
  window: { description: 'GET and POST: average over the past; up to `historyMs`', example: '10s' },
} as const satisfies Variables;

/** Every sample has these, and so has everything else that is told in its stream. */
export const stampFields = {
  sequence: { kind: 'info', type: 'integer', description: 'rises strictly, also across restarts' },
  timestampMs: { kind: 'info', type: 'integer', description: 'wall clock at the reading, Unix time in milliseconds' },
} as const satisfies Fields;

export const rateFields = {
  ...stampFields,
  intervalMs: {
    kind: 'gauge',
    unit: 'ms',
    description: 'what the rates are averaged over, measured on the monotonic clock; `null` before the second reading',
    nullable: true,
  },
} as const satisfies Fields;

const LONGEST_INTERVAL_MS = 3_600_000;

/** @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function parseInterval(query: Query, { intervalMs, shortestIntervalMs }: SamplingLimits): number {
  return readDuration(query, 'interval', shortestIntervalMs, LONGEST_INTERVAL_MS) ?? intervalMs;
}

/** @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function parseWindow(query: Query, { historyMs, intervalMs }: SamplingLimits): number | null {
  const windowMs = readDuration(query, 'window', intervalMs, historyMs);
  if (windowMs !== null && query.interval !== undefined) throw badVariable('window', query.window, 'window or interval, not both');
  if (windowMs !== null && query.burst !== undefined) throw badVariable('window', query.window, 'window or burst, not both');
  return windowMs;
}
