import type { Encoding } from './encoding.ts';
import type { Frame } from './frame.ts';
import { ProtocolError } from './protocol.ts';

const TAIL = Buffer.from('}');

/** What was wrapped last: subscribers of one sample follow one another, and mostly by the same id. */
let last: { readonly id: string; readonly json: Buffer; readonly message: Buffer } | null = null;

function write(value: object): Buffer {
  return Buffer.from(JSON.stringify(value));
}

/** Text, as a GET answers it. */
export const JSON_ENCODING: Encoding = {
  name: 'json',
  isBinary: false,
  frame: ({ bytes }) => bytes,
  /** Puts the frame's own bytes behind a head that is made once per subscription. */
  underId: (id) => {
    const head = Buffer.from(`{"type":"data","id":${JSON.stringify(id)},"data":`);
    return ({ bytes: json, event, value }: Frame) => {
      if (event) return write({ type: event, id, ...(value as object) });
      if (last?.json !== json || last.id !== id) last = { id, json, message: Buffer.concat([head, json, TAIL]) };
      return last.message;
    };
  },
  message: write,
  parse: () => {
    throw new ProtocolError('a binary message; this socket speaks json: send text');
  },
};
