import { closeSync, openSync, readSync, statfsSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { READ_AT_ONCE } from '../../core/base-plugin.ts';
import { elsewhere } from './threads.ts';

/** PROC_SUPER_MAGIC and SYSFS_MAGIC of linux/magic.h: only the kernel's own files stay what they are under their name. */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x9fa0, 0x62656572]);
const PAGE_BYTES = 4096;
const buffer = Buffer.allocUnsafeSlow(PAGE_BYTES);

/**
 * Many small files of the kernel's, one value each, read again and again. As many as may be are kept open: that costs an
 * eighth of opening them each time.
 */
export class SmallFiles {
  readonly #mostKept: number;
  readonly #kept = new Map<string, number>();
  #isKernels: boolean | null = null;

  constructor(mostKept: number) {
    this.#mostKept = mostKept;
  }

  /** Its first line, trimmed; null where it cannot be read. */
  line(path: string): string | null {
    const kept = this.#kept.get(path);
    if (kept === undefined) return this.#open(path);
    try {
      return firstLine(kept);
    } catch {
      // Its device is gone; there may be another one of that name.
      this.#drop(path, kept);
      return this.#open(path);
    }
  }

  /** Decimal or 0x-hexadecimal; NaN where it cannot be read or is no number. */
  number(path: string): number {
    const line = this.line(path);
    return line === null || line === '' ? Number.NaN : Number(line);
  }

  /** Whoever has these names now may be another: what was kept is closed. */
  forget(): void {
    for (const [path, fd] of this.#kept) this.#drop(path, fd);
  }

  #open(path: string): string | null {
    let fd: number | null = null;
    let isKept = false;
    try {
      fd = openSync(path, READ_AT_ONCE);
      const line = firstLine(fd);
      this.#isKernels ??= KERNEL_FILE_SYSTEMS.has(statfsSync(path).type);
      isKept = this.#isKernels && this.#kept.size < this.#mostKept;
      if (isKept) this.#kept.set(path, fd);
      return line;
    } catch {
      return null;
    } finally {
      if (fd !== null && !isKept) closeSync(fd);
    }
  }

  #drop(path: string, fd: number): void {
    this.#kept.delete(path);
    closeSync(fd);
  }
}

/** Text of a file of at most a page, read by another thread: what is behind it may be slow. @throws the system's error */
export function smallTextElsewhere(path: string): Promise<string> {
  return elsewhere(async () => {
    const file = await open(path, READ_AT_ONCE);
    try {
      // From a place in it: a pipe has none, and says so.
      const { buffer: bytes, bytesRead } = await file.read(Buffer.allocUnsafe(PAGE_BYTES), 0, PAGE_BYTES, 0);
      return bytes.toString('utf8', 0, bytesRead);
    } finally {
      await file.close();
    }
  });
}

/** Names and texts in sysfs are bytes; those that people write are UTF-8. */
function firstLine(fd: number): string {
  const length = readSync(fd, buffer, 0, buffer.length, 0);
  const end = buffer.indexOf(10);
  return buffer.toString('utf8', 0, end >= 0 && end < length ? end : length).trim();
}
