/** CBOR (RFC 8949) read as what JSON could have said. Needs nothing of Node, so that a page may use it, too. */

/** Tells where, and what is allowed. */
export class CborError extends Error {
  constructor(message: string, at: number) {
    super(`${message} (at byte ${at})`);
    this.name = 'CborError';
  }
}

const INDEFINITE = -1;
const BREAK = 0xff;
/** Says of what follows that it is CBOR; all other tags give it a meaning that JSON has not. */
const SELF_DESCRIBED = 55799;
const DEEPEST = 64;

/** @throws CborError for what is no CBOR, or more than one value, or nothing that JSON could say */
export function fromCbor(bytes: Uint8Array): unknown {
  const reader = new CborReader(bytes);
  const value = reader.value(0);
  if (!reader.isAtEnd) reader.fail('something follows the value; allowed: one value');
  return value;
}

class CborReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  fail(message: string): never {
    throw new CborError(message, this.#at);
  }

  value(depth: number): unknown {
    if (depth > DEEPEST) this.fail(`nested deeper than ${DEEPEST} levels`);
    const initial = this.#byte();
    const [major, info] = [initial >> 5, initial & 0x1f];
    if (major === 7) return this.#simple(info);
    const argument = this.#argument(info);
    if (argument === INDEFINITE && (major < 2 || major === 6)) this.fail('a number of indefinite length');
    if (major === 0) return argument;
    if (major === 1) return -1 - argument;
    if (major === 2) this.fail('a byte string; allowed: what JSON could say');
    if (major === 3) return argument === INDEFINITE ? this.#chunkedText() : this.#text(argument);
    if (major === 4) return this.#array(argument, depth);
    if (major === 5) return this.#map(argument, depth);
    if (argument !== SELF_DESCRIBED) this.fail(`tag ${argument}; allowed: what JSON could say`);
    return this.value(depth + 1);
  }

  #array(length: number, depth: number): unknown[] {
    const array: unknown[] = [];
    // Nothing is reserved by what a length claims: each member takes at least a byte.
    while (this.#hasNext(length, array.length)) array.push(this.value(depth + 1));
    return array;
  }

  #map(length: number, depth: number): object {
    const entries: [string, unknown][] = [];
    while (this.#hasNext(length, entries.length)) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string') this.fail('a key that is no text; allowed: what JSON could say');
      entries.push([key, this.value(depth + 1)]);
    }
    // As JSON.parse does it: a key of any name is a key and nothing else.
    return Object.fromEntries(entries);
  }

  #hasNext(length: number, read: number): boolean {
    if (length !== INDEFINITE) return read < length;
    if (this.#bytes[this.#at] !== BREAK) return true;
    this.#at++;
    return false;
  }

  #simple(info: number): unknown {
    if (info === 20 || info === 21) return info === 21;
    // undefined is null wherever JSON has to say it.
    if (info === 22 || info === 23) return null;
    if (info === 25) return finite(halfFloat(this.#unsigned(2)));
    if (info === 26) return finite(this.#view.getFloat32(this.#take(4)));
    if (info === 27) return finite(this.#view.getFloat64(this.#take(8)));
    return this.fail(info === 31 ? 'a break without a beginning' : `simple value ${info}; allowed: false, true, null, undefined`);
  }

  #argument(info: number): number {
    if (info < 24) return info;
    if (info < 28) return this.#unsigned(2 ** (info - 24));
    return info === 31 ? INDEFINITE : this.fail(`additional information ${info}, which means nothing`);
  }

  #unsigned(bytes: number): number {
    const at = this.#take(bytes);
    if (bytes === 1) return this.#view.getUint8(at);
    if (bytes === 2) return this.#view.getUint16(at);
    if (bytes === 4) return this.#view.getUint32(at);
    return Number(this.#view.getBigUint64(at));
  }

  #text(bytes: number): string {
    const at = this.#take(bytes);
    try {
      return this.#decoder.decode(this.#bytes.subarray(at, at + bytes));
    } catch {
      return this.fail('text that is no UTF-8');
    }
  }

  #chunkedText(): string {
    let text = '';
    while (this.#hasNext(INDEFINITE, 0)) {
      const initial = this.#byte();
      const argument = initial >> 5 === 3 ? this.#argument(initial & 0x1f) : INDEFINITE;
      if (argument === INDEFINITE) this.fail('a part of a text that is no text');
      text += this.#text(argument);
    }
    return text;
  }

  #byte(): number {
    return this.#bytes[this.#take(1)] as number;
  }

  #take(bytes: number): number {
    const at = this.#at;
    if (bytes > this.#bytes.length - at) this.fail('ends in the middle of a value');
    this.#at += bytes;
    return at;
  }
}

/** As JSON writes it. */
function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}

function halfFloat(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 0x1f, bits & 0x3ff];
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}
