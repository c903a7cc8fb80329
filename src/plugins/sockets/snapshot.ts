import type { RateSample, RateStatus } from '../../streams/sampling/counter-rate.ts';
import type { GaugeSample } from '../../streams/sampling/gauge-sampler.ts';
import { type BurstFigure, burstOf } from '../shared/burst.ts';
import { type FieldsView, known, pick, rounded, roundedRatio } from '../shared/view.ts';
import { COUNTERS, GAUGES, GROUPS, type Group, OWN_FIELDS, STATES } from './schema.ts';
import type { SocketTable } from './source.ts';
import type { StateCounts } from './states.ts';

export type SocketsSample = RateSample<SocketTable>;

/** What /sockets answers; README.md beside this file says what each field means. */
export type Snapshot = Readonly<Record<string, unknown>>;

const RETRANSMITTED = COUNTERS.findIndex(({ field }) => field === 'retransmittedSegments');
const SENT = COUNTERS.findIndex(({ field }) => field === 'sentSegments');

/** Of each group its own. */
const FIGURES = Object.fromEntries(GROUPS.map((group) => [group, figuresOf(group)])) as Record<Group, readonly BurstFigure[]>;

/** A sample as one view of it. Pure, so that whoever asks the same of the same sample gets the same. */
export function toSnapshot(sample: SocketsSample, { fields }: FieldsView<Group>): Snapshot {
  const { reading, elapsedMs, statuses } = sample;
  const groups = Object.fromEntries(GROUPS.map((group) => [group, groupOf(sample, group)]));
  return Object.freeze({
    sequence: reading.sequence,
    timestampMs: reading.timestampMs,
    intervalMs: elapsedMs === null ? null : rounded(elapsedMs),
    status: reading.isSupported ? 'ok' : 'unsupported',
    rateStatus: statuses[0] as RateStatus,
    ...pick(groups, fields ?? OWN_FIELDS),
  });
}

function figuresOf(group: Group): readonly BurstFigure[] {
  return COUNTERS.flatMap((own, column) => (own.group === group ? [{ name: `${own.field}PerSecond`, column, factor: 1 }] : []));
}

function groupOf({ reading, perSecond, burst }: SocketsSample, group: Group): Snapshot {
  const told: Record<string, unknown> = {};
  GAUGES.forEach((own, index) => {
    if (own.group === group) told[own.field] = known(reading.gauges[index]);
  });
  COUNTERS.forEach((own, column) => {
    if (own.group !== group) return;
    told[own.field] = known(reading.counters[column]);
    told[`${own.field}PerSecond`] = rounded(perSecond[column]);
  });
  if (group === 'tcp') {
    const [again, sent] = [perSecond[RETRANSMITTED], perSecond[SENT]] as [number, number];
    // What was sent does not contain what was sent again.
    told.retransmittedRatio = again + sent > 0 ? roundedRatio(again / (again + sent)) : null;
  }
  const figures = FIGURES[group];
  if (burst && figures.length > 0) told.burst = burstOf(burst, 0, figures);
  return told;
}

/** What /sockets/states answers. */
export function toStates({ reading: { sequence, timestampMs, gauges } }: GaugeSample<StateCounts>): Snapshot {
  const tcp = gauges && Object.fromEntries(STATES.map((state, index) => [state, gauges[index]]));
  return Object.freeze({ sequence, timestampMs, tcp });
}
