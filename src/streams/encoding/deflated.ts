import { constants, deflateRawSync } from 'node:zlib';
import { remembered } from '../remembered.ts';
import type { EncodingParts } from './encoding-parts.ts';

/** Below this nothing would be won, bytes. */
const WORTH_DEFLATING_BYTES = 128;
/** The quickest: what a higher level saves is a tenth, for up to twice the time. A flush ends at a whole byte, so that another block may follow. */
const DEFLATE = { level: 1, finishFlush: constants.Z_SYNC_FLUSH } as const;
/** The last block of a message, with nothing in it. */
const END = Buffer.from([0x03, 0x00]);
const MOST_STORED_BYTES = 0xffff;

/**
 * The same, each message as raw deflate (RFC 1951) of its own. That is a chain of blocks, so a value is deflated once,
 * and each client's own id stands undeflated before it.
 *
 * Not in another thread: it takes about as long as it took to write the JSON, which is less than it costs to hand it over,
 * and messages would have to be put in order again.
 */
export function deflated(parts: EncodingParts): EncodingParts {
  const value = remembered((json) => blocks(parts.value(json)));
  const end = Buffer.concat([blocks(parts.tail(null)), END]);
  return {
    name: `${parts.name}+deflate`,
    isBinary: true,
    frame: remembered((json) => Buffer.concat([value(json), END])),
    head: (id, isNumbered) => blocks(parts.head(id, isNumbered)),
    value,
    tail: (sequence) => (sequence === null ? end : Buffer.concat([blocks(parts.tail(sequence)), END])),
    message: (message) => Buffer.concat([blocks(parts.message(message)), END]),
    // A client has little to say: it is not deflated.
    parse: parts.parse,
  };
}

/** Blocks of which none is the last. */
function blocks(bytes: Buffer): Buffer {
  if (bytes.length === 0) return bytes;
  return bytes.length < WORTH_DEFLATING_BYTES ? stored(bytes) : deflateRawSync(bytes, DEFLATE);
}

function stored(bytes: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeUInt16LE(bytes.length, 1);
  head.writeUInt16LE(bytes.length ^ MOST_STORED_BYTES, 3);
  return Buffer.concat([head, bytes]);
}
