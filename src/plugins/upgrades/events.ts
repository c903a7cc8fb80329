import { type Query, readChoices, refuseUnknown } from '../../core/base-plugin.ts';
import type { Change as AnyChange } from '../shared/event-topic.ts';
import { EVENTS } from './schema.ts';
import type { UpgradesState } from './state.ts';

export interface Change extends AnyChange {
  readonly event: (typeof EVENTS)[number];
}

/** What was known last: what is not known for a while is no change. */
export class LastKnown {
  #count: number | null = null;
  #securityCount: number | null = null;
  #rebootRequired: boolean | null = null;

  /** @returns what is another than it was known before; nothing the first time */
  changes({ count, securityCount, rebootRequired, rebootPackages }: UpgradesState): Change[] {
    const changes: Change[] = [];
    const [countBefore, securityBefore, rebootBefore] = [this.#count, this.#securityCount, this.#rebootRequired];
    if (countBefore !== null && count !== null && (count !== countBefore || securityCount !== securityBefore)) {
      changes.push({ event: 'upgrades', count, securityCount, countBefore });
    }
    if (rebootBefore !== null && rebootRequired !== null && rebootRequired !== rebootBefore) {
      changes.push({ event: 'reboot', rebootRequired, rebootPackages });
    }
    if (count !== null) [this.#count, this.#securityCount] = [count, securityCount];
    this.#rebootRequired = rebootRequired ?? rebootBefore;
    return changes;
  }
}

/** `event=reboot`. @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function parseEventFilter(query: Query): (change: Change) => boolean {
  refuseUnknown(query, ['event']);
  const events = readChoices(query, 'event', EVENTS);
  return ({ event }) => events?.has(event) ?? true;
}
