/**
 * The time of samples, milliseconds: by the wall clock that they carry, so that one that arrives late is not counted
 * late; but a wall clock that is set (or a host that sleeps) moves nothing.
 */
export class SampleClock {
  #offset = Number.NaN;
  #lastMs = Number.NEGATIVE_INFINITY;

  /** @param timestampMs the sample's, null where it has none @param arrivedMs of the monotonic clock */
  at(timestampMs: number | null, arrivedMs: number): number {
    const own = timestampMs === null ? arrivedMs : timestampMs + this.#offset;
    // None comes from the future, nor from before the one before it.
    const isSet = !(own >= this.#lastMs && own <= arrivedMs);
    if (isSet && timestampMs !== null) this.#offset = arrivedMs - timestampMs;
    this.#lastMs = Math.max(this.#lastMs, isSet ? arrivedMs : own);
    return this.#lastMs;
  }
}
