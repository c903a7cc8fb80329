import { elsewhere } from '../shared/threads.ts';
import type { Status } from './schema.ts';

/** What a file system says of itself. */
export interface Space {
  readonly sizeBytes: number;
  readonly freeBytes: number;
  readonly availableBytes: number;
  readonly inodes: number;
  readonly inodesFree: number;
}

/** What came of asking. */
export interface Look {
  readonly status: Status;
  readonly error: string | null;
  readonly space: Space | null;
}

export interface Question {
  readonly key: string;
  /** Asking may never end. */
  readonly mayHang: boolean;
  readonly ask: () => Promise<Look>;
}

interface Pending {
  readonly mayHang: boolean;
  readonly look: Promise<Look>;
  readonly sinceMs: number;
  /** Not begun: others hold all threads that may be held. */
  readonly way: { readonly isBegun: boolean };
}

/**
 * Questions that have not come back. Each holds one of the four threads that Node has for files, until its server is
 * back or the process ends. Of the process, not of a plugin: one that is reloaded must not ask again.
 */
const pending = new Map<string, Pending>();
/** Threads that may be held: by servers that are gone, and by all together. One is always left for others. */
const MOST_HUNG = 2;
const MOST_HELD = 3;

function isTooMuch(mayHang: boolean): boolean {
  if (!mayHang) return pending.size >= MOST_HELD;
  return [...pending.values()].filter((other) => other.mayHang).length >= MOST_HUNG;
}

const without = (status: Status): Look => ({ status, error: null, space: null });
const STUCK = without('stuck');
const SKIPPED = without('skipped');

/** Asks file systems, one after the other, without waiting for long: one that does not answer is not asked again until it has. */
export class Looks {
  readonly #answerMs: number;
  readonly #waits = new Set<() => void>();
  #isClosed = false;

  /** @param answerMs what takes longer is stuck */
  constructor(answerMs: number) {
    this.#answerMs = answerMs;
  }

  /** @returns a look for each question, by its key, in bounded time */
  async all(questions: readonly Question[]): Promise<Map<string, Look>> {
    const looks = new Map<string, Look>();
    const lane = async (own: readonly Question[]) => {
      for (const question of own) looks.set(question.key, await this.#look(question));
    };
    // Beside each other, so that a dead server does not hold up the disks. Who is stuck is told first: it costs nothing.
    const known = (isPending: boolean) => questions.filter(({ key, mayHang }) => mayHang && pending.has(key) === isPending);
    const hanging = [...known(true), ...known(false)];
    const safe = questions.filter(({ mayHang }) => !mayHang);
    await Promise.all([lane(hanging), lane(safe)]);
    return looks;
  }

  /** Nobody waits any more. What was asked goes on: it cannot be taken back. */
  close(): void {
    this.#isClosed = true;
    for (const stop of this.#waits) stop();
  }

  async #look({ key, ask, mayHang }: Question): Promise<Look> {
    if (this.#isClosed) return SKIPPED;
    const known = pending.get(key);
    if (known) return this.#wait(known);
    if (isTooMuch(mayHang)) return SKIPPED;
    const way = { isBegun: false };
    const look = elsewhere(() => {
      way.isBegun = true;
      return ask();
    });
    const asked = { mayHang, way, look, sinceMs: performance.now() };
    pending.set(key, asked);
    const settle = () => void pending.delete(key);
    asked.look.then(settle, settle);
    return this.#wait(asked);
  }

  #wait({ look, way, sinceMs }: Pending): Look | Promise<Look> {
    const late = () => (way.isBegun ? STUCK : SKIPPED);
    const leftMs = sinceMs + this.#answerMs - performance.now();
    if (leftMs <= 0) return late();
    return new Promise((resolve, reject) => {
      const stop = () => {
        clearTimeout(timer);
        this.#waits.delete(stop);
        resolve(late());
      };
      const timer = setTimeout(stop, leftMs);
      this.#waits.add(stop);
      const done = () => {
        clearTimeout(timer);
        this.#waits.delete(stop);
      };
      look.then(
        (found) => {
          done();
          resolve(found);
        },
        (error: unknown) => {
          done();
          reject(error);
        },
      );
    });
  }
}
