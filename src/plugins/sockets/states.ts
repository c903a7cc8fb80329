import { type FileHandle, open } from 'node:fs/promises';
import { type Host, READ_AT_ONCE } from '../../core/base-plugin.ts';
import { STATES } from './schema.ts';

const BUFFER_BYTES = 65_536;
const [NEWLINE, SPACE] = [10, 32];
/** Number, both addresses, and then the state. */
const STATE_WORD = 3;
/** A socket's has 150 bytes or so. */
const LONGEST_LINE = 4096;

/** Sockets by state, in the order of STATES; null where the system has no such table. */
export type StateCounts = Uint32Array | null;

/**
 * Counts the sockets of /proc/net/tcp by state. Off the main thread: the kernel goes through its whole hash table, which
 * takes milliseconds also where it is nearly empty, and lists every socket.
 */
export async function countStates(host: Host): Promise<StateCounts> {
  if (host.platform !== 'linux') return null;
  const counter = new StateCounter();
  const hasAny = [await readInto(counter, host.procNet('tcp')), await readInto(counter, host.procNet('tcp6'))];
  return hasAny.includes(true) ? counter.counts : null;
}

/** @returns false where there is no such file */
async function readInto(counter: StateCounter, path: string): Promise<boolean> {
  const file = await openIfThere(path);
  if (!file) return false;
  try {
    const buffer = Buffer.allocUnsafe(BUFFER_BYTES);
    counter.open();
    for (;;) {
      const { bytesRead } = await file.read(buffer, 0, buffer.length, null);
      if (bytesRead === 0) break;
      counter.take(buffer, bytesRead);
    }
    counter.end();
    return true;
  } finally {
    await file.close();
  }
}

async function openIfThere(path: string): Promise<FileHandle | null> {
  try {
    return await open(path, READ_AT_ONCE);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

/** Takes a table piece by piece, wherever they end. */
export class StateCounter {
  readonly counts = new Uint32Array(STATES.length);
  #isHead = true;
  #word = -1;
  #isInWord = false;
  #state = 0;
  #isInLine = false;

  open(): void {
    this.#isHead = true;
    this.#startLine();
  }

  /** @throws where it is no such table */
  take(bytes: Uint8Array, length: number): void {
    if (length >= LONGEST_LINE && bytes.subarray(0, length).indexOf(NEWLINE) < 0)
      throw new Error(`the table of sockets has a line of more than ${LONGEST_LINE} bytes`);
    for (let at = 0; at < length; at++) {
      const byte = bytes[at] as number;
      if (byte === NEWLINE) this.#endLine();
      else if (byte === SPACE) this.#isInWord = false;
      else this.#takeCharacter(byte);
    }
  }

  /** @throws where the last line is not whole */
  end(): void {
    if (this.#isInLine) throw new Error('the table of sockets ends in the middle of a line');
  }

  #takeCharacter(byte: number): void {
    this.#isInLine = true;
    if (!this.#isInWord) this.#word++;
    this.#isInWord = true;
    if (this.#word === STATE_WORD) this.#state = this.#state * 16 + hexDigit(byte);
  }

  #endLine(): void {
    const index = this.#state - 1;
    if (!this.#isHead && this.#isInLine) {
      if (this.#word < STATE_WORD || Number.isNaN(this.#state)) throw new Error('the table of sockets has a line without a state');
      // A state that is not known yet is none of those that are told.
      if (index >= 0 && index < STATES.length) this.counts[index] = (this.counts[index] as number) + 1;
    }
    this.#isHead = false;
    this.#startLine();
  }

  #startLine(): void {
    this.#word = -1;
    this.#isInWord = false;
    this.#state = 0;
    this.#isInLine = false;
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const letter = byte | 32;
  return letter >= 97 && letter <= 102 ? letter - 87 : Number.NaN;
}
