import { closeSync, openSync, read } from 'node:fs';
import { type Host, READ_AT_ONCE } from '../../core/base-plugin.ts';
import { elsewhere } from '../shared/threads.ts';

/** The lock has been free so shortly ago that it is taken to be so still. */
const FREE_MS = 10;
/** So much later than a file that takes no lock: somebody had it. */
const BUSY_MS = 20;
/** Nobody waits longer for an answer. Free is what does not even take a hundredth of it, on a busy machine too. */
const PATIENCE_MS = 500;
const MOST_BYTES = 64;

/** Whether something that others may have for long can be had now. */
export interface Lock {
  readonly isFree: boolean;
  /** @returns when it is known whether it is free, or has not become known for too long; null where that is so already */
  whenTried(device?: string): Promise<void> | null;
}

/**
 * The kernel's lock of all that is configured of networks. Who asks for addresses takes it, and who reads a device's speed, duplex or
 * carrier. A network namespace with a thousand bridges that is taken down keeps it for many seconds: on the main thread, everybody
 * would wait with us. So it is tried on another one before.
 */
export class Rtnl implements Lock {
  readonly #root: string;
  readonly #read: typeof readElsewhere;
  #freeUntilMs = 0;
  /** Under way; with the lock held, for as long as that is. */
  #trial: Promise<void> | null = null;
  #triedMs = 0;

  constructor({ sysfs }: Pick<Host, 'sysfs'>, read = readElsewhere) {
    this.#root = `${sysfs}/class/net`;
    this.#read = read;
  }

  /** What takes it may be read now. */
  get isFree(): boolean {
    return performance.now() < this.#freeUntilMs;
  }

  /**
   * @param device whose driver tells a speed, as far as one is known: since Linux 5.16 the lock is taken for these only, for the
   * carrier of any since 6.8
   */
  whenTried(device?: string): Promise<void> | null {
    const nowMs = performance.now();
    if (!this.#trial) {
      this.#triedMs = nowMs;
      this.#trial = this.#try(device).finally(() => {
        this.#trial = null;
      });
    }
    const leftMs = this.#triedMs + PATIENCE_MS - nowMs;
    return leftMs > 0 ? within(leftMs, this.#trial) : null;
  }

  /** Once more where somebody had it only shortly. */
  async #try(device: string | undefined): Promise<void> {
    do await this.#tryOnce(device);
    while (!this.isFree && performance.now() - this.#triedMs < PATIENCE_MS / 2);
  }

  async #tryOnce(device = 'lo'): Promise<void> {
    let unlockedMs = 0;
    const unlocked = this.#read(`${this.#root}/lo/ifindex`).then(() => {
      unlockedMs = performance.now();
    });
    const locked = elsewhere(async () => {
      await this.#read(`${this.#root}/lo/carrier`);
      await this.#read(`${this.#root}/${device}/speed`);
    });
    // A loop that is busy is so for both.
    await Promise.all([unlocked, locked]);
    const nowMs = performance.now();
    if (nowMs - unlockedMs <= BUSY_MS) this.#freeUntilMs = nowMs + FREE_MS;
  }
}

/** Opening waits for nobody. What it says does not matter, nor that it cannot be read. */
function readElsewhere(path: string): Promise<void> {
  return new Promise((resolve) => {
    let fd: number;
    try {
      fd = openSync(path, READ_AT_ONCE);
    } catch {
      return resolve();
    }
    read(fd, Buffer.allocUnsafe(MOST_BYTES), 0, MOST_BYTES, 0, () => {
      closeSync(fd);
      resolve();
    });
  });
}

async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  let turn: NodeJS.Immediate | undefined;
  const late = new Promise<void>((resolve) => {
    // What is there already is heard first, also where the loop was held up.
    timer = setTimeout(() => {
      turn = setImmediate(resolve);
    }, ms);
  });
  await Promise.race([work, late]);
  clearTimeout(timer);
  if (turn) clearImmediate(turn);
}
