import type { Logger } from '../base-plugin.ts';
import { messageOf, shorten } from '../errors.ts';
import type { PluginStatistics } from './plugin-statistics.ts';

/** Told of again at these numbers of times, and then at every so manyth. */
const TOLD_AT: ReadonlySet<number> = new Set([10, 100, 1000]);
const TOLD_EVERY = 10_000;
/** One that has not happened for so long is news. */
const FORGOTTEN_MS = 600_000;
/** A failure that is another one each time must not fill the memory. */
const MOST_KEPT = 100;

interface Complaint {
  count: number;
  lastMs: number;
}

/** What goes wrong with a plugin: counted each time, and in the log whole at the first time and from then on only how often. */
export class Complaints {
  readonly #log: Pick<Logger, 'error'>;
  readonly #statistics: Pick<PluginStatistics, 'failed'>;
  readonly #known = new Map<string, Complaint>();

  constructor(log: Pick<Logger, 'error'>, statistics: Pick<PluginStatistics, 'failed'>) {
    this.#log = log;
    this.#statistics = statistics;
  }

  /** However often. @param what failed */
  tellWhole(error: unknown, what: string): void {
    this.#statistics.failed(error);
    this.#log.error({ err: error }, what);
  }

  /** @param what failed */
  tell(error: unknown, what: string, nowMs = performance.now()): void {
    const message = shorten(messageOf(error), 200);
    const subject = `${what}: ${message}`;
    const known = this.#known.get(subject);
    if (!known || nowMs - known.lastMs > FORGOTTEN_MS) {
      if (this.#known.size >= MOST_KEPT) this.#known.clear();
      this.#known.set(subject, { count: 1, lastMs: nowMs });
      return this.tellWhole(error, what);
    }
    this.#statistics.failed(error);
    known.count++;
    known.lastMs = nowMs;
    const isTold = TOLD_AT.has(known.count) || known.count % TOLD_EVERY === 0;
    if (isTold) this.#log.error({ count: known.count }, `${subject} (${known.count} times by now)`);
  }

  /** Everything is news again. */
  forget(): void {
    this.#known.clear();
  }
}
