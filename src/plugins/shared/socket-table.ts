import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { setImmediate } from 'node:timers/promises';
import { READ_AT_ONCE } from '../../core/base-plugin.ts';

/** What is taken in before others have their turn: some five hundred sockets, a third of a millisecond. */
const SLICE_BYTES = 65_536;
const NEWLINE = 10;
/** Longest line; a socket's has 150 bytes or so. */
const LONGEST_LINE = 4096;
/** Of all tables as long as one slice is enough: nobody else has a turn meanwhile. */
const sharedBytes = Buffer.allocUnsafeSlow(SLICE_BYTES / 4);

/**
 * The lines of /proc/net/udp and the like, one per socket: few on most hosts, hundreds of thousands on some. Few are
 * read at once, since a promise would cost more than they do; many in slices.
 * @param each gets every line after the head
 * @returns false where there is no such file
 * @throws or rejects where it cannot be read, or ends in the middle of a line
 */
export function eachSocket(path: string, each: (line: string) => void): boolean | Promise<boolean> {
  if (!existsSync(path)) return false;
  const table = new SocketTable(path, each);
  return table.readSlice() ? table.readRest() : true;
}

/**
 * As `eachSocket`, but read by another thread: for /proc/net/tcp the kernel looks through a table that takes it
 * milliseconds even where few sockets are in it.
 */
export async function eachSocketElsewhere(path: string, each: (line: string) => void): Promise<boolean> {
  if (!existsSync(path)) return false;
  let [kept, isHead] = ['', true];
  const file = await open(path, READ_AT_ONCE);
  // It is closed with its stream. From the start on: a pipe has none, and says so.
  for await (const chunk of file.createReadStream({ start: 0, encoding: 'latin1', highWaterMark: SLICE_BYTES })) {
    const lines = `${kept}${chunk}`.split('\n');
    kept = lines.pop() as string;
    if (kept.length > LONGEST_LINE) throw new Error(`${path} has a line of more than ${LONGEST_LINE} bytes`);
    for (const line of lines) {
      if (!isHead) each(line);
      isHead = false;
    }
  }
  if (kept !== '') throw new Error(`${path} ends in the middle of a line`);
  return true;
}

class SocketTable {
  readonly #path: string;
  readonly #each: (line: string) => void;
  readonly #fd: number;
  #bytes = sharedBytes;
  #kept = 0;
  #isHead = true;

  constructor(path: string, each: (line: string) => void) {
    this.#path = path;
    this.#each = each;
    this.#fd = openSync(path, READ_AT_ONCE);
  }

  /** @returns whether there is more */
  readSlice(): boolean {
    let isMore = false;
    try {
      for (let left = SLICE_BYTES; left > 0; ) {
        const count = readSync(this.#fd, this.#bytes, this.#kept, this.#bytes.length - this.#kept, null);
        if (count === 0) {
          if (this.#kept > 0) throw new Error(`${this.#path} ends in the middle of a line`);
          return isMore;
        }
        left -= count;
        this.#take(this.#kept + count);
      }
      isMore = true;
      return isMore;
    } finally {
      if (!isMore) closeSync(this.#fd);
    }
  }

  async readRest(): Promise<true> {
    this.#bytes = Buffer.from(sharedBytes);
    do await setImmediate();
    while (this.readSlice());
    return true;
  }

  #take(length: number): void {
    const end = this.#bytes.lastIndexOf(NEWLINE, length - 1) + 1;
    const lines = this.#bytes.toString('latin1', 0, end).split('\n');
    lines.pop();
    for (const line of lines) {
      if (!this.#isHead) this.#each(line);
      this.#isHead = false;
    }
    this.#kept = length - end;
    if (this.#kept > LONGEST_LINE) throw new Error(`${this.#path} has a line of more than ${LONGEST_LINE} bytes`);
    this.#bytes.copy(this.#bytes, 0, end, length);
  }
}

export interface Queues {
  readonly txBytes: number;
  readonly rxBytes: number;
}

const SOCKET = /^\s*\d+: [0-9A-F]+:[0-9A-F]+ [0-9A-F]+:[0-9A-F]+ ([0-9A-F]{2}) ([0-9A-F]{8,}):([0-9A-F]{8,}) /;

/** @param line number, both addresses, state, queues, and what is not of interest here */
export function parseSocket(line: string): Queues & { readonly state: number } {
  const [, state, tx, rx] = SOCKET.exec(line) ?? [];
  if (state === undefined || tx === undefined || rx === undefined) throw new Error(`a socket's line is '${line.slice(0, 80)}'`);
  return { state: Number.parseInt(state, 16), txBytes: Number.parseInt(tx, 16), rxBytes: Number.parseInt(rx, 16) };
}
