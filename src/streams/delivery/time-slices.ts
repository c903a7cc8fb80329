/** Nothing else waits longer than this for what is done in slices. */
const SLICE_MS = 5;

export interface Task {
  /** Does its work, or some of it. @returns whether there is more to do, when it is asked again */
  work(hasTime: () => boolean): boolean;
}

/**
 * Much work in short slices, so that ten thousand subscribers of one sample hold up nobody's GET. While there is time it
 * is done at once; what is left goes on in the order in which it came, and all the rest of the agent in between.
 */
export class TimeSlices {
  #queue: Task[] = [];
  #next = 0;
  #isSliceOpen = false;
  #sliceEndMs = 0;
  readonly #clock: () => number;
  readonly #soon: (work: () => void) => void;

  /** @param soon does a work when what waits for the loop has had its turn, and no later: a timer would idle in between */
  constructor(clock: () => number = () => performance.now(), soon: (work: () => void) => void = setImmediate) {
    this.#clock = clock;
    this.#soon = soon;
  }

  /** How many wait. */
  get waiting(): number {
    return this.#queue.length - this.#next;
  }

  /** At once, or behind those that wait already. */
  do(task: Task): void {
    if (this.waiting === 0) {
      if (!this.#isSliceOpen) this.#openSlice();
      if (this.#hasTime() && !task.work(this.#hasTime)) return;
    }
    this.#queue.push(task);
    if (this.waiting === 1) this.#later();
  }

  /** It ends with what the loop is at now: who publishes next has a slice of its own. */
  #openSlice(): void {
    this.#isSliceOpen = true;
    this.#sliceEndMs = this.#clock() + SLICE_MS;
    queueMicrotask(() => {
      this.#isSliceOpen = false;
    });
  }

  #later(): void {
    this.#soon(this.#goOn);
  }

  readonly #goOn = (): void => {
    this.#sliceEndMs = this.#clock() + SLICE_MS;
    try {
      do {
        const task = this.#queue[this.#next++] as Task;
        if (task.work(this.#hasTime)) this.#queue.push(task);
      } while (this.waiting > 0 && this.#hasTime());
    } finally {
      // Also behind one that throws: the others are not to wait for ever.
      this.#tidy();
      if (this.waiting > 0) this.#later();
    }
  };

  /** Once in a while, so that a queue that is never empty costs no memory. */
  #tidy(): void {
    if (this.#next <= this.#queue.length / 2) return;
    this.#queue.splice(0, this.#next);
    this.#next = 0;
  }

  readonly #hasTime = (): boolean => this.#clock() < this.#sliceEndMs;
}
