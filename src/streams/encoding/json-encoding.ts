import { ProtocolError } from '../delivery/protocol.ts';
import type { Encoding } from './encoding.ts';
import { type EncodingParts, encodingOf } from './encoding-parts.ts';

const END = Buffer.from('}');
const asItIs = (json: Buffer) => json;

/** Text, as a GET answers it. */
export const JSON_PARTS: EncodingParts = {
  name: 'json',
  isBinary: false,
  frame: asItIs,
  head: (id) => Buffer.from(`{"type":"data","id":${JSON.stringify(id)},"data":`),
  value: asItIs,
  tail: (sequence) => (sequence === null ? END : Buffer.from(`,"sequence":${sequence}}`)),
  message: (message) => Buffer.from(JSON.stringify(message)),
  parse: () => {
    throw new ProtocolError('a binary message; this socket speaks json: send text');
  },
};

export const JSON_ENCODING: Encoding = encodingOf(JSON_PARTS);
