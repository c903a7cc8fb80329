import { existsSync, readdirSync, statfsSync } from 'node:fs';
import type { Host } from '../../core/base-plugin.ts';

/** Where control groups are: one hierarchy for everything (v2), one per controller (v1), or both beside each other. */
export interface Hierarchies {
  readonly version: 'v1' | 'v2' | 'hybrid';
  readonly unified: string | null;
  /** By controller. */
  readonly v1: ReadonlyMap<string, string>;
  /** false: a recorded tree, whose files may be replaced by new ones of their names. */
  readonly isKernels: boolean;
  /** The file that tells by some number when groups come or go. */
  readonly countFile: string;
}

/** CGROUP_SUPER_MAGIC and CGROUP2_SUPER_MAGIC of linux/magic.h */
const MAGIC: ReadonlySet<number> = new Set([0x27e0eb, 0x63677270]);

/** null where there are none. */
export function findHierarchies({ sysfs, procfs }: Host): Hierarchies | null {
  const root = `${sysfs}/fs/cgroup`;
  if (isUnified(root)) return { version: 'v2', unified: root, v1: new Map(), isKernels: isKernels(root), countFile: `${root}/cgroup.stat` };
  const v1 = new Map<string, string>();
  for (const name of folders(root)) {
    const path = `${root}/${name}`;
    // `cpu` is often a link to `cpu,cpuacct`; links are no folders here.
    if (name !== 'unified' && (existsSync(`${path}/cgroup.procs`) || existsSync(`${path}/tasks`)))
      for (const controller of name.split(',')) v1.set(controller, path);
  }
  const unified = isUnified(`${root}/unified`) ? `${root}/unified` : null;
  const any = v1.values().next().value ?? unified;
  if (any === null || any === undefined) return null;
  return { version: unified ? 'hybrid' : 'v1', unified, v1, isKernels: isKernels(any), countFile: `${procfs}/cgroups` };
}

/** Each of them, once. */
export function rootsOf({ unified, v1 }: Hierarchies): readonly string[] {
  return [...new Set([...v1.values(), ...(unified === null ? [] : [unified])])];
}

/** Those in which each container is to be found: engines make a group in every one, systemd at least in its own. */
export function walkedRoots({ unified, v1 }: Hierarchies): readonly string[] {
  const [any] = v1.values();
  return [...new Set([v1.get('memory') ?? any, v1.get('systemd'), unified])].filter((root) => root !== undefined && root !== null);
}

/** Names of the folders in a folder; none where it cannot be read. */
export function folders(path: string): string[] {
  try {
    return readdirSync(path, { withFileTypes: true }).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []));
  } catch {
    return [];
  }
}

function isUnified(path: string): boolean {
  return existsSync(`${path}/cgroup.controllers`);
}

function isKernels(path: string): boolean {
  return MAGIC.has(statfsSync(path).type);
}
