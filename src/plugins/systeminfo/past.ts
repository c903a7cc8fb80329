import type { PastValue } from '../../core/base-plugin.ts';

export interface PastPart {
  readonly name: string;
  /** Oldest first. */
  readonly values: Iterable<PastValue>;
}

interface Head {
  readonly name: string;
  readonly values: Iterator<PastValue>;
  next: PastValue;
}

/**
 * The pasts of all parts as one: what was told within half a pace of one another stands together, at the time of the first, each
 * part at most once. Taken from the parts as it is needed.
 */
export function* together(parts: readonly PastPart[], paceMs: number): Generator<PastValue> {
  const heads: Head[] = [];
  try {
    for (const { name, values: given } of parts) {
      const values = given[Symbol.iterator]();
      const { value, done } = values.next();
      if (!done) heads.push({ name, values, next: value });
    }
    let whole: Record<string, unknown> = {};
    let fromMs = Number.NEGATIVE_INFINITY;
    for (let head = oldest(heads); head; head = oldest(heads)) {
      const { value, timestampMs } = head.next;
      if (timestampMs >= fromMs + paceMs / 2 || Object.hasOwn(whole, head.name)) {
        if (Object.keys(whole).length > 0) yield { value: whole, timestampMs: fromMs };
        whole = {};
        fromMs = timestampMs;
      }
      whole[head.name] = value;
      advance(head, heads);
    }
    if (Object.keys(whole).length > 0) yield { value: whole, timestampMs: fromMs };
  } finally {
    for (const { values } of heads) values.return?.();
  }
}

function oldest(heads: readonly Head[]): Head | undefined {
  let first = heads[0];
  for (const head of heads) if (head.next.timestampMs < (first as Head).next.timestampMs) first = head;
  return first;
}

function advance(head: Head, heads: Head[]): void {
  const { value, done } = head.values.next();
  if (done) heads.splice(heads.indexOf(head), 1);
  else head.next = value;
}
