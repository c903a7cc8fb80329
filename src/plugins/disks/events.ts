import type { RateSample } from '../../streams/sampling/counter-rate.ts';
import type { Change as AnyChange } from '../shared/event-topic.ts';
import type { EVENTS, Kind } from './schema.ts';
import type { DiskTable } from './source.ts';

/** Something that happened to a device, or (`gap` without one) to the measuring of all. */
export interface Change extends AnyChange {
  readonly event: (typeof EVENTS)[number];
  readonly device: string | null;
  readonly kind?: Kind;
}

/** Why rates of a sample are unknown, as events. A gap is one event for all. */
export function rateChanges({ reading, elapsedMs, statuses }: RateSample<DiskTable>): Change[] {
  if (statuses.includes('gap'))
    return [{ event: 'gap', device: null, reason: 'no samples were taken', gapMs: elapsedMs === null ? null : Math.round(elapsedMs) }];
  return reading.names.flatMap((device, row): Change[] =>
    statuses[row] === 'reset' ? [{ event: 'reset', device, kind: reading.facts[row]?.kind as Kind }] : [],
  );
}

/** Who came and who went between two readings. */
export function deviceChanges(before: DiskTable, after: DiskTable): Change[] {
  if (before.names === after.names) return [];
  const tell = (event: 'added' | 'removed', from: DiskTable, others: DiskTable): Change[] => {
    const there = new Set(others.names);
    return from.names.flatMap((device, row) => {
      const facts = from.facts[row];
      return there.has(device) ? [] : [{ event, device, kind: facts?.kind as Kind, sizeBytes: facts?.sizeBytes ?? null }];
    });
  };
  return [...tell('removed', before, after), ...tell('added', after, before)];
}
