import type { ServerMessage } from '../delivery/protocol.ts';
import type { Frame } from '../frame.ts';
import { CBOR } from './cbor-encoding.ts';
import { deflated } from './deflated.ts';
import { encodingOf } from './encoding-parts.ts';
import { JSON_ENCODING, JSON_PARTS } from './json-encoding.ts';

/** How what is said on a socket becomes bytes. Its client chose it, by the WebSocket subprotocol. */
export interface Encoding {
  /** The subprotocol that asks for it. */
  readonly name: string;
  /** Are these binary messages or text? */
  readonly isBinary: boolean;
  /** A frame as its own URL sends it: the same buffer for all who read it. */
  frame(frame: Frame): Buffer;
  /** Frames as `/stream` sends them, under the client's id; @param isNumbered with the sequence of values that do not carry it */
  underId(id: string, isNumbered?: boolean): (frame: Frame) => Buffer;
  /** Whatever else is said on `/stream`. */
  message(message: ServerMessage): Buffer;
  /** A client's binary message as a value; text is JSON in every encoding. @throws ProtocolError */
  parse(message: Buffer): unknown;
}

const ENCODINGS: readonly Encoding[] = [JSON_ENCODING, ...[CBOR, deflated(JSON_PARTS), deflated(CBOR)].map(encodingOf)];

/** The names of all encodings, the default first. */
export const SUBPROTOCOLS: readonly string[] = ENCODINGS.map(({ name }) => name);

/** JSON for who asked for none. */
export function encodingNamed(subprotocol: string): Encoding {
  return ENCODINGS.find(({ name }) => name === subprotocol) ?? JSON_ENCODING;
}
