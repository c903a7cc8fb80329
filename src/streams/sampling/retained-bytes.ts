/** Elements of an array of objects that are looked at; the others are taken to be like them. */
const LOOKED_AT = 32;
const DEEPEST = 4;
const REFERENCE_BYTES = 8;
const OBJECT_BYTES = 56;
/** A number that is no small integer has a place of its own on the heap. */
const NUMBER_BYTES = 12;
const TYPED_ARRAY_BYTES = 400;
const ENTRY_BYTES = 40;

/**
 * About how much memory a value keeps that the one before it does not keep already: what is the same object costs
 * nothing. An estimate from outside; bench/history.ts holds it against the heap.
 */
export function retainedBytes(value: unknown, before: unknown = undefined, depth = 0): number {
  if (typeof value === 'number') return Number.isSafeInteger(value) && Math.abs(value) < 2 ** 30 ? 0 : NUMBER_BYTES;
  // Also an equal one may be another: what is in a new object has mostly been read anew.
  if (typeof value === 'string') return 24 + value.length;
  if (typeof value !== 'object' || value === null || value === before || depth > DEEPEST) return 0;
  if (ArrayBuffer.isView(value)) return TYPED_ARRAY_BYTES + value.byteLength;
  if (Array.isArray(value)) return arrayBytes(value, Array.isArray(before) ? before : [], depth);
  // Whose key they have is mostly the same text as before.
  if (value instanceof Map || value instanceof Set) return OBJECT_BYTES + value.size * ENTRY_BYTES;
  let bytes = OBJECT_BYTES;
  for (const key of Object.keys(value)) {
    const was: unknown = typeof before === 'object' && before !== null ? before[key as keyof typeof before] : undefined;
    bytes += REFERENCE_BYTES + retainedBytes(value[key as keyof typeof value], was, depth + 1);
  }
  return bytes;
}

function arrayBytes(values: readonly unknown[], before: readonly unknown[], depth: number): number {
  const step = Math.max(1, Math.floor(values.length / LOOKED_AT));
  let [looked, bytes] = [0, 0];
  for (let index = 0; index < values.length; index += step) {
    looked++;
    bytes += retainedBytes(values[index], before[index], depth + 1);
  }
  return OBJECT_BYTES + values.length * REFERENCE_BYTES + (looked === 0 ? 0 : Math.round((bytes / looked) * values.length));
}
