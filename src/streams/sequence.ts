/** Sequences of our own are wall clock milliseconds; smaller ones are a plugin's own count. */
export const EARLIEST_TIME = 1e12;

/** A moment that has been: nothing later than it need have been published. */
export function isPastTime(sequence: number): boolean {
  return sequence > EARLIEST_TIME && sequence <= Date.now();
}

/**
 * Sequence numbers that rise strictly, also across restarts: the wall clock in milliseconds,
 * or one more than the last where that would not rise (several in a millisecond, a clock set back).
 */
export function sequencer(wallMs: () => number = Date.now): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, Math.floor(wallMs()));
    return last;
  };
}
