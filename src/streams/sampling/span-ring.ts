import { firstWhere } from '../first-where.ts';
import { retainedBytes } from './retained-bytes.ts';
import type { Stamp } from './timed-reader.ts';

/** What a listener was told of: a reading, held against one before it. */
export interface Span<R extends Stamp = Stamp> {
  /** null: there was none. */
  readonly baseline: R | null;
  readonly reading: R;
  /** A baseline older than this is a gap. */
  readonly longestMs: number;
}

interface Kept<R extends Stamp> extends Span<R> {
  readonly bytes: number;
}

/** What keeps a reading, and what it has beside its content. */
const SPAN_BYTES = 350;

/** What was told at one interval, oldest first: readings, not what was made of them. */
export class SpanRing<R extends Stamp> {
  bytes = 0;
  /** Somebody listens. */
  isLive = false;
  /** What its newest run of listening began with has this for a baseline; before that, others stand in. */
  beginsAfter = 0;
  /** Nothing that was told, or would have been with somebody listening, is missing behind this sequence. */
  completeAfter = Number.POSITIVE_INFINITY;
  #kept: Kept<R>[] = [];

  get size(): number {
    return this.#kept.length;
  }

  /** From the oldest to the newest, milliseconds. */
  get spanMs(): number {
    const [oldest, newest] = [this.#kept[0], this.#kept.at(-1)];
    return oldest && newest ? newest.reading.monotonicMs - oldest.reading.monotonicMs : 0;
  }

  get newest(): Span<R> | null {
    return this.#kept.at(-1) ?? null;
  }

  push(span: Span<R>): void {
    const { reading } = span;
    const before = this.newest?.reading;
    if (before && before.sequence >= reading.sequence) return;
    const bytes = SPAN_BYTES + retainedBytes(reading, before);
    this.#kept.push({ ...span, bytes });
    this.bytes += bytes;
    this.completeAfter = Math.min(this.completeAfter, reading.sequence);
  }

  /** The oldest that came after a sequence. */
  firstAfter(sequence: number): Span<R> | null {
    return this.#kept[this.#indexAfter(sequence)] ?? null;
  }

  /** The oldest after a sequence that fits, up to another. */
  find(sequence: number, upTo: number, fits: (reading: R) => boolean): R | null {
    for (let index = this.#indexAfter(sequence); index < this.#kept.length; index++) {
      const { reading } = this.#kept[index] as Span<R>;
      if (reading.sequence > upTo) return null;
      if (fits(reading)) return reading;
    }
    return null;
  }

  atOrBefore(sequence: number): R | null {
    return this.#kept[this.#indexAfter(sequence) - 1]?.reading ?? null;
  }

  /** The newest reading that is not younger than that moment; the oldest where it does not reach back so far. */
  atOrBeforeMs(monotonicMs: number): R | null {
    const index = firstWhere(this.#kept, ({ reading }) => reading.monotonicMs > monotonicMs);
    return (this.#kept[index - 1] ?? this.#kept[0])?.reading ?? null;
  }

  /** Lets go what is older than that moment, but for the newest `least`. */
  forgetBefore(monotonicMs: number, least: number): void {
    const oldest = this.#kept[0];
    if (!oldest || oldest.reading.monotonicMs >= monotonicMs) return;
    const old = firstWhere(this.#kept, ({ reading }) => reading.monotonicMs >= monotonicMs);
    this.#drop(Math.min(old, this.#kept.length - least));
  }

  forgetOldest(): void {
    this.#drop(1);
  }

  #drop(count: number): void {
    if (count <= 0) return;
    for (const { bytes, reading } of this.#kept.splice(0, count)) {
      this.bytes -= bytes;
      this.completeAfter = Math.max(this.completeAfter, reading.sequence);
    }
  }

  #indexAfter(sequence: number): number {
    return firstWhere(this.#kept, ({ reading }) => reading.sequence > sequence);
  }
}
