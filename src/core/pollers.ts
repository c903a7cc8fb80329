import type { Observable, Subscription } from 'rxjs';

/** Who has not asked again by then, does not poll any more, milliseconds. */
const HOLD_MS = 15_000;
/** Whoever asks ever new questions must not have all of them answered at once. */
const MOST_HELD = 100;

interface Held {
  readonly subscription: Subscription;
  readonly timer: NodeJS.Timeout;
}

/** Listens for those who poll, between their requests: what a topic publishes then is kept for the next one. */
export class Pollers {
  /** By question, the one that was asked last at the end. */
  readonly #held = new Map<string, Held>();
  readonly #holdMs: number;

  constructor(holdMs = HOLD_MS) {
    this.#holdMs = holdMs;
  }

  get size(): number {
    return this.#held.size;
  }

  hold(key: string, live: Observable<unknown>): void {
    const known = this.#held.get(key);
    if (known) {
      known.timer.refresh();
      this.#held.delete(key);
      this.#held.set(key, known);
      return;
    }
    const release = () => this.#release(key);
    const subscription = live.subscribe({ error: release, complete: release });
    // What ends at once needs nobody to listen to it.
    if (subscription.closed) return;
    this.#held.set(key, { subscription, timer: setTimeout(release, this.#holdMs).unref() });
    if (this.#held.size > MOST_HELD) this.#release(this.#held.keys().next().value as string);
  }

  #release(key: string): void {
    const held = this.#held.get(key);
    this.#held.delete(key);
    clearTimeout(held?.timer);
    held?.subscription.unsubscribe();
  }
}
