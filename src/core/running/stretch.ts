/**
 * Whose work holds up the event loop. Stretches lie within one another as calls do: what is done for another within a
 * stretch is on the other's account, not on the first one's.
 */
interface Stretch {
  readonly owner: object | null;
  /** Spent within for others, milliseconds. */
  othersMs: number;
}

let current: Stretch | null = null;

/** @param onEnd told how long the owner's own part took, milliseconds. Within a stretch of the same owner it is part of that */
export function timed<T>(owner: object, work: () => T, onEnd: (ms: number) => void): T {
  if (current?.owner === owner) return work();
  return stretch(owner, work, onEnd);
}

/** Nobody's work: the agent's own. */
export function untimed<T>(work: () => T): T {
  return current === null || current.owner === null ? work() : stretch(null, work);
}

function stretch<T>(owner: object | null, work: () => T, onEnd?: (ms: number) => void): T {
  const outer = current;
  const own: Stretch = { owner, othersMs: 0 };
  const startMs = performance.now();
  current = own;
  try {
    return work();
  } finally {
    current = outer;
    const ms = performance.now() - startMs;
    if (outer) outer.othersMs += ms;
    onEnd?.(ms - own.othersMs);
  }
}
