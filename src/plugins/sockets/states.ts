import type { Host } from '../../core/base-plugin.ts';
import { eachSocketElsewhere, parseSocket } from '../shared/socket-table.ts';
import { STATES } from './schema.ts';

/** Sockets by state, in the order of STATES; null where the system has no such table. */
export type StateCounts = Uint32Array | null;

/** Counts the sockets of /proc/net/tcp by state: as much work as there are sockets. */
export async function countStates(host: Host): Promise<StateCounts> {
  if (host.platform !== 'linux') return null;
  const counts = new Uint32Array(STATES.length);
  const count = (line: string) => {
    const index = parseSocket(line).state - 1;
    // A state that is not known yet is none of those that are told.
    if (index >= 0 && index < STATES.length) counts[index] = (counts[index] as number) + 1;
  };
  const hasAny = [await eachSocketElsewhere(host.procNet('tcp'), count), await eachSocketElsewhere(host.procNet('tcp6'), count)];
  return hasAny.includes(true) ? counts : null;
}
