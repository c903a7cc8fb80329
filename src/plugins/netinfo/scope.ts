import { existsSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import type { Host } from '../../core/base-plugin.ts';

/** Whose interfaces are seen: the host's, or those of a container (or another network namespace) alone. */
export type Scope = 'host' | 'container';

/** Inode of the first PID namespace, fixed in the kernel (PROC_PID_INIT_INO). */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]';

/** @param proc our own */
export function scopeOf(host: Host, proc = '/proc'): Scope {
  // The host's own procfs, mounted for us to read.
  if (host.isForeign || host.platform !== 'linux') return 'host';
  // /proc/net files of one namespace have one inode, and everyone may look at it.
  const own = inode(`${proc}/self/net/dev`);
  const ofInit = inode(`${proc}/1/net/dev`);
  if (own !== null && ofInit !== null && own !== ofInit) return 'container';
  if (ofInit !== null && linkTarget(`${proc}/self/ns/pid`) === FIRST_PID_NAMESPACE) return 'host';
  // In a container PID 1 is its own, so the comparison says nothing; nor where it is hidden (hidepid). But hardware stays with the host.
  return hasHardware(host) ? 'host' : 'container';
}

function hasHardware({ sysfs }: Host): boolean {
  try {
    return readdirSync(`${sysfs}/class/net`).some((name) => existsSync(`${sysfs}/class/net/${name}/device`));
  } catch {
    return false;
  }
}

function inode(path: string): number | null {
  try {
    return statSync(path).ino;
  } catch {
    return null;
  }
}

function linkTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}
