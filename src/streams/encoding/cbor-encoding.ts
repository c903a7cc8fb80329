import { ProtocolError } from '../delivery/protocol.ts';
import { remembered } from '../remembered.ts';
import { toCbor } from './cbor.ts';
import { CborError, fromCbor } from './cbor-reader.ts';
import type { EncodingParts } from './encoding-parts.ts';

/** A map says at its beginning where it ends. */
const [MAP_OF_THREE, MAP_OF_FOUR] = [Buffer.from([0xa3]), Buffer.from([0xa4])];
const [TYPE, DATA, ID, SEQUENCE] = ['type', 'data', 'id', 'sequence'].map(toCbor) as [Buffer, Buffer, Buffer, Buffer];
const NOTHING = Buffer.alloc(0);

/**
 * Says what the JSON says, because it is made from it: `toJSON`, what is undefined or no number, all is decided there.
 * Dearer than from the value itself, which may have changed since; but once per sample, and only where somebody asks.
 */
export const cborOfJson = remembered((json) => toCbor(JSON.parse(json.toString())));

export const CBOR: EncodingParts = {
  name: 'cbor',
  isBinary: true,
  frame: cborOfJson,
  head: (id, isNumbered) => Buffer.concat([isNumbered ? MAP_OF_FOUR : MAP_OF_THREE, TYPE, DATA, ID, toCbor(id), DATA]),
  value: cborOfJson,
  tail: (sequence) => (sequence === null ? NOTHING : Buffer.concat([SEQUENCE, toCbor(sequence)])),
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
