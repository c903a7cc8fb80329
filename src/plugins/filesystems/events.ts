import type { Change as AnyChange } from '../shared/event-topic.ts';
import type { EVENTS, Kind } from './schema.ts';
import type { MountState } from './source.ts';

/** Something that happened to a mount, or (`gap` without one) to the looking at all. */
export interface Change extends AnyChange {
  readonly event: (typeof EVENTS)[number];
  readonly mountpoint: string | null;
  readonly kind?: Kind;
}

type States = readonly MountState[];

/**
 * What happened between two looks. Another file system at the same place is one that went and one that came.
 * @param before null at the first look, which tells who is stuck
 */
export function mountChanges(before: States | null, after: States): Change[] {
  if (!before)
    return after.filter(({ status, duplicateOf }) => status === 'stuck' && duplicateOf === null).map((state) => change('stuck', state));
  const was = byIdentity(before);
  const is = byIdentity(after);
  const gone = before.filter((state) => !is.has(identityOf(state)));
  const changes = gone.map((state) => change('unmounted', state));
  for (const state of after) {
    const old = was.get(identityOf(state));
    if (!old) changes.push(change('mounted', state));
    else changes.push(...changesOf(old, state));
  }
  return changes;
}

function changesOf(old: MountState, state: MountState): Change[] {
  const changes: Change[] = [];
  if (old.mount.readOnly !== state.mount.readOnly) changes.push(change(state.mount.readOnly ? 'readonly' : 'writable', state));
  // The others of the same file system are stuck with it.
  if (state.duplicateOf !== null) return changes;
  const [wasStuck, isStuck] = [old, state].map(({ status }) => status === 'stuck');
  if (isStuck && !wasStuck) changes.push(change('stuck', state));
  if (wasStuck && !isStuck && state.status !== 'skipped') changes.push(change('recovered', state));
  return changes;
}

function change(event: Change['event'], { mount: { mountpoint, device, type }, kind }: MountState): Change {
  return { event, mountpoint, device, type, kind };
}

/** A mount has a number that no other has while it is there; but it may be given anew. */
function identityOf({ mount: { id, mountpoint, device, type } }: MountState): string {
  return JSON.stringify([id, mountpoint, device, type]);
}

function byIdentity(states: States): Map<string, MountState> {
  return new Map(states.map((state) => [identityOf(state), state]));
}
