import { statSync } from 'node:fs';
import { folders, type Hierarchies, walkedRoots } from './hierarchies.ts';
import { type Identity, identify, isSame } from './identity.ts';

/** A container where it was found. */
export interface Found extends Identity {
  /** Of its control group, below the root: the same in all hierarchies. */
  readonly path: string;
  /** Of the group, by its inode: one that is made anew under the same path has another. */
  readonly key: number;
  /** Path of the container that it runs in. */
  readonly parentPath: string | null;
}

/** Deeper than Kubernetes in a container in a user's session. */
const MOST_DEPTH = 20;
const MOST_FOLDERS = 50_000;
/** Each hierarchy numbers its groups itself. */
const PER_HIERARCHY = 2 ** 48;

/**
 * All containers, by walking over the control groups. The kernel counts the folders of a folder in its links, so most
 * groups, those without any below, are not opened.
 */
export function findContainers(hierarchies: Hierarchies): Found[] {
  const found = new Map<string, Found>();
  const roots = walkedRoots(hierarchies);
  let folderCount = 0;
  const walk = (hierarchy: number, path: string, outer: Found | null, depth: number) => {
    const root = roots[hierarchy] as string;
    for (const name of folders(root + path)) {
      if (++folderCount > MOST_FOLDERS) return;
      const own = `${path}/${name}`;
      const stat = statSync(root + own, { throwIfNoEntry: false });
      if (!stat) continue;
      const identity = identify(own);
      let around = outer;
      if (identity && !isSame(identity, outer)) {
        // The first hierarchy that has it stands for all.
        const key = hierarchy * PER_HIERARCHY + stat.ino;
        around = found.get(own) ?? { ...identity, path: own, key, parentPath: outer?.path ?? null };
        found.set(own, around);
      }
      if (stat.nlink !== 2 && depth < MOST_DEPTH) walk(hierarchy, own, around, depth + 1);
    }
  };
  roots.forEach((_, hierarchy) => void walk(hierarchy, '', null, 0));
  return [...found.values()].sort((a, b) => (a.path < b.path ? -1 : 1));
}
