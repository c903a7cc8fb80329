import { type Pending, unknownPending } from './state.ts';

/** It heeds what a comparison of lists does not: pins, phases, and what is open to subscribers only. */
export const UPDATES_AVAILABLE = '/var/lib/update-notifier/updates-available';

const COUNT = /^(\d+) (?:updates?|packages?) can be (?:applied|installed|updated)(?: immediately)?\.?$/m;
const SECURITY = /^(\d+) (?:of these updates (?:is a|are) (?:standard )?security updates?|updates? (?:is a|are) security updates?)\.?$/m;

/** @param text what it shows at a login, in the words of all its versions since 2014; in other languages it is not understood */
export function parseUpdatesAvailable(text: string): Pending {
  const [count, security] = [COUNT, SECURITY].map((pattern) => pattern.exec(text)?.[1]);
  if (count === undefined) return unknownPending(`${UPDATES_AVAILABLE} says no number, or not in English`);
  return {
    source: 'update-notifier',
    count: Number(count),
    // Where there are none, it says nothing of them.
    securityCount: Number(security ?? 0),
    heldCount: null,
    packages: null,
    reason: 'update-notifier tells only how many, and nothing of those on hold',
  };
}
