import { sequenceOf } from '../frame.ts';
import type { Encoding } from './encoding.ts';

/** What an encoding is put together from. */
export interface EncodingParts extends Pick<Encoding, 'name' | 'isBinary' | 'message' | 'parse'> {
  /** A message that is a value and nothing else, from the value's JSON; the same buffer each time. */
  frame(json: Buffer): Buffer;
  /** A message of data is three things, put behind one another: what stands before the value (is a sequence told behind it?), */
  head(id: string, isNumbered: boolean): Buffer;
  /** the value, */
  value(json: Buffer): Buffer;
  /** and what ends it, with the sequence of a value that does not carry its own. */
  tail(sequence: number | null): Buffer;
}

export function encodingOf(parts: EncodingParts): Encoding {
  const { name, isBinary, frame, head, value, tail, message, parse } = parts;
  // What was put together last: subscribers of one sample follow one another, and mostly by the same id.
  let last: { readonly id: string; readonly json: Buffer; readonly told: number | null; readonly bytes: Buffer } | null = null;
  return {
    name,
    isBinary,
    frame: ({ bytes }) => frame(bytes),
    underId: (id, isNumbered = false) => {
      const [plain, numbered] = [head(id, false), head(id, true)];
      return ({ bytes: json, event, value: said, sequence }) => {
        if (event) return message({ type: event, id, ...(said as { gap: never }) });
        const told = isNumbered && sequenceOf(said) !== sequence ? sequence : null;
        if (last?.json !== json || last.id !== id || last.told !== told) {
          const bytes = Buffer.concat([told === null ? plain : numbered, value(json), tail(told)]);
          last = { id, json, told, bytes };
        }
        return last.bytes;
      };
    },
    message,
    parse,
  };
}
