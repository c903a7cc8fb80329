import { type Query, readChoices } from '../../core/base-plugin.ts';
import type { GaugeSample } from '../../streams/sampling/gauge-sampler.ts';
import { fitsAny, readPatterns } from '../shared/names.ts';
import type { View as SampleView } from '../shared/sampled-plugin.ts';
import { KIND_NAMES, KINDS, type Kind, limitName } from './schema.ts';
import type { SensorState, SensorTable } from './source.ts';

export type SensorsSample = GaugeSample<SensorTable>;

/** What of the sensors a client wants to see. */
export interface View extends SampleView {
  readonly kinds: readonly Kind[];
  readonly chips: readonly string[] | null;
}

/** What /sensors answers; README.md beside this file says what each field means. */
export type Snapshot = Readonly<Record<string, unknown>>;

/** @throws HOSTPULSE_ERR_BAD_VARIABLE naming the variable, what came, and what is allowed */
export function parseView(query: Query): View {
  const wanted = readChoices(query, 'kind', KIND_NAMES);
  const kinds = KIND_NAMES.filter((kind) => wanted?.has(kind) ?? true);
  const chips = readPatterns(query, 'chip', 'coretemp*,nvme*');
  return { kinds, chips, key: JSON.stringify([kinds, chips?.toSorted()]) };
}

/** A sample as one view of it. Pure, so that whoever asks the same of the same sample gets the same. */
export function toSnapshot({ reading }: SensorsSample, { kinds, chips }: View): Snapshot {
  const { sequence, timestampMs, gauges } = reading;
  const shown = gauges.sensors.filter(({ sensor }) => fitsAny(sensor.chip, chips));
  const lists = kinds.map((kind) => [KINDS[kind].list, shown.filter(({ sensor }) => sensor.kind === kind).map(toSensor)]);
  return Object.freeze({ sequence, timestampMs, status: gauges.status, ...Object.fromEntries(lists) });
}

function toSensor({ sensor: own, value, alarm, status }: SensorState): Snapshot {
  const { sensor, kind, label, min, max, critical, chip, name, device } = own;
  const unit = KINDS[kind].value;
  const limits = { [limitName('min', unit)]: min, [limitName('max', unit)]: max, [limitName('critical', unit)]: critical };
  return { sensor, label, [unit]: value, ...limits, alarm, status, chip, name, device };
}
