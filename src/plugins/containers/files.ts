import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type FileBytes, READ_AT_ONCE } from '../../core/base-plugin.ts';

const PAGE_BYTES = 4096;
const MOST_BYTES = 1_048_576;
/** One for all: what was read is valid until the next read. */
let buffer = Buffer.allocUnsafeSlow(65_536);

/** How many files may stay open. Opening one costs more than reading it, but they are not ours alone. */
export class OpenFiles {
  #left: number;

  constructor(most: number) {
    this.#left = most;
  }

  take(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }

  giveBack(): void {
    this.#left++;
  }
}

/** A file of a control group, read whole. It may be missing (another kernel, a controller that is off) and may vanish. */
export class GroupFile {
  readonly #path: string;
  readonly #open: OpenFiles;
  #fd: number | null = null;
  /** It is not there: not tried again until told to. */
  #isMissing = false;
  #wasThere = false;

  constructor(path: string, open: OpenFiles) {
    this.#path = path;
    this.#open = open;
  }

  /** null where it cannot be read. */
  read(): FileBytes | null {
    if (this.#isMissing) return null;
    try {
      const bytes = this.#fd === null ? this.#readAnew() : readToEnd(this.#fd);
      this.#wasThere = true;
      return bytes;
    } catch {
      this.close();
      this.#isMissing = true;
      return null;
    }
  }

  /** It was there, and is no longer: perhaps the whole group is gone. */
  get isLost(): boolean {
    return this.#isMissing && this.#wasThere;
  }

  tryAgain(): void {
    this.#isMissing = false;
  }

  close(): void {
    if (this.#fd === null) return;
    closeSync(this.#fd);
    this.#fd = null;
    this.#open.giveBack();
  }

  #readAnew(): FileBytes {
    if (!this.#open.take()) return readOnce(this.#path);
    try {
      this.#fd = openSync(this.#path, READ_AT_ONCE);
    } catch (error) {
      this.#open.giveBack();
      throw error;
    }
    return readToEnd(this.#fd);
  }
}

/**
 * Opens, reads and closes. @throws the system's error
 * @param inode null: any; else the file must be this one
 */
export function readOnce(path: string, inode: number | null = null): FileBytes {
  const fd = openSync(path, READ_AT_ONCE);
  try {
    if (inode !== null && fstatSync(fd).ino !== inode) throw new Error(`${path} is another file than it was`);
    return readToEnd(fd);
  } finally {
    closeSync(fd);
  }
}

function readToEnd(fd: number): FileBytes {
  let length = 0;
  for (;;) {
    const count = readSync(fd, buffer, length, buffer.length - length, length);
    length += count;
    // The groups' files are told in one piece, those of procfs by the page: after less than half a page nothing follows.
    if (count < PAGE_BYTES / 2) return { bytes: buffer, length };
    if (length < buffer.length) continue;
    if (length >= MOST_BYTES) throw new Error('the file is too large');
    const larger = Buffer.allocUnsafeSlow(buffer.length * 2);
    buffer.copy(larger);
    buffer = larger;
  }
}
