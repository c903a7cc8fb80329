import { statSync } from 'node:fs';
import type { FileBytes, Host } from '../../core/base-plugin.ts';
import { Cursor } from '../shared/cursor.ts';
import { readOnce } from './files.ts';
import type { Row } from './part.ts';
import type { FirstProcess } from './processes.ts';
import { COLUMN, type Column } from './schema.ts';

/** Where a container's network is told: by the kernel, to any process in it. */
export interface NetworkPlace {
  readonly path: string | null;
  /** The kernel has one such file per network, under whatever process: equal numbers are one network. */
  readonly inode: number | null;
  /** Why it is not told. */
  readonly reason: string | null;
  /** It has processes, which are not seen from here; not yet, perhaps. */
  readonly isHidden: boolean;
}

/** What a line of net/dev has behind the name, as far as we tell it. */
const COLUMNS_OF_LINE: readonly (Column | null)[] = [
  ...(['rxBytes', 'rxPackets', 'rxErrors', 'rxDropped'] as const),
  ...([null, null, null, null] as const),
  ...(['txBytes', 'txPackets', 'txErrors', 'txDropped'] as const),
];
const COLON = Uint8Array.of(58);
const cursor = new Cursor();

const untold = (reason: string, isHidden = false): NetworkPlace => ({ path: null, inode: null, reason, isHidden });
const EMPTY = untold('it has no process');
const HIDDEN = untold('its processes cannot be seen from here', true);
const OF_HOST = untold("it uses the host's network");

/** Needs no right over the process: its /proc/<pid>/net is open to all who see it at all. */
export function findNetwork({ procfs }: Host, process: FirstProcess): NetworkPlace {
  if (process === 'none') return EMPTY;
  if (process === 'hidden') return HIDDEN;
  const path = `${procfs}/${process}/net/dev`;
  const inode = inodeOf(path);
  if (inode === null) return HIDDEN;
  return inode === inodeOf(`${procfs}/1/net/dev`) ? OF_HOST : { path, inode, reason: null, isHidden: false };
}

/**
 * Never kept open: that would keep the network of a container that has ended.
 * @returns false where the process is gone, or its number is another's by now
 */
export function readNetwork({ path, inode }: NetworkPlace, row: Row): boolean {
  if (path === null) return true;
  try {
    sum(readOnce(path, inode), row);
    return true;
  } catch {
    return false;
  }
}

function sum(file: FileBytes, row: Row): void {
  cursor.open(file);
  cursor.skipLine();
  cursor.skipLine();
  for (const column of COLUMNS_OF_LINE) if (column) row[COLUMN[column]] = 0;
  while (!cursor.isAtEnd) {
    cursor.skipSpaces();
    const isLoopback = cursor.word() === 'lo';
    if (!cursor.skip(COLON)) throw new Error('net/dev has a line without a name');
    for (const column of isLoopback ? [] : COLUMNS_OF_LINE) {
      const value = cursor.integer();
      if (column) row[COLUMN[column]] = (row[COLUMN[column]] as number) + value;
    }
    cursor.skipLine();
  }
}

function inodeOf(path: string): number | null {
  try {
    return statSync(path).ino;
  } catch {
    return null;
  }
}
