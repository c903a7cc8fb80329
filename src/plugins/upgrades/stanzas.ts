import { type FileHandle, open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import { READ_AT_ONCE } from '../../core/base-plugin.ts';
import { elsewhere } from '../shared/threads.ts';
import { HeldBytes } from './held-bytes.ts';
import { unpackLz4 } from './lz4.ts';

const PIECE_BYTES = 65_536;
/** No package has more to say. */
const MOST_STANZA_BYTES = 4_194_304;
const END = Buffer.from('\n\n');
const NEWLINE = 10;

/** Bytes of one stanza; valid until it is left. */
export interface Stanza {
  readonly bytes: Buffer;
  readonly start: number;
  readonly end: number;
}

/**
 * Reads files of stanzas (dpkg's status, apt's lists), plain, `.gz` or `.lz4`, piece by piece: whatever its size, a file holds up
 * the loop for a piece's time only, and takes a piece's memory.
 */
export class StanzaReader {
  #leftBytes: number;
  #isClosed = false;

  /** @param mostBytes of all files together, unpacked */
  constructor(mostBytes: number) {
    this.#leftBytes = mostBytes;
  }

  close(): void {
    this.#isClosed = true;
  }

  /** @throws the system's error, or what is wrong with the file */
  each(path: string, onStanza: (stanza: Stanza) => void): Promise<void> {
    return elsewhere(() => this.#each(path, onStanza));
  }

  async #each(path: string, onStanza: (stanza: Stanza) => void): Promise<void> {
    const file = await open(path, READ_AT_ONCE);
    try {
      const stat = await file.stat();
      if (!stat.isFile()) throw new Error('it is no file');
      // Unpacked it is not smaller.
      if (stat.size > this.#leftBytes) throw new Error('it is larger than is read here');
      const held = new HeldBytes(2 * PIECE_BYTES, MOST_STANZA_BYTES);
      for await (const piece of unpacked(path, file)) {
        this.#take(piece.length);
        held.add(piece);
        held.drop(eachIn(held.bytes, onStanza));
        // Unpacking may never wait for anything. A timer would be ended with its plugin, and the file would stay open.
        await file.stat();
      }
      if (held.bytes.length > 0) onStanza({ bytes: held.bytes, start: 0, end: held.bytes.length });
    } finally {
      await file.close();
    }
  }

  #take(bytes: number): void {
    if (this.#isClosed) throw new Error('the plugin has ended');
    this.#leftBytes -= bytes;
    if (this.#leftBytes < 0) throw new Error('the lists are larger than is read here');
  }
}

function unpacked(path: string, file: FileHandle): AsyncIterable<Buffer> {
  if (path.endsWith('.lz4')) return unpackLz4(pieces(file));
  if (path.endsWith('.gz')) return unzipped(file);
  return pieces(file);
}

async function* pieces(file: FileHandle): AsyncGenerator<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(PIECE_BYTES);
  for (;;) {
    const { bytesRead } = await file.read(buffer, 0, PIECE_BYTES, null);
    if (bytesRead === 0) return;
    yield buffer.subarray(0, bytesRead);
  }
}

async function* unzipped(file: FileHandle): AsyncGenerator<Buffer> {
  const unzip = createGunzip({ chunkSize: PIECE_BYTES });
  const stream = file.createReadStream({ highWaterMark: PIECE_BYTES, autoClose: false });
  stream.on('error', (error) => unzip.destroy(error));
  try {
    yield* stream.pipe(unzip);
  } finally {
    stream.destroy();
    unzip.destroy();
  }
}

/** @returns where the stanza begins that is not whole */
function eachIn(bytes: Buffer, onStanza: (stanza: Stanza) => void): number {
  for (let start = 0; ; ) {
    while (bytes[start] === NEWLINE) start++;
    const end = bytes.indexOf(END, start);
    if (end < 0) return start;
    onStanza({ bytes, start, end });
    start = end + END.length;
  }
}

const PACKAGE = Buffer.from('Package: ');

/** Cheap where it comes first, as it does in all lists that apt and dpkg write. */
export function packageOf({ bytes, start, end }: Stanza): string | null {
  if (bytes.compare(PACKAGE, 0, PACKAGE.length, start, Math.min(start + PACKAGE.length, end)) !== 0) {
    return fieldOf(bytes.toString('latin1', start, end), 'Package');
  }
  const line = bytes.indexOf(NEWLINE, start);
  return bytes.toString('latin1', start + PACKAGE.length, line < 0 || line > end ? end : line).trim();
}

export function textOf({ bytes, start, end }: Stanza): string {
  return bytes.toString('latin1', start, end);
}

export function fieldOf(stanza: string, name: 'Package' | 'Version' | 'Architecture' | 'Status'): string | null {
  return PATTERNS[name].exec(stanza)?.[1]?.trim() || null;
}

const PATTERNS = {
  Package: /^Package:(.*)$/im,
  Version: /^Version:(.*)$/im,
  Architecture: /^Architecture:(.*)$/im,
  Status: /^Status:(.*)$/im,
};
