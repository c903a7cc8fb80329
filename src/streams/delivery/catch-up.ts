import type { Frame } from '../frame.ts';
import { isPastTime } from '../sequence.ts';

/** What a subscriber has missed, taken frame by frame, so that a slow reader costs no memory. */
export class CatchUp {
  readonly #missed: () => Iterator<Frame>;
  /** The sequence that it has, as it says. */
  readonly #has: number | null;
  #frames: Iterator<Frame> | null = null;
  #lastSequence = 0;

  constructor(missed: () => Iterator<Frame>, has: number | null) {
    this.#missed = missed;
    this.#has = has;
  }

  /** @returns what is to be told where its status is 200, and else nothing yet; null at the end: what is live comes next */
  next(): Frame | null {
    this.#frames ??= this.#missed();
    const next = this.#frames.next();
    if (next.done) return null;
    const { sequence, statusCode } = next.value;
    if (statusCode === 200) this.#lastSequence = sequence ?? this.#lastSequence;
    return next.value;
  }

  /** Was this live frame not among the missed ones, nor what it has, nor before that? */
  isNews({ sequence }: Frame): boolean {
    if (sequence === null) return true;
    if (sequence === this.#has || sequence <= this.#lastSequence) return false;
    // A smaller number is news where it is of a new count, or of a clock that was set back.
    return this.#has === null || sequence > this.#has || !isPastTime(this.#has);
  }

  /** What is left is not wanted any more; nor is how its maker fails to end. */
  end(): void {
    try {
      this.#frames?.return?.();
    } catch {}
  }
}
