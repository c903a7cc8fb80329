const PAUSE_MS = 10_000;

/** Says yes at first, and then every ten seconds at most, each subject for itself: for the log, of what happens again and again. */
export class Seldom {
  readonly #lastMs = new Map<string, number>();

  isTimeFor(subject: string): boolean {
    const nowMs = performance.now();
    if (nowMs - (this.#lastMs.get(subject) ?? Number.NEGATIVE_INFINITY) < PAUSE_MS) return false;
    this.#lastMs.set(subject, nowMs);
    return true;
  }
}
