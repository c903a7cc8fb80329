import type { StatsFs } from 'node:fs';
import { stat, statfs } from 'node:fs/promises';
import type { Look, Space } from './looks.ts';
import type { Mount } from './mountinfo.ts';
import type { Status } from './schema.ts';

const BTRFS = 0x9123683e;

/**
 * Asks the file system that is mounted there. On one of libuv's threads: the system may not come back.
 * @param prefix where the host's root is; behind it the mount itself may be missing, and the directory below it would answer
 */
export async function askMount({ path, major, minor }: Mount, prefix: string): Promise<Look> {
  const whole = prefix === '' ? path : Buffer.concat([Buffer.from(prefix), path]);
  try {
    const found = await statfs(whole);
    // Subvolumes of btrfs have numbers of their own.
    if (prefix !== '' && found.type !== BTRFS && !isDevice((await stat(whole)).dev, major, minor)) return refused('unreachable', null);
    return { status: 'ok', error: null, space: spaceOf(found) };
  } catch (error) {
    const { code = 'UNKNOWN' } = error as NodeJS.ErrnoException;
    if (prefix !== '' && (code === 'ENOENT' || code === 'EACCES' || code === 'EPERM')) return refused('unreachable', code);
    return refused(code === 'EACCES' || code === 'EPERM' ? 'denied' : 'failed', code);
  }
}

/** Blocks are counted in fragments, which Node tells since 24; only file systems behind FUSE have others than they have blocks. */
export function spaceOf({ bsize, frsize, blocks, bfree, bavail, files, ffree }: StatsFs & { readonly frsize?: number }): Space {
  const unit = frsize || bsize;
  return { sizeBytes: blocks * unit, freeBytes: bfree * unit, availableBytes: bavail * unit, inodes: files, inodesFree: ffree };
}

function refused(status: Status, error: string | null): Look {
  return { status, error, space: null };
}

/** How Linux writes both numbers as one. */
export function isDevice(dev: number, major: number, minor: number): boolean {
  const whole = BigInt(dev);
  const ownMajor = ((whole >> 8n) & 0xfffn) | ((whole >> 32n) & ~0xfffn);
  const ownMinor = (whole & 0xffn) | ((whole >> 12n) & 0xffffff00n);
  return Number(ownMajor) === major && Number(ownMinor) === minor;
}
