import { type Query, readChoices, refuseUnknown } from '../../core/base-plugin.ts';
import { fitsAny, readPatterns } from '../shared/names.ts';
import type { View as SampleView } from '../shared/sampled-plugin.ts';
import { readFields } from '../shared/view.ts';
import type { Change } from './events.ts';
import { EVENTS, FIELDS, type Field, KINDS, type Kind } from './schema.ts';

/** What of the devices a client wants to see. */
export interface View extends SampleView {
  readonly devices: readonly string[] | null;
  /** null: all. */
  readonly kinds: ReadonlySet<Kind> | null;
  readonly fields: readonly Field[] | null;
}

const DISKS: ReadonlySet<Kind> = new Set(['disk']);

/** @throws HOSTPULSE_ERR_BAD_VARIABLE naming the variable, what came, and what is allowed */
export function parseView(query: Query): View {
  const devices = readPatterns(query, 'device', 'sda,nvme*');
  // Who names a device means it, whatever it is.
  const kinds = readKinds(query) ?? (devices === null ? DISKS : null);
  const fields = readFields(query, FIELDS);
  return { devices, kinds, fields, key: JSON.stringify([devices?.toSorted(), kinds && [...kinds].sort(), fields]) };
}

/** `device=sd*`, `kind=disk` and `event=added`. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function parseEventFilter(query: Query): (change: Change) => boolean {
  refuseUnknown(query, ['device', 'kind', 'event']);
  const devices = readPatterns(query, 'device', 'sda,nvme*');
  const kinds = readKinds(query);
  const events = readChoices(query, 'event', EVENTS);
  return ({ event, device, kind }) =>
    (events?.has(event) ?? true) &&
    (devices === null || (device !== null && fitsAny(device, devices))) &&
    (kinds === null || (kind !== undefined && kinds.has(kind)));
}

function readKinds(query: Query): ReadonlySet<Kind> | null {
  const kinds = readChoices(query, 'kind', [...KINDS, 'all'] as const);
  if (kinds === null || !kinds.has('all')) return kinds as ReadonlySet<Kind> | null;
  return new Set(KINDS);
}
