import { badVariable, type Query, refuseUnknown } from '../../core/base-plugin.ts';
import type { RateSample } from '../../streams/sampling/counter-rate.ts';
import type { Change as AnyChange } from '../shared/event-topic.ts';
import { fitsGlob } from '../shared/glob.ts';
import { cidr, type Link, type Links } from './link.ts';
import { parseView } from './query.ts';
import { EVENTS } from './schema.ts';

/** Something that happened to an interface, or (`gap` without one) to the measuring of all. */
export interface Change extends AnyChange {
  readonly event: (typeof EVENTS)[number];
  readonly iface: string | null;
  /** What it was and what it became: a name, an operstate, a list of addresses; for others see README.md. */
  readonly from?: unknown;
  readonly to?: unknown;
}

/** `unknown` is the state of devices that carry always, such as loopback. */
const CARRYING = new Set(['up', 'unknown']);

/** What happened between two looks. A device is the same as long as its index is, whatever its name. */
export function linkChanges(before: Links, after: Links): Change[] {
  const oldNames = matches(before, after);
  const stayed = new Set(oldNames.values());
  const removed = [...before].filter(([name]) => !stayed.has(name));
  const changes: Change[] = removed.map(([iface, { index, kind }]) => ({ event: 'removed', iface, index, kind }));
  for (const [iface, link] of after) {
    const oldName = oldNames.get(iface);
    if (oldName === undefined) changes.push({ event: 'added', iface, index: link.index, kind: link.kind });
    else changes.push(...changesOf(oldName, before.get(oldName) as Link, iface, link));
  }
  return changes;
}

/** New name -> old name of the same device. Where one look could not read its index, the name has to do. */
function matches(before: Links, after: Links): Map<string, string> {
  const nameBefore = new Map([...before].map(([name, { index }]) => [index, name]));
  const indicesNow = new Set([...after.values()].map(({ index }) => index));
  const found = new Map<string, string>();
  for (const [name, { index }] of after) {
    const byIndex = index === null ? undefined : nameBefore.get(index);
    const was = before.get(name);
    const byName = was && (was.index === null || (index === null && !indicesNow.has(was.index))) ? name : undefined;
    const oldName = byIndex ?? byName;
    if (oldName !== undefined) found.set(name, oldName);
  }
  return found;
}

function changesOf(oldName: string, was: Link, iface: string, is: Link): Change[] {
  const changes: Change[] = [];
  if (oldName !== iface) changes.push({ event: 'renamed', iface, from: oldName, to: iface });
  if (is.operstate !== was.operstate && is.operstate !== null && was.operstate !== null) {
    const carries = CARRYING.has(is.operstate);
    if (carries !== CARRYING.has(was.operstate))
      changes.push({ event: carries ? 'up' : 'down', iface, from: was.operstate, to: is.operstate });
  }
  const [from, to] = [was.addresses.map(cidr), is.addresses.map(cidr)];
  if (from.join() !== to.join()) changes.push({ event: 'address', iface, from, to });
  return changes;
}

/** Why rates of a sample are unknown, as events. A gap is one event for all. */
export function rateChanges({ reading, elapsedMs, statuses }: RateSample): Change[] {
  if (statuses.includes('gap'))
    return [{ event: 'gap', iface: null, reason: 'no samples were taken', gapMs: elapsedMs === null ? null : Math.round(elapsedMs) }];
  return reading.names.filter((_, row) => statuses[row] === 'reset').map((iface) => ({ event: 'reset', iface }));
}

/** `iface=eth*` and `event=up,down`. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function parseEventFilter(query: Query): (change: Change) => boolean {
  refuseUnknown(query, ['iface', 'event']);
  const { iface: patterns } = parseView({ iface: query.iface });
  const events = query.event === undefined ? null : String(query.event).split(',');
  if (events?.some((event) => !(EVENTS as readonly string[]).includes(event))) throw badVariable('event', query.event, EVENTS.join(', '));
  return ({ iface, event }) =>
    (!events || events.includes(event)) && (!patterns || (iface !== null && patterns.some((pattern) => fitsGlob(iface, pattern))));
}
