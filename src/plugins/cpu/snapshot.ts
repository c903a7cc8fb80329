import type { Query } from '../../core/base-plugin.ts';
import { readWords } from '../../core/base-plugin.ts';
import type { RateSample, RateStatus } from '../../streams/sampling/counter-rate.ts';
import { burstOf, measuredFigures } from '../shared/burst.ts';
import type { View as SampleView } from '../shared/sampled-plugin.ts';
import { known, pick, readFields, rounded } from '../shared/view.ts';
import { ACTIVITIES, ACTIVITY_ROW, CORE_FIELDS, type CoreField, FIRST_CORE_ROW, MODES, RATIOS, TOTAL_ROW } from './schema.ts';
import type { CpuTable } from './source.ts';
import { usageOf } from './usage.ts';

export type CpuSample = RateSample<CpuTable>;

const FIGURES = measuredFigures(RATIOS);

/** What of the cores a client wants to see. */
export interface View extends SampleView {
  readonly cores: ReadonlySet<string> | null;
  readonly fields: readonly CoreField[] | null;
}

/** What /cpu answers; README.md beside this file says what each field means. */
export type Snapshot = Readonly<Record<string, unknown>>;

/** @throws HOSTPULSE_ERR_BAD_VARIABLE naming the variable, what came, and what is allowed */
export function parseView(query: Query): View {
  const cores = readWords(query, 'core', 'numbers of cores such as 0,1', (word) => /^\d{1,5}$/.test(word));
  const fields = readFields(query, CORE_FIELDS);
  return { cores: cores && new Set(cores), fields, key: JSON.stringify([cores?.toSorted(), fields]) };
}

/** A sample as one view of it. Pure, so that whoever asks the same of the same sample gets the same. */
export function toSnapshot(sample: CpuSample, { cores, fields }: View): Snapshot {
  const { reading, elapsedMs, perSecond, statuses, burst } = sample;
  const { facts } = reading;
  const withBurst = <T extends object>(told: T, row: number) => (burst ? { ...told, burst: burstOf(burst, row, FIGURES, fields) } : told);
  const logicalCores = reading.names.length - FIRST_CORE_ROW;
  const shown = reading.names.flatMap((core, row) => {
    if (row < FIRST_CORE_ROW || (cores && !cores.has(core))) return [];
    const whole = { core, ...usageOf(sample, row, 1), frequencyHertz: facts.frequencyHertz.get(core) ?? null };
    return [withBurst(pick(whole, fields), row)];
  });
  const offset = ACTIVITY_ROW * MODES.length;
  const activity = ACTIVITIES.flatMap((name, column): [string, number | null][] => [
    [name, known(reading.counters[offset + column])],
    [`${name}PerSecond`, rounded(perSecond[offset + column])],
  ]);
  const [load1, load5, load15] = reading.load;
  return Object.freeze({
    sequence: reading.sequence,
    timestampMs: reading.timestampMs,
    intervalMs: elapsedMs === null ? null : rounded(elapsedMs),
    total: withBurst(pick(usageOf(sample, TOTAL_ROW, logicalCores), fields), TOTAL_ROW),
    cores: shown,
    ...Object.fromEntries(activity),
    rateStatus: statuses[ACTIVITY_ROW] as RateStatus,
    processesRunning: known(reading.processesRunning),
    processesBlocked: known(reading.processesBlocked),
    load1: known(load1),
    load5: known(load5),
    load15: known(load15),
    logicalCores,
    physicalCores: facts.physicalCores,
    model: facts.model,
  });
}
