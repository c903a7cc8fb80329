import type { Frame } from '../frame.ts';

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

  /** @returns null at the end: what is live comes next */
  next(): Frame | null {
    this.#frames ??= this.#missed();
    const next = this.#frames.next();
    if (next.done) return null;
    this.#lastSequence = next.value.sequence ?? this.#lastSequence;
    return next.value;
  }

  /** Was this live frame not among the missed ones, nor what it has? */
  isNews({ sequence }: Frame): boolean {
    return sequence === null || (sequence !== this.#has && sequence > this.#lastSequence);
  }

  /** What is left is not wanted any more. */
  end(): void {
    this.#frames?.return?.();
  }
}
