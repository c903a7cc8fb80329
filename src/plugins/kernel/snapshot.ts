import { type Query, readChoices } from '../../core/base-plugin.ts';
import type { GaugeSample } from '../../streams/sampling/gauge-sampler.ts';
import type { View } from '../shared/sampled-plugin.ts';
import { PART_NAMES, PARTS, type PartName } from './parts/all.ts';
import type { AnyPart } from './parts/part.ts';
import type { KernelState } from './source.ts';

export type KernelSample = GaugeSample<KernelState>;
/** What /kernel answers; README.md beside this file says what each field means. */
export type Snapshot = Readonly<Record<string, unknown>>;

export interface PartsView extends View {
  readonly parts: readonly PartName[];
}

/** @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function parseView(query: Query): PartsView {
  const wanted = readChoices(query, 'parts', PART_NAMES);
  const parts = PART_NAMES.filter((name) => wanted?.has(name) ?? true);
  return { parts, key: parts.join() };
}

/** A sample as one view of it. Pure, so that whoever asks the same of the same sample gets the same. */
export function toSnapshot({ reading }: KernelSample, { parts }: PartsView): Snapshot {
  const unknown: { part: PartName; reason: string }[] = [];
  const told = parts.map((part) => {
    const state = reading.gauges[part];
    if ('told' in state) return [part, (PARTS[part] as AnyPart).toAnswer(state.told)];
    unknown.push({ part, reason: state.reason });
    return [part, null];
  });
  const { sequence, timestampMs } = reading;
  return Object.freeze({ sequence, timestampMs, ...Object.fromEntries(told), unknown });
}
