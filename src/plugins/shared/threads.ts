/**
 * Node has four threads, for files and for compressing answers. A read that does not come back (from a server that is gone, a
 * chip on a bus that hangs, behind a lock of the kernel's) holds one until it does; four of them would hold up every other read of the
 * agent, and every answer that is gzipped. So whatever may wait so goes through here, and one thread is always left.
 */
const MOST_HELD = 3;

let held = 0;
const waiting: (() => void)[] = [];

/**
 * Does work on another thread that may hold it for long: at once, or when another such work has come back. Of the process, not of a
 * plugin: what one that is reloaded has left behind counts, too. What waits for others of its kind inside would wait for itself.
 */
export async function elsewhere<T>(work: () => Promise<T>): Promise<T> {
  if (held < MOST_HELD) held++;
  // Its place is handed on, so that nobody comes first who came later.
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    if (next) next();
    else held--;
  }
}
