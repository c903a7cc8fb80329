/** What goes out on a WebSocket for a message: RFC 6455's head and the message, in one piece. */

const FINAL = 0x80;
const [TEXT, BINARY] = [1, 2];
/** In place of a length: it follows, in so many bytes. */
const [TWO_BYTES, EIGHT_BYTES] = [126, 127] as const;

/** What was framed last, text and binary: subscribers of one sample follow one another. */
let text: Framed | null = null;
let binary: Framed | null = null;

interface Framed {
  readonly message: Buffer;
  readonly framed: Buffer;
}

/** The same buffer for the same message. Servers do not mask, so it fits every socket. */
export function framed(message: Buffer, isBinary: boolean): Buffer {
  const last = isBinary ? binary : text;
  if (last?.message === message) return last.framed;
  const framed = Buffer.concat([head(message.length, FINAL | (isBinary ? BINARY : TEXT)), message]);
  if (isBinary) binary = { message, framed };
  else text = { message, framed };
  return framed;
}

function head(length: number, first: number): Buffer {
  if (length < TWO_BYTES) return Buffer.from([first, length]);
  const isLong = length > 0xffff;
  const head = Buffer.alloc(isLong ? 10 : 4);
  head.set([first, isLong ? EIGHT_BYTES : TWO_BYTES]);
  if (isLong) head.writeBigUInt64BE(BigInt(length), 2);
  else head.writeUInt16BE(length, 2);
  return head;
}
