import { interval, type Subscription } from 'rxjs';

const RECHECK_MS = 50;

/** Somebody whose reader is behind. */
export interface Waiting {
  isReady(): boolean;
  /** Its reader has caught up. */
  goOn(): void;
  giveUp(): void;
}

/** All who wait for a slow reader, behind one timer. Nobody waits: no timer. */
export class SlowReaders {
  /** Since which tick each of them waits. */
  readonly #waiting = new Map<Waiting, number>();
  readonly #patienceTicks: number;
  /** Time is counted in ticks: what holds up the agent itself is not the readers' fault. */
  #tick = 0;
  #timer: Subscription | null = null;

  constructor(patienceMs: number) {
    this.#patienceTicks = Math.ceil(patienceMs / RECHECK_MS);
  }

  get size(): number {
    return this.#waiting.size;
  }

  add(each: Waiting): void {
    this.#waiting.set(each, this.#tick);
    this.#timer ??= interval(RECHECK_MS).subscribe(() => this.#ask());
  }

  delete(each: Waiting): void {
    this.#waiting.delete(each);
    if (this.#waiting.size > 0) return;
    this.#timer?.unsubscribe();
    this.#timer = null;
  }

  #ask(): void {
    this.#tick++;
    for (const [each, sinceTick] of this.#waiting) {
      if (each.isReady()) {
        this.delete(each);
        each.goOn();
      } else if (this.#tick - sinceTick >= this.#patienceTicks) {
        this.delete(each);
        each.giveUp();
      }
    }
  }
}
