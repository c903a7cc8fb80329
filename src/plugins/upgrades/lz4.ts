/**
 * Frames of LZ4, in which apt keeps its lists where it is told to compress them; Node has no decoder of its own. Checksums
 * are not looked at: who reads has to notice himself that a list is none.
 */

import { HeldBytes } from './held-bytes.ts';

const MAGIC = 0x184d2204;
/** How far back a match can reach. */
const WINDOW_BYTES = 65_536;
const MOST_BLOCK_BYTES = 4_194_304;
const IS_STORED = 0x8000_0000;

/** @yields what was packed; each piece is valid until the next. @throws where it is no such frame */
export async function* unpackLz4(packed: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const input = new Input(packed);
  while (await input.has(4)) {
    if (input.take(4).readUInt32LE() !== MAGIC) throw new Error('it is no frame of LZ4');
    yield* unpackFrame(input);
  }
}

async function* unpackFrame(input: Input): AsyncGenerator<Buffer> {
  await input.need(2);
  const [flags = 0, sizes = 0] = input.take(2);
  const mostBytes = 4 ** (4 + ((sizes >> 4) & 7)) * 256;
  if (flags >> 6 !== 1 || mostBytes < 65_536 || (flags & 1) !== 0) throw new Error('it is a frame of LZ4 of a kind that is not known');
  const hasSize = (flags & 8) !== 0;
  await input.need(hasSize ? 9 : 1);
  input.take(hasSize ? 9 : 1);
  const out = Buffer.allocUnsafeSlow(WINDOW_BYTES + mostBytes);
  const blockSumBytes = (flags & 16) !== 0 ? 4 : 0;
  for (let start = 0; ; ) {
    await input.need(4);
    const said = input.take(4).readUInt32LE();
    if (said === 0) break;
    const length = said & ~IS_STORED;
    if (length > mostBytes) throw new Error('it has a block of LZ4 that is too long');
    await input.need(length + blockSumBytes);
    const block = input.take(length);
    const end = said >= IS_STORED ? start + block.copy(out, start) : unpackBlock(block, out, start, mostBytes);
    input.take(blockSumBytes);
    yield out.subarray(start, end);
    // The next block may copy from the end of this one.
    const kept = Math.min(end, WINDOW_BYTES);
    out.copyWithin(0, end - kept, end);
    start = kept;
  }
  if ((flags & 4) === 0) return;
  await input.need(4);
  input.take(4);
}

/** @returns where in `out` it ends */
function unpackBlock(block: Buffer, out: Buffer, start: number, mostBytes: number): number {
  const limit = start + mostBytes;
  let at = 0;
  let end = start;
  const longer = (short: number): number => {
    let length = short;
    if (short === 15) for (let more = 255; more === 255; length += more) more = block[at++] ?? 0;
    return length;
  };
  while (at < block.length) {
    const token = block[at++] as number;
    const literals = longer(token >> 4);
    if (at + literals > block.length || end + literals > limit) throw new Error('it has a broken block of LZ4');
    block.copy(out, end, at, at + literals);
    at += literals;
    end += literals;
    if (at === block.length) return end;
    const distance = (block[at] as number) | ((block[at + 1] ?? 0) << 8);
    at += 2;
    const length = longer(token & 15) + 4;
    if (distance === 0 || distance > end || end + length > limit) throw new Error('it has a broken block of LZ4');
    // What is copied may be what was just written.
    if (distance >= length) out.copyWithin(end, end - distance, end - distance + length);
    else for (let to = end; to < end + length; to++) out[to] = out[to - distance] as number;
    end += length;
  }
  return end;
}

class Input {
  readonly #pieces: AsyncIterator<Buffer>;
  readonly #held = new HeldBytes(4 * WINDOW_BYTES, 2 * MOST_BLOCK_BYTES);

  constructor(pieces: AsyncIterable<Buffer>) {
    this.#pieces = pieces[Symbol.asyncIterator]();
  }

  /** @returns whether there are so many bytes left */
  async has(count: number): Promise<boolean> {
    while (this.#held.length < count) {
      const { done, value } = await this.#pieces.next();
      if (done) return false;
      this.#held.add(value);
    }
    return true;
  }

  async need(count: number): Promise<void> {
    if (!(await this.has(count))) throw new Error('it ends too early');
  }

  take(count: number): Buffer {
    const taken = this.#held.bytes.subarray(0, count);
    this.#held.drop(count);
    return taken;
  }
}
