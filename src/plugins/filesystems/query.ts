import { type Query, readChoices, refuseUnknown } from '../../core/base-plugin.ts';
import { fitsAny, readPatterns } from '../shared/names.ts';
import type { View as SampleView } from '../shared/sampled-plugin.ts';
import { readFields } from '../shared/view.ts';
import type { Change } from './events.ts';
import { DEFAULT_KINDS, EVENTS, FIELDS, type Field, KINDS, type Kind } from './schema.ts';
import type { MountState } from './source.ts';

/** What of the mounts a client wants to see. */
export interface View extends SampleView {
  readonly isShown: (state: MountState) => boolean;
  readonly fields: readonly Field[] | null;
}

/** @throws HOSTPULSE_ERR_BAD_VARIABLE naming the variable, what came, and what is allowed */
export function parseView(query: Query): View {
  const mountpoints = readPatterns(query, 'mountpoint', '/,/home*');
  const types = readPatterns(query, 'type', 'nfs*,ext4');
  const kinds = readKinds(query);
  const duplicates = readChoices(query, 'duplicates', ['true', 'false'])?.has('true') ?? false;
  const fields = readFields(query, FIELDS);
  const isDefault = mountpoints === null && types === null && kinds === null;
  const isShown = ({ mount, kind, duplicateOf }: MountState) => {
    // Who names a mountpoint means it, whatever it is.
    if (duplicateOf !== null && !duplicates && mountpoints === null) return false;
    if (isDefault) return DEFAULT_KINDS.has(kind) || mount.mountpoint === '/';
    return fitsAny(mount.mountpoint, mountpoints) && fitsAny(mount.type, types) && (kinds?.has(kind) ?? true);
  };
  const key = JSON.stringify([mountpoints?.toSorted(), types?.toSorted(), kinds && [...kinds].sort(), duplicates, fields]);
  return { isShown, fields, key };
}

/** `mountpoint=/home*`, `kind=network` and `event=stuck`. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function parseEventFilter(query: Query): (change: Change) => boolean {
  refuseUnknown(query, ['mountpoint', 'kind', 'event']);
  const mountpoints = readPatterns(query, 'mountpoint', '/,/home*');
  // Containers mount and unmount all the time.
  const kinds = readKinds(query) ?? (mountpoints === null ? DEFAULT_KINDS : null);
  const events = readChoices(query, 'event', EVENTS);
  return ({ event, mountpoint, kind }) =>
    (events?.has(event) ?? true) &&
    (mountpoint === null
      ? mountpoints === null
      : fitsAny(mountpoint, mountpoints) && (kinds === null || mountpoint === '/' || kinds.has(kind as Kind)));
}

function readKinds(query: Query): ReadonlySet<Kind> | null {
  const kinds = readChoices(query, 'kind', [...KINDS, 'all'] as const);
  return kinds?.has('all') ? new Set(KINDS) : (kinds as ReadonlySet<Kind> | null);
}
