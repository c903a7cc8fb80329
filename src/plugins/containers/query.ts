import { type Query, readChoices, refuseUnknown } from '../../core/base-plugin.ts';
import { fitsAny, readPatterns } from '../shared/names.ts';
import type { View as SampleView } from '../shared/sampled-plugin.ts';
import { readFields } from '../shared/view.ts';
import type { Change } from './events.ts';
import type { Info } from './listing.ts';
import { EVENTS, FIELDS, type Field, RUNTIMES, type Runtime } from './schema.ts';

/** What of the containers a client wants to see. */
export interface View extends SampleView {
  readonly isShown: (info: Pick<Info, 'container' | 'runtime'>) => boolean;
  readonly fields: readonly Field[] | null;
}

const SUCH = 'web,db-*';

/** @throws HOSTPULSE_ERR_BAD_VARIABLE naming the variable, what came, and what is allowed */
export function parseView(query: Query): View {
  const containers = readPatterns(query, 'container', SUCH);
  const runtimes = readChoices(query, 'runtime', RUNTIMES);
  const fields = readFields(query, FIELDS);
  const isShown: View['isShown'] = ({ container, runtime }) => fitsAny(container, containers) && isOneOf(runtime, runtimes);
  return { isShown, fields, key: JSON.stringify([containers?.toSorted(), runtimes && [...runtimes].sort(), fields]) };
}

/** `container=web*`, `runtime=docker` and `event=added`. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function parseEventFilter(query: Query): (change: Change) => boolean {
  refuseUnknown(query, ['container', 'runtime', 'event']);
  const containers = readPatterns(query, 'container', SUCH);
  const runtimes = readChoices(query, 'runtime', RUNTIMES);
  const events = readChoices(query, 'event', EVENTS);
  return ({ event, container, runtime = null }) =>
    (events?.has(event) ?? true) &&
    (containers === null || (container !== null && fitsAny(container, containers))) &&
    isOneOf(runtime, runtimes);
}

function isOneOf(runtime: Runtime | null, wanted: ReadonlySet<Runtime> | null): boolean {
  return wanted === null || (runtime !== null && wanted.has(runtime));
}
