import { toCbor } from './cbor.ts';
import { CborError, fromCbor } from './cbor-reader.ts';
import { type EncodingParts, oncePerJson } from './encoding-parts.ts';
import { ProtocolError } from './protocol.ts';

const MAP_OF_THREE = Buffer.from([0xa3]);
const [TYPE, DATA, ID] = ['type', 'data', 'id'].map(toCbor) as [Buffer, Buffer, Buffer];

/**
 * Says what the JSON says, because it is made from it: `toJSON`, what is undefined or no number, all is decided there.
 * Dearer than from the value itself, which may have changed since; but once per sample, and only where somebody asks.
 */
export const cborOfJson = oncePerJson((json) => toCbor(JSON.parse(json.toString())));

export const CBOR: EncodingParts = {
  name: 'cbor',
  isBinary: true,
  frame: cborOfJson,
  head: (id) => Buffer.concat([MAP_OF_THREE, TYPE, DATA, ID, toCbor(id), DATA]),
  value: cborOfJson,
  // A map says at its beginning where it ends.
  tail: Buffer.alloc(0),
  message: (message) => toCbor(message),
  parse: (message) => {
    try {
      return fromCbor(message);
    } catch (error) {
      if (error instanceof CborError) throw new ProtocolError(`not CBOR that is understood: ${error.message}`);
      throw error;
    }
  },
};
