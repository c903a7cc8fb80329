import type { Host } from '../../core/base-plugin.ts';
import { folders, type Hierarchies, rootsOf } from './hierarchies.ts';
import { type Identity, identify, isSame } from './identity.ts';

/** Some process of a container: its number; `none` is there; or there are, but `hidden` from this process's namespace. */
export type FirstProcess = number | 'none' | 'hidden';

/** Podman and systemd have the processes in groups below. */
const MOST_DEPTH = 6;
/** systemd-nspawn keeps itself beside what it runs; it is in the host's network. */
const NSPAWN_ITSELF = 'supervisor';

/** Asked of the first hierarchy that has the group: a process is in it in all of them. In the hybrid form v2 has groups, and nobody in them. */
export function firstProcess(host: Host, hierarchies: Hierarchies, path: string): FirstProcess {
  for (const root of rootsOf(hierarchies)) {
    const found = below(host, root, path, identify(path), 0);
    if (found !== null) return found === 'none' && hasHidden(host, hierarchies, path) ? 'hidden' : found;
  }
  return 'none';
}

/** v1 leaves out what the reader's namespace does not have; only the count tells of it. */
function hasHidden(host: Host, { v1 }: Hierarchies, path: string): boolean {
  if (v1.size === 0) return false;
  const count = host.readLine(`${v1.get('pids')}${path}/pids.current`);
  return count === null ? host.isForeign : count !== '0';
}

/** null where there is no such group. */
function below(host: Host, root: string, path: string, container: Identity | null, depth: number): FirstProcess | null {
  const text = host.readSmall(`${root}${path}/cgroup.procs`);
  if (text === null && depth === 0) return null;
  const pids = (text ?? '').split('\n').flatMap((line) => (line === '' ? [] : [Number(line)]));
  const pid = pids.find((one) => one > 0);
  if (pid !== undefined) return pid;
  // The kernel writes 0 for a process that the reader's namespace does not have.
  if (pids.length > 0) return 'hidden';
  if (depth === MOST_DEPTH) return 'none';
  for (const name of folders(root + path)) {
    if (name === NSPAWN_ITSELF) continue;
    const own = `${path}/${name}`;
    const identity = identify(own);
    // A container within has a network of its own.
    if (identity && !isSame(identity, container)) continue;
    const found = below(host, root, own, container, depth + 1);
    if (found !== null && found !== 'none') return found;
  }
  return 'none';
}
