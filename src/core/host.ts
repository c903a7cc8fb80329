/** The host as files: where procfs, sysfs and its root are mounted, and how to read from them cheaply and completely. */
import { closeSync, constants, existsSync, fstatSync, openSync, readSync, statfsSync } from 'node:fs';

const MOST_BYTES = 64 * 1024 * 1024;
/** PROC_SUPER_MAGIC and SYSFS_MAGIC of linux/magic.h */
const KERNEL_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x9fa0, 0x62656572]);

/** Opening waits for nobody: not for who writes into a pipe that stands where a file should be. Windows has no such flag. */
export const READ_AT_ONCE = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Bytes of one read; valid until the next read of the same reader. */
export interface FileBytes {
  readonly bytes: Buffer;
  readonly length: number;
}

/**
 * A file that is read again and again, from its start to EOF. The kernel's files are kept open; others (a recorded
 * tree) may be replaced by new ones of that name, and are opened each time.
 * procfs answers at most a page per read, so a single read would cut long files short.
 */
export class FileReader {
  readonly path: string;
  readonly #mostBytes: number;
  #fd: number | null = null;
  #isKernels: boolean | null = null;
  readonly #expectedBytes: number;
  #buffer: Buffer;

  /**
   * @param expectedBytes size of the buffer to start with; it grows where the file does not fit
   * @param mostBytes a larger file is not read
   */
  constructor(path: string, expectedBytes = 16_384, mostBytes = MOST_BYTES) {
    this.path = path;
    this.#mostBytes = mostBytes;
    this.#expectedBytes = expectedBytes;
    this.#buffer = Buffer.allocUnsafeSlow(expectedBytes);
  }

  /** @throws the system's error (ENOENT, EACCES, ENODEV ...), or that the file is too large; the next read opens it anew */
  read(): FileBytes {
    let isKept = false;
    try {
      this.#fd ??= this.#open();
      // First: a file that has grown moves the buffer.
      const length = this.#readToEnd(this.#fd);
      this.#isKernels ??= KERNEL_FILE_SYSTEMS.has(statfsSync(this.path).type);
      isKept = this.#isKernels;
      return { bytes: this.#buffer, length };
    } finally {
      if (!isKept) this.close();
    }
  }

  close(): void {
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  /** What is no file, or too large a one, is not read at all: a device may never end. */
  #open(): number {
    const fd = openSync(this.path, READ_AT_ONCE);
    const stat = fstatSync(fd);
    // A directory says so itself, when it is read.
    const problem = stat.size > this.#mostBytes ? `larger than ${this.#mostBytes} bytes` : 'a pipe, a socket or a device, and no file';
    if ((stat.isFile() && stat.size <= this.#mostBytes) || stat.isDirectory()) return fd;
    closeSync(fd);
    throw new Error(`${this.path} is ${problem}`);
  }

  #readToEnd(fd: number): number {
    let length = 0;
    for (;;) {
      if (length === this.#buffer.length) this.#grow();
      const count = readSync(fd, this.#buffer, length, this.#buffer.length - length, length);
      if (count === 0) return length;
      length += count;
    }
  }

  #grow(): void {
    if (this.#buffer.length >= this.#mostBytes) {
      this.#buffer = Buffer.allocUnsafeSlow(this.#expectedBytes);
      throw new Error(`${this.path} is larger than ${this.#mostBytes} bytes`);
    }
    const larger = Buffer.allocUnsafeSlow(this.#buffer.length * 2);
    this.#buffer.copy(larger);
    this.#buffer = larger;
  }
}

/** The roots of the host's file systems. In a container they may be mounted elsewhere (`paths.procfs`, `paths.sysfs`, `paths.rootfs`). */
export class Host {
  readonly procfs: string;
  readonly sysfs: string;
  readonly rootfs: string;
  readonly platform: NodeJS.Platform;

  constructor(roots: { procfs: string; sysfs: string; rootfs?: string; platform?: NodeJS.Platform }) {
    this.procfs = roots.procfs;
    this.sysfs = roots.sysfs;
    this.rootfs = roots.rootfs ?? '/';
    this.platform = roots.platform ?? process.platform;
  }

  /** true where procfs is not this process's own `/proc`: the host's, mounted into a container, or a recorded tree. */
  get isForeign(): boolean {
    return this.procfs !== '/proc';
  }

  /**
   * What stands before a path of the host's root: nothing where that is our own. A foreign procfs shows it, too, but only
   * to those who may look into its PID 1. An absolute link below it leads out, into our own root: do not follow one blindly.
   */
  get rootPrefix(): string {
    if (this.rootfs !== '/') return this.rootfs.replace(/\/+$/, '');
    return this.isForeign ? `${this.procfs}/1/root` : '';
  }

  /** Path of a file of the host's network namespace, e.g. `dev`: PID 1's, where the host's procfs is mounted. */
  procNet(file: string): string {
    if (!this.isForeign) return `/proc/self/net/${file}`;
    const ofInit = `${this.procfs}/1/net/${file}`;
    // A live procfs that hides its PID 1 (hidepid) must not pass off our own network as the host's; a recorded tree may.
    return existsSync(ofInit) || existsSync(`${this.procfs}/self`) ? ofInit : `${this.procfs}/net/${file}`;
  }

  /** First line of a small file (one value, as in sysfs), trimmed; null where it is missing, unreadable or empty. */
  readLine(path: string): string | null {
    const text = this.readSmall(path);
    if (text === null) return null;
    const end = text.indexOf('\n');
    return (end < 0 ? text : text.slice(0, end)).trim() || null;
  }

  /** Text of a file of at most a page; null where it cannot be read. */
  readSmall(path: string): string | null {
    let fd: number | undefined;
    try {
      fd = openSync(path, READ_AT_ONCE);
      return smallBuffer.toString('utf8', 0, readSync(fd, smallBuffer, 0, smallBuffer.length, 0));
    } catch {
      return null;
    } finally {
      if (fd !== undefined) closeSync(fd);
    }
  }
}

const smallBuffer = Buffer.allocUnsafeSlow(4096);
