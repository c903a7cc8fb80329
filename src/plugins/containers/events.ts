import type { RateSample } from '../../streams/sampling/counter-rate.ts';
import type { Reading } from '../../streams/sampling/counter-table.ts';
import type { Change as AnyChange } from '../shared/event-topic.ts';
import type { Info } from './listing.ts';
import { COLUMN, type EVENTS, type Runtime, type State, WIDTH } from './schema.ts';
import type { ContainerTable } from './source.ts';

/** Something that happened to a container, or (`gap` without one) to the measuring of all. */
export interface Change extends AnyChange {
  readonly event: (typeof EVENTS)[number];
  readonly container: string | null;
  readonly runtime?: Runtime | null;
}

/** A gap in time is one event for all. */
export function gapChanges({ elapsedMs, statuses }: RateSample<ContainerTable>): Change[] {
  if (!statuses.includes('gap')) return [];
  return [{ event: 'gap', container: null, reason: 'no samples were taken', gapMs: elapsedMs === null ? null : Math.round(elapsedMs) }];
}

/** Who came and went between two readings, and what happened to those that stayed. */
export function changesBetween(before: Reading<ContainerTable>, after: Reading<ContainerTable>): Change[] {
  const rowBefore = new Map(before.keys.map((key, row) => [key, row]));
  const keysAfter = new Set(after.keys);
  const removed = before.infos.flatMap((info, row) => (keysAfter.has(before.keys[row] as number) ? [] : [tell('removed', info)]));
  const others = after.infos.flatMap((info, row) => {
    const old = rowBefore.get(after.keys[row] as number);
    if (old === undefined) return [tell('added', info)];
    return changesOf(before.infos[old] as Info, info, oomKills(after, row) - oomKills(before, old));
  });
  return [...removed, ...others];
}

function changesOf(was: Info, is: Info, kills: number): Change[] {
  const { container, id, runtime } = is;
  const told: Change[] = [];
  if (was.container !== container) told.push({ event: 'renamed', container, id, runtime, before: was.container });
  const isPaused = (state: State) => state === 'paused';
  if (isPaused(was.state) !== isPaused(is.state)) told.push({ event: isPaused(is.state) ? 'paused' : 'resumed', container, id, runtime });
  if (kills > 0) told.push({ event: 'oomKilled', container, id, runtime, kills });
  return told;
}

function tell(event: 'added' | 'removed', { container, id, runtime, image }: Info): Change {
  return { event, container, id, runtime, image };
}

function oomKills({ counters }: ContainerTable, row: number): number {
  return counters[row * WIDTH + COLUMN.oomKills] as number;
}
