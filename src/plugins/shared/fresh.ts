/** Reads of one scrape come within this time, milliseconds. */
const SHARED_MS = 5;

/** Reads anew, but once for several that ask in the same moment: what is told together is of one reading. */
export function fresh<T>(read: () => T): () => T {
  let last: { readonly value: T; readonly timeMs: number } | null = null;
  return () => {
    const timeMs = performance.now();
    if (!last || timeMs - last.timeMs > SHARED_MS) last = { value: read(), timeMs };
    return last.value;
  };
}
