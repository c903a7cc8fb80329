import { Observable, type Subscription } from 'rxjs';
import type { Frame } from '../../streams/frame.ts';

/** Whoever asks ever new questions must not have all of them answered at once. */
const MOST_HELD = 100;

interface Held {
  readonly subscription: Subscription;
  readonly timer: NodeJS.Timeout;
}

/**
 * Who listens to what a plugin publishes, and in whose place is listened on for a while: of those who poll, between their
 * requests, and of those whose connection broke. What is published then is kept for them.
 */
export class Listeners {
  /** Subscriptions that are open now. */
  count = 0;
  /** By question, the one that was asked last at the end. */
  readonly #held = new Map<string, Held>();
  readonly #heldMs: number;

  constructor(heldMs: number) {
    this.#heldMs = heldMs;
  }

  /** Questions to which is listened for who is away. */
  get held(): number {
    return this.#held.size;
  }

  /** Apart from where the question is made, so that a subscriber holds nothing of it. */
  counted(frames: Observable<Frame>): Observable<Frame> {
    return new Observable((subscriber) => {
      this.count++;
      subscriber.add(this.#left);
      frames.subscribe(subscriber);
    });
  }

  readonly #left = (): void => {
    this.count--;
  };

  /** From now on, or for as long again. */
  hold(key: string, live: Observable<Frame>): void {
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
    this.#held.set(key, { subscription, timer: setTimeout(release, this.#heldMs).unref() });
    if (this.#held.size > MOST_HELD) this.#release(this.#held.keys().next().value as string);
  }

  #release(key: string): void {
    const held = this.#held.get(key);
    this.#held.delete(key);
    clearTimeout(held?.timer);
    held?.subscription.unsubscribe();
  }
}
