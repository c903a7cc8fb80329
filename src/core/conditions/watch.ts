import type { BoundCondition } from './bind.ts';
import { type Condition, conditionText } from './condition.ts';
import { SampleClock } from './sample-clock.ts';
import type { Context } from './way.ts';

/** What a subscriber with `when` is told, but for its place in the stream. */
export interface Turn {
  readonly event: 'entered' | 'left';
  /** Wall clock of the sample that made it so. */
  readonly timestampMs: number;
  readonly condition: string;
  /** Of the element that it is true of, as it continues the URL; empty for the whole. */
  readonly path: string;
  /** The fields that the condition looks at. */
  readonly values: Readonly<Record<string, unknown>>;
  /** How long it had been so by then: true where it entered, over where it left. */
  readonly forMs: number;
  /** Of one that left: how long it was in. */
  readonly lastedMs?: number;
  /** Of one that left, not because the condition ended but because the element did. */
  readonly reason?: 'gone';
}

export interface Seen {
  readonly value: unknown;
  readonly timestampMs: number | null;
  /** Of the monotonic clock. */
  readonly arrivedMs: number;
}

/** An element of which the condition is true, or is about to be. */
interface Standing {
  isIn: boolean;
  enteredMs: number;
  path: string;
  /** How long the opposite of what it is has held, as far as that is known. */
  heldMs: number;
  isHolding: boolean;
  /** The sample in which it was seen last. */
  round: number;
}

/** A tick is not quite punctual: what is missing of the time may be so much of the interval. */
const PUNCTUAL = 20;

/** Follows a condition from sample to sample: what comes to be true, and what ceases to. */
export class Watch {
  readonly #text: string;
  readonly #enterMs: number;
  readonly #leaveMs: number;
  readonly #clock = new SampleClock();
  readonly #standing = new Map<string, Standing>();
  #round = 0;
  #lastMs: number | null = null;

  constructor(condition: Condition) {
    const { trigger, until } = condition;
    this.#text = conditionText(condition);
    this.#enterMs = trigger.forMs;
    this.#leaveMs = (until ?? trigger).forMs;
  }

  /** @param bound to values of this shape @returns what has changed, in the order of the elements, the gone ones last */
  see({ value, timestampMs, arrivedMs }: Seen, bound: BoundCondition): Turn[] {
    const nowMs = this.#clock.at(timestampMs, arrivedMs);
    const elapsedMs = this.#lastMs === null ? 0 : nowMs - this.#lastMs;
    const wallMs = timestampMs ?? Date.now();
    this.#lastMs = nowMs;
    this.#round++;
    const turns: Turn[] = [];
    const unknown = bound.elements.visit(value, (context, key, path) => {
      const turn = this.#judge({ bound, context, key, path, nowMs, elapsedMs, wallMs });
      if (turn) turns.push(turn);
    });
    // It begins with the last one.
    turns.reverse();
    if (this.#standing.size > 0) turns.push(...this.#gone(unknown, nowMs, wallMs));
    return turns;
  }

  /** There is nothing any more where the condition looks. */
  seeNothing(seen: Omit<Seen, 'value'>): Turn[] {
    this.#round++;
    this.#lastMs = this.#clock.at(seen.timestampMs, seen.arrivedMs);
    return this.#gone([], this.#lastMs, seen.timestampMs ?? Date.now());
  }

  #judge({ bound, context, key, path, nowMs, elapsedMs, wallMs }: Judged): Turn | null {
    let standing = this.#standing.get(key);
    if (standing?.round === this.#round) return null;
    const isIn = standing?.isIn ?? false;
    const truth = (isIn ? bound.release : bound.trigger)(context);
    if (!standing) {
      if (truth !== true) return null;
      standing = { isIn, enteredMs: 0, path: '', heldMs: 0, isHolding: false, round: 0 };
      this.#standing.set(key, standing);
    }
    standing.round = this.#round;
    if (truth === true && standing.isHolding) standing.heldMs += elapsedMs;
    standing.isHolding = truth === true;
    if (truth === false) {
      standing.heldMs = 0;
      if (!isIn) this.#standing.delete(key);
    }
    const neededMs = isIn ? this.#leaveMs : this.#enterMs;
    const { heldMs } = standing;
    if (truth !== true || heldMs + Math.min(elapsedMs, neededMs) / PUNCTUAL < neededMs) return null;
    const values = bound.values(context);
    if (isIn) {
      this.#standing.delete(key);
      return { ...this.#turn('left', wallMs, standing.path), values, forMs: Math.round(heldMs), lastedMs: lastedMs(standing, nowMs) };
    }
    Object.assign(standing, { isIn: true, enteredMs: nowMs, path: path(), heldMs: 0, isHolding: false });
    return { ...this.#turn('entered', wallMs, standing.path), values, forMs: Math.round(heldMs) };
  }

  #turn<E extends Turn['event']>(event: E, timestampMs: number, path: string) {
    return { event, timestampMs, condition: this.#text, path };
  }

  /** Those that were not seen in this sample. */
  #gone(unknown: readonly string[], nowMs: number, wallMs: number): Turn[] {
    const turns: Turn[] = [];
    for (const [key, standing] of this.#standing) {
      if (standing.round === this.#round || unknown.some((start) => key.startsWith(start))) continue;
      this.#standing.delete(key);
      if (!standing.isIn) continue;
      const turn = this.#turn('left', wallMs, standing.path);
      turns.push({ ...turn, values: {}, forMs: 0, lastedMs: lastedMs(standing, nowMs), reason: 'gone' });
    }
    return turns;
  }
}

function lastedMs({ enteredMs }: Standing, nowMs: number): number {
  return Math.round(nowMs - enteredMs);
}

interface Judged {
  readonly bound: BoundCondition;
  readonly context: Context;
  readonly key: string;
  readonly path: () => string;
  readonly nowMs: number;
  readonly elapsedMs: number;
  readonly wallMs: number;
}
