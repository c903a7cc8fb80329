/** A value of a stream as the bytes that go out, made once however many read it. */
export interface Frame {
  /** What was said; not to be changed. */
  readonly value: unknown;
  /** JSON, UTF-8. */
  readonly bytes: Buffer;
  /** Place in the stream, for clients that resume or look for gaps; null where the plugin numbers nothing. */
  readonly sequence: number | null;
  /** What a GET would answer: 200, or 404 while the path leads nowhere. */
  readonly statusCode: number;
  /** Not a value, but what is said about the stream: that something is missing before the next one. */
  readonly event?: 'gap';
}

const encoded = new WeakMap<object, Buffer>();

/**
 * Value -> JSON bytes. A frozen value cannot have changed since it was last encoded, so its bytes are kept for
 * as long as it lives. That is what makes a pushed message and a polled answer the same bytes.
 * @throws TypeError for what JSON cannot say: a BigInt, a cycle, a function or undefined
 */
export function encodeOnce(value: unknown): Buffer {
  const known = typeof value === 'object' && value !== null && Object.isFrozen(value);
  const kept = known ? encoded.get(value) : undefined;
  if (kept) return kept;
  const json: string | undefined = JSON.stringify(value);
  if (json === undefined) throw new TypeError(`a ${typeof value} cannot be written as JSON`);
  const bytes = ownBytes(json);
  if (known) encoded.set(value, bytes);
  return bytes;
}

/** Not a part of the block that Node cuts small buffers from: what is kept for minutes would keep all of that. */
function ownBytes(text: string): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  bytes.write(text);
  return bytes;
}

/** Something that was said, and when. */
export interface Timed {
  readonly value: unknown;
  /** Unix time. */
  readonly timestampMs: number;
}

/** @param elseMs for a value that does not say of which moment it is */
export function timed(value: unknown, elseMs: number): Timed {
  const { timestampMs } = (value ?? {}) as { readonly timestampMs?: unknown };
  return { value, timestampMs: typeof timestampMs === 'number' && Number.isFinite(timestampMs) ? timestampMs : elseMs };
}

/** The `sequence` that a sample carries, if it carries one that a client can come back with as `since`. */
export function sequenceOf(value: unknown): number | null {
  if (typeof value !== 'object' || value === null || !('sequence' in value)) return null;
  const { sequence } = value;
  return Number.isSafeInteger(sequence) && Number(sequence) >= 0 ? Number(sequence) : null;
}
