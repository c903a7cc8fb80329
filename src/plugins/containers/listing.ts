import type { Limits } from './limits.ts';
import type { Member } from './member.ts';
import type { Runtime } from './schema.ts';

/** What a container is, beside its numbers. Never changed once made. */
export interface Info extends Limits {
  readonly container: string;
  readonly name: string | null;
  readonly id: string;
  readonly shortId: string;
  readonly image: string | null;
  readonly runtime: Runtime | null;
  readonly pod: string | null;
  readonly parent: string | null;
  readonly cgroup: string;
  readonly networkReason: string | null;
  readonly networkSharedWith: string | null;
}

/** All containers that are told, in the order of how they are called. The arrays are other ones only where something has changed. */
export interface Listing {
  readonly members: readonly Member[];
  readonly names: readonly string[];
  readonly keys: readonly number[];
  readonly infos: readonly Info[];
}

export const NOBODY: Listing = { members: [], names: [], keys: [], infos: [] };
const SHORT_ID = 12;

/** @param before whose arrays of names and keys are kept where they are still right */
export function listingOf(unordered: readonly Member[], before: Listing): Listing {
  const called = callAll(unordered);
  const members = [...unordered].sort((a, b) => ((called.get(a) as string) < (called.get(b) as string) ? -1 : 1));
  const byPath = new Map(members.map((member) => [member.found.path, called.get(member) as string]));
  const byNetwork = new Map<number, string>();
  const names = members.map((member) => called.get(member) as string);
  const infos = members.map((member, index) => {
    const name = names[index] as string;
    const { inode } = member.network;
    const sharedWith = inode === null ? undefined : byNetwork.get(inode);
    if (inode !== null && sharedWith === undefined) byNetwork.set(inode, name);
    return infoOf(member, name, byPath, sharedWith ?? null);
  });
  const keys = members.map(({ found }) => found.key);
  return {
    members,
    names: isSame(names, before.names) ? before.names : names,
    keys: isSame(keys, before.keys) ? before.keys : keys,
    infos,
  };
}

function infoOf(
  { found, told, limits, network }: Member,
  container: string,
  byPath: ReadonlyMap<string, string>,
  networkSharedWith: string | null,
): Info {
  const { id, runtime, pod, path, parentPath } = found;
  return Object.freeze({
    ...{ container, name: found.name ?? told?.name ?? null, id, shortId: shortened(id), image: told?.image ?? null, runtime, pod },
    ...{ parent: parentPath === null ? null : (byPath.get(parentPath) ?? null), cgroup: path },
    ...limits,
    ...{ networkReason: network.reason, networkSharedWith },
  });
}

/** A word for each, no two alike: its name where that is free. Who was found under the lower path comes first. */
function callAll(members: readonly Member[]): Map<Member, string> {
  const called = new Map<Member, string>();
  const taken = new Set<string>();
  for (const member of [...members].sort((a, b) => (a.found.path < b.found.path ? -1 : 1))) {
    const { id, path } = member.found;
    const candidates = [member.found.name ?? member.told?.name, shortened(id), path];
    const free = candidates.find((candidate) => candidate && !taken.has(candidate)) ?? path;
    taken.add(free);
    called.set(member, free);
  }
  return called;
}

function shortened(id: string): string {
  return /^[0-9a-f]{64}$/.test(id) ? id.slice(0, SHORT_ID) : id;
}

function isSame<T>(one: readonly T[], other: readonly T[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}
