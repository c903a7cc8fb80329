import { existsSync, readdirSync } from 'node:fs';
import { FileReader, type Host } from '../../../core/base-plugin.ts';

/** Not there, or not there any more: the device went. */
const ABSENT: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ENOTDIR', 'ENODEV', 'ENXIO']);

/** A file of the kernel's that may not be there, or come later with a module. */
export class KernelFile {
  readonly path: string;
  readonly #reader: FileReader;
  #isAbsent = false;

  constructor(path: string, expectedBytes = 4096) {
    this.path = path;
    this.#reader = new FileReader(path, expectedBytes);
  }

  /** null where there is none. @throws where it cannot be read */
  text(): string | null {
    // To ask costs a tenth of an error that is thrown and caught.
    if (this.#isAbsent && !existsSync(this.path)) return null;
    try {
      const { bytes, length } = this.#reader.read();
      this.#isAbsent = false;
      return bytes.toString('utf8', 0, length);
    } catch (error) {
      this.#isAbsent = ABSENT.has((error as NodeJS.ErrnoException).code);
      if (this.#isAbsent) return null;
      throw error;
    }
  }

  close(): void {
    this.#reader.close();
  }
}

/** The lines of a file's text. @throws where it ends in the middle of one: it was only half written */
export function linesOf(text: string, path: string): string[] {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error(`${path} ends in the middle of a line`);
  return lines;
}

export function wordsOf(line: string): string[] {
  return line.trim().split(/[ \t]+/);
}

/** @throws where it is no whole number of the kernel's: what would be told is not what the kernel said */
export function integerOf(text: string | undefined, path: string, radix: 10 | 16 = 10): number {
  const digits = radix === 10 ? /^\d{1,20}$/ : /^[0-9a-f]{1,16}$/i;
  if (text === undefined || !digits.test(text)) throw new Error(`${path} says '${(text ?? '').slice(0, 40)}' where a number should be`);
  return Number.parseInt(text, radix);
}

/** Names in a folder that begin so, the shorter first: `mc2` before `mc10`; null where there is no such folder. @throws as readdir */
export function namesIn(folder: string, start = ''): string[] | null {
  if (!existsSync(folder)) return null;
  const names = readdirSync(folder).filter((name) => name.startsWith(start));
  return names.sort((a, b) => a.length - b.length || (a < b ? -1 : 1));
}

/** One number in a file of its own; null where it is missing, unreadable, or no number. */
export function numberIn(host: Host, path: string): number | null {
  const line = host.readLine(path);
  return line === null || !/^-?\d{1,20}$/.test(line) ? null : Number(line);
}
