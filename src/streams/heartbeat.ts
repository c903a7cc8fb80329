/** One timer for all connections: calls every member once per period, spreading nothing and keeping no process alive. */
export class Heartbeat {
  readonly #members = new Set<() => void>();
  readonly #periodMs: number;
  #timer: NodeJS.Timeout | null = null;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  /** @returns how to leave */
  join(beat: () => void): () => void {
    this.#members.add(beat);
    this.#timer ??= setInterval(() => {
      for (const member of this.#members) member();
    }, this.#periodMs).unref();
    return () => {
      this.#members.delete(beat);
      if (this.#members.size === 0) this.#stop();
    };
  }

  #stop(): void {
    if (this.#timer) clearInterval(this.#timer);
    this.#timer = null;
  }
}
