/** Values as CBOR (RFC 8949), as JSON has them: what JSON.parse gives is all that is written. */

const MAJOR = { unsigned: 0x00, negative: 0x20, text: 0x60, array: 0x80, map: 0xa0 } as const;
const SIMPLE = { false: 0xf4, true: 0xf5, null: 0xf6, float32: 0xfa, float64: 0xfb } as const;
const TWO_TO_32 = 2 ** 32;
/** The longest head that a value or its length has, bytes. */
const HEAD_BYTES = 9;
/** Shorter ones are written faster character by character than by a call. */
const SHORT_TEXT = 24;
/** Kept from one call to the next; what outgrew it once is let go. */
const KEPT_BYTES = 64 * 1024;

let buffer = Buffer.allocUnsafeSlow(KEPT_BYTES);
let at = 0;

/**
 * @param value of null, booleans, numbers, strings, arrays and plain objects only. A lone surrogate is no UTF-8: it
 * becomes U+FFFD, as wherever text is sent.
 */
export function toCbor(value: unknown): Buffer {
  at = 0;
  // No recursion: what JSON could write, however deep, can be written.
  const pending: unknown[] = [value];
  while (pending.length > 0) writeNext(pending);
  const bytes = Buffer.from(buffer.subarray(0, at));
  if (buffer.length > KEPT_BYTES) buffer = Buffer.allocUnsafeSlow(KEPT_BYTES);
  return bytes;
}

/** Writes the last of what is pending; of an array or a map the head, its members become pending. */
function writeNext(pending: unknown[]): void {
  const value = pending.pop();
  makeRoom(HEAD_BYTES);
  if (typeof value === 'string') return writeText(value);
  if (typeof value === 'number') return writeNumber(value);
  if (typeof value === 'boolean') return writeByte(value ? SIMPLE.true : SIMPLE.false);
  if (value === null) return writeByte(SIMPLE.null);
  if (Array.isArray(value)) {
    writeHead(MAJOR.array, value.length);
    for (let index = value.length - 1; index >= 0; index--) pending.push(value[index]);
    return;
  }
  const object = value as Readonly<Record<string, unknown>>;
  const keys = Object.keys(object);
  writeHead(MAJOR.map, keys.length);
  for (let index = keys.length - 1; index >= 0; index--) {
    const key = keys[index] as string;
    pending.push(object[key], key);
  }
}

/** Integers as integers as far as every reader's are exact; all others, such as 2^53, as floating point. */
function writeNumber(value: number): void {
  if (Number.isSafeInteger(value)) return value < 0 ? writeHead(MAJOR.negative, -1 - value) : writeHead(MAJOR.unsigned, value);
  if (Math.fround(value) === value) {
    writeByte(SIMPLE.float32);
    at = buffer.writeFloatBE(value, at);
    return;
  }
  writeByte(SIMPLE.float64);
  at = buffer.writeDoubleBE(value, at);
}

function writeText(text: string): void {
  const { length } = text;
  if (length < SHORT_TEXT && writeAscii(text, length)) return;
  const bytes = Buffer.byteLength(text);
  makeRoom(HEAD_BYTES + bytes);
  writeHead(MAJOR.text, bytes);
  at += buffer.write(text, at);
}

/** @returns false, and nothing is written, where it holds others than ASCII characters */
function writeAscii(text: string, length: number): boolean {
  makeRoom(1 + length);
  const start = at + 1;
  for (let index = 0; index < length; index++) {
    const code = text.charCodeAt(index);
    if (code > 0x7f) return false;
    buffer[start + index] = code;
  }
  buffer[at] = MAJOR.text | length;
  at = start + length;
  return true;
}

/** The shortest head, as deterministic encoding wants it. */
function writeHead(major: number, argument: number): void {
  if (argument < 24) return writeByte(major | argument);
  if (argument < 0x100) {
    writeByte(major | 24);
    return writeByte(argument);
  }
  if (argument < 0x1_0000) {
    writeByte(major | 25);
    at = buffer.writeUInt16BE(argument, at);
    return;
  }
  writeByte(major | (argument < TWO_TO_32 ? 26 : 27));
  if (argument >= TWO_TO_32) at = buffer.writeUInt32BE(Math.floor(argument / TWO_TO_32), at);
  at = buffer.writeUInt32BE(argument >>> 0, at);
}

function writeByte(byte: number): void {
  buffer[at++] = byte;
}

function makeRoom(bytes: number): void {
  if (at + bytes <= buffer.length) return;
  const larger = Buffer.allocUnsafeSlow(Math.max(2 * buffer.length, at + bytes));
  buffer.copy(larger, 0, 0, at);
  buffer = larger;
}
