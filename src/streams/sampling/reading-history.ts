import { type Span, SpanRing } from './span-ring.ts';
import type { Stamp } from './timed-reader.ts';

export interface ReadingHistoryLimits {
  /** How far back, milliseconds. */
  readonly historyMs: number;
  /** Of all intervals together; a reading that several intervals were told of counts for each. */
  readonly historyBytes: number;
}

export interface ReadingHistoryOptions extends ReadingHistoryLimits {
  /** Its readings stand in where nobody listened to another interval. */
  readonly baseIntervalMs: number;
}

/** Rings of intervals that nobody listens to any more. */
const MOST_IDLE = 16;
/** Never let go: rates need a baseline, however big a reading is. */
const LEAST_OF_BASE = 2;
/** A tick may come a little before its time. */
const EARLY_MS = 2;
/** What happened in less is no rate. */
const SHORTEST_MS = 100;

/** Older than this, what should come once per interval is a gap. */
export function longestMs(intervalMs: number): number {
  return Math.max(3 * intervalMs, intervalMs + 2000);
}

function isOldEnough({ monotonicMs }: Stamp, intervalMs: number, nowMs: number): boolean {
  return nowMs - monotonicMs >= Math.min(SHORTEST_MS, intervalMs / 2);
}

/**
 * The past of every interval, made of readings: each is taken once, and kept by each interval that was told of it. Where
 * nobody listened to an interval, the base interval's readings on its grid stand in, each held against the one before
 * it in that very past: whatever is replayed, no time is left out and none is there twice.
 */
export class ReadingHistory<R extends Stamp> {
  readonly #options: ReadingHistoryOptions;
  readonly #base = new SpanRing<R>();
  readonly #rings: Map<number, SpanRing<R>>;
  /** Ticks of an interval fall on multiples of it after this. */
  originMs = 0;

  constructor(options: ReadingHistoryOptions) {
    this.#options = options;
    this.#rings = new Map([[options.baseIntervalMs, this.#base]]);
  }

  get base(): SpanRing<R> {
    return this.#base;
  }

  get size(): number {
    return this.#sum(({ size }) => size);
  }

  get spanMs(): number {
    return Math.max(...[...this.#rings.values()].map(({ spanMs }) => spanMs));
  }

  get bytes(): number {
    return this.#sum(({ bytes }) => bytes);
  }

  newest(intervalMs: number): Span<R> | null {
    return this.#rings.get(intervalMs)?.newest ?? null;
  }

  /** What a question is answered against; null where there is nothing, or what is too young to tell a rate. */
  baselineAt(intervalMs: number, nowMs: number): R | null {
    const baseline = this.#base.atOrBeforeMs(nowMs - intervalMs);
    return baseline && isOldEnough(baseline, intervalMs, nowMs) ? baseline : null;
  }

  /** What who begins to listen to an interval now is told against: as a question, but never again what was told before. */
  baselineFor(intervalMs: number, nowMs: number): R | null {
    const base = this.baselineAt(intervalMs, nowMs);
    const own = this.#rings.get(intervalMs)?.newest?.reading;
    return own && isOldEnough(own, intervalMs, nowMs) && own.sequence > (base?.sequence ?? 0) ? own : base;
  }

  /** Where the base interval's readings are all there is to hold a first one against, they may be that old. */
  patienceMs(intervalMs: number): number {
    return longestMs(Math.max(intervalMs, this.#options.baseIntervalMs));
  }

  /**
   * Somebody begins to listen.
   * @param baseline what the first that is new is held against
   * @param isOnTime nothing has been due since
   */
  begin(intervalMs: number, baseline: R | null, isOnTime: boolean): void {
    const hasStandIns = this.#base.isLive;
    const ring = this.#rings.get(intervalMs) ?? new SpanRing<R>();
    // The one that was listened to last goes last.
    if (ring !== this.#base) this.#rings.delete(intervalMs);
    this.#rings.set(intervalMs, ring);
    ring.isLive = true;
    ring.beginsAfter = baseline?.sequence ?? 0;
    const isContinued = baseline !== null && baseline === ring.newest?.reading;
    if (isContinued && (isOnTime || hasStandIns)) return;
    ring.completeAfter = baseline && hasStandIns ? baseline.sequence : Number.POSITIVE_INFINITY;
  }

  end(intervalMs: number): void {
    const ring = this.#rings.get(intervalMs);
    if (ring) ring.isLive = false;
  }

  push(intervalMs: number, span: Span<R>): void {
    this.#rings.get(intervalMs)?.push(span);
    this.#forget(span.reading.monotonicMs);
  }

  /** Nothing of an interval is missing behind this sequence. */
  completeAfter(intervalMs: number): number {
    const live = [this.#base, this.#rings.get(intervalMs)].map((ring) => (ring?.isLive ? ring.completeAfter : Number.POSITIVE_INFINITY));
    return Math.min(...live);
  }

  /** What a listener of that interval was told after a sequence, or would have been; and what is told while it is taken. */
  *after(intervalMs: number, sequence: number): Generator<Span<R>> {
    let [last, previous] = [sequence, this.#readingAt(intervalMs, sequence)];
    for (let next = this.#next(intervalMs, last, previous); next; next = this.#next(intervalMs, last, previous)) {
      [last, previous] = [next.reading.sequence, next.reading];
      yield next;
    }
  }

  #next(intervalMs: number, last: number, previous: R | null): Span<R> | null {
    const ring = this.#rings.get(intervalMs);
    const told = ring?.firstAfter(last) ?? null;
    if (ring === this.#base) return told;
    const upTo = told ? (told.baseline?.sequence ?? 0) : ring?.isLive ? ring.beginsAfter : Number.POSITIVE_INFINITY;
    const cell = ({ monotonicMs }: R) => Math.floor((monotonicMs + EARLY_MS - this.originMs) / intervalMs);
    const isNext = (reading: R) => !previous || reading.sequence === upTo || cell(reading) > cell(previous);
    const reading = this.#base.find(last, upTo, isNext);
    if (reading)
      return {
        baseline: previous ?? this.#base.firstAfter(reading.sequence - 1)?.baseline ?? null,
        reading,
        longestMs: this.patienceMs(intervalMs),
      };
    const isBehind = told?.baseline && previous && told.baseline.sequence > previous.sequence;
    // What it was held against has been let go; told as it was, the time between would be missing.
    return isBehind ? { baseline: previous, reading: told.reading, longestMs: this.patienceMs(intervalMs) } : told;
  }

  /** What who has seen that sequence of an interval was told last. */
  #readingAt(intervalMs: number, sequence: number): R | null {
    const own = this.#rings.get(intervalMs)?.atOrBefore(sequence) ?? null;
    const base = this.#base.atOrBefore(sequence);
    return own && (!base || own.sequence >= base.sequence) ? own : base;
  }

  #forget(nowMs: number): void {
    const { historyMs, historyBytes } = this.#options;
    this.#base.forgetBefore(nowMs - historyMs, LEAST_OF_BASE);
    // At most times nobody has asked for another interval.
    if (this.#rings.size > 1) this.#forgetOthers(nowMs);
    while (this.bytes > historyBytes && this.#forgetOne()) {}
  }

  #forgetOthers(nowMs: number): void {
    const { historyMs } = this.#options;
    let idle = 0;
    for (const [intervalMs, ring] of [...this.#rings].reverse()) {
      if (ring === this.#base) continue;
      // Who comes back before the next one was due has missed nothing.
      const isCurrent = ring.newest !== null && nowMs - ring.newest.reading.monotonicMs <= intervalMs;
      ring.forgetBefore(nowMs - historyMs, isCurrent || ring.isLive ? 1 : 0);
      if (!ring.isLive && (ring.size === 0 || ++idle > MOST_IDLE)) this.#rings.delete(intervalMs);
    }
  }

  /** Who asks for other intervals may use half of the memory at the cost of the base. */
  #forgetOne(): boolean {
    const others = [...this.#rings.values()].filter((ring) => ring !== this.#base && ring.size > 1);
    const biggest = others.reduce<SpanRing<R> | null>((most, ring) => (most && most.bytes >= ring.bytes ? most : ring), null);
    const isTheirTurn = this.bytes - this.#base.bytes > this.#options.historyBytes / 2 || this.#base.size <= LEAST_OF_BASE;
    const ring = biggest && isTheirTurn ? biggest : this.#base;
    if (ring === this.#base && ring.size <= LEAST_OF_BASE) return false;
    ring.forgetOldest();
    return true;
  }

  #sum(of: (ring: SpanRing<R>) => number): number {
    let sum = 0;
    for (const ring of this.#rings.values()) sum += of(ring);
    return sum;
  }
}
