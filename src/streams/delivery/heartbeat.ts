export interface Member {
  beat(): void;
}

/** Each beats for a part of the members: ten thousand pings at a time would hold up everything else. */
const BEATS_PER_PERIOD = 20;

/** One timer for all connections: calls every member once per period, and keeps no process alive. */
export class Heartbeat<M extends Member> {
  readonly #parts: readonly Set<M>[] = Array.from({ length: BEATS_PER_PERIOD }, () => new Set());
  readonly #periodMs: number;
  #timer: NodeJS.Timeout | null = null;
  #joined = 0;
  #beats = 0;

  constructor(periodMs: number) {
    this.#periodMs = periodMs;
  }

  get size(): number {
    return this.#parts.reduce((sum, { size }) => sum + size, 0);
  }

  *[Symbol.iterator](): Iterator<M> {
    for (const part of this.#parts) yield* part;
  }

  join(member: M): void {
    this.#part(this.#joined++).add(member);
    this.#timer ??= setInterval(() => this.#beat(), this.#periodMs / BEATS_PER_PERIOD).unref();
  }

  /** Safe to call twice. */
  leave(member: M): void {
    for (const part of this.#parts) part.delete(member);
    if (this.#timer === null || this.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #beat(): void {
    for (const member of this.#part(this.#beats++)) member.beat();
  }

  #part(number: number): Set<M> {
    return this.#parts[number % BEATS_PER_PERIOD] as Set<M>;
  }
}
