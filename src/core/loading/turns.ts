import { HostpulseError } from '../errors.ts';

/** A client may ask for as much as it likes. */
const MOST_WAITING = 100;

/** One piece of work at a time; who wants the same as one that has not begun waits for that one. */
export class Turns<T> {
  readonly #waiting = new Map<string, Promise<T>>();
  #last: Promise<unknown> = Promise.resolve();

  /** @param key the same for the same work @throws HOSTPULSE_ERR_TOO_MANY, and what the work throws */
  async take(key: string, work: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(key);
    if (waiting) return waiting;
    if (this.#waiting.size >= MOST_WAITING)
      throw new HostpulseError('HOSTPULSE_ERR_TOO_MANY', `${MOST_WAITING} reloads are waiting already`);
    const turn = this.#last.then(() => {
      this.#waiting.delete(key);
      return work();
    });
    this.#waiting.set(key, turn);
    this.#last = turn.catch(() => {});
    return turn;
  }
}
