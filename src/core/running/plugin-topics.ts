import {
  concatMap,
  defer,
  distinctUntilChanged,
  EMPTY,
  finalize,
  from,
  type Observable,
  of,
  retry,
  Subject,
  takeUntil,
  throwError,
  timer,
} from 'rxjs';
import { encodeOnce, type Frame, sequenceOf } from '../../streams/frame.ts';
import { SharedByKey } from '../../streams/shared-by-key.ts';
import type { Query, Topic } from '../base-plugin.ts';
import { HostpulseError, isHostpulseError, toErrorBody } from '../errors.ts';
import type { Path } from '../json-path.ts';
import { canonicalKey } from '../request-data.ts';

export interface PluginTopicsOptions {
  readonly route: string;
  /** The value at a path of what is published. @throws HOSTPULSE_ERR_NO_SUCH_PATH */
  readonly follow: (value: unknown, path: Path) => unknown;
  /** Takes note of what went wrong, for the log and the statistics. */
  readonly note: (error: unknown, what: string) => void;
}

/** A broken observable is started again after this, doubled each time. */
const RETRY_MS = 250;
const RETRY_MOST_MS = 30_000;

/**
 * What a plugin publishes, as frames. Equal questions (topic, path and query) share one execution and the same
 * bytes. An observable that fails is started again with growing pauses: its subscribers see a gap, not an end.
 */
export class PluginTopics {
  /** Subscriptions that are open now. */
  subscribers = 0;
  readonly #options: PluginTopicsOptions;
  readonly #questions = new SharedByKey<Frame>();
  readonly #stopped = new Subject<void>();
  #topics: Readonly<Record<string, Topic>> = {};

  constructor(options: PluginTopicsOptions) {
    this.#options = options;
  }

  publish(topics: Readonly<Record<string, Topic>>): void {
    this.#topics = topics;
  }

  get names(): string[] {
    return Object.keys(this.#topics);
  }

  has(name: string | undefined): boolean {
    return name !== undefined && Object.hasOwn(this.#topics, name);
  }

  /** The topic that the path's first segment names, or else the first one, with the path into its values. */
  open(path: Path, query: Query): Observable<Frame> {
    const name = this.has(path[0]) ? path[0] : this.names[0];
    const topic = name === undefined ? undefined : this.#topics[name];
    if (topic === undefined) {
      throw new HostpulseError('HOSTPULSE_ERR_NO_TOPIC', `${this.#options.route} publishes nothing to subscribe to; GET and POST it`);
    }
    const into = name === path[0] ? path.slice(1) : path;
    const key = JSON.stringify([name, into, canonicalKey(query)]);
    const frames = this.#questions.get(key, () => this.#frames(topic, into, query));
    return defer(() => {
      this.subscribers++;
      return frames.pipe(finalize(() => this.subscribers--));
    });
  }

  /** Ends every stream. */
  stop(): void {
    this.#stopped.next();
  }

  #frames(topic: Topic, path: Path, query: Query): Observable<Frame> {
    return this.#values(topic, query).pipe(
      retry({ delay: (error, count) => this.#pauseAfter(error, count), resetOnSuccess: true }),
      concatMap((value) => this.#frame(value, path)),
      // A path that leads nowhere (an interface that went) is said once, not at every tick.
      distinctUntilChanged((before, now) => before.statusCode === 404 && now.statusCode === 404),
      takeUntil(this.#stopped),
    );
  }

  /** @throws the plugin's own coded error, such as its refusal of a query; anything else that it throws stays in the log */
  #values(topic: Topic, query: Query): Observable<unknown> {
    try {
      return from(typeof topic === 'function' ? topic(query) : topic);
    } catch (cause) {
      if (isRefusal(cause)) throw cause;
      this.#options.note(cause, 'topic could not be opened');
      if (isHostpulseError(cause)) throw cause;
      throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_FAILED', `${this.#options.route} failed; the agent's log has the details`, { cause });
    }
  }

  #pauseAfter(error: unknown, count: number): Observable<unknown> {
    if (isRefusal(error)) return throwError(() => error);
    const pauseMs = Math.min(RETRY_MS * 2 ** (count - 1), RETRY_MOST_MS);
    this.#options.note(error, `observable failed, starts again in ${pauseMs} ms`);
    return timer(pauseMs);
  }

  #frame(value: unknown, path: Path): Observable<Frame> {
    const sequence = sequenceOf(value);
    try {
      const followed = this.#options.follow(value, path);
      return of({ value: followed, bytes: encodeOnce(followed), sequence, statusCode: 200 });
    } catch (error) {
      if (isHostpulseError(error)) return of(refusalFrame(error, sequence));
      this.#options.note(error, 'a published value cannot be written as JSON and is left out');
      return EMPTY;
    }
  }
}

function refusalFrame(error: HostpulseError, sequence: number | null): Frame {
  const value = toErrorBody(error);
  return { value, bytes: encodeOnce(value), sequence, statusCode: error.statusCode };
}

/** What a plugin says to a client, rather than what went wrong with the plugin. */
export function isRefusal(error: unknown): boolean {
  return isHostpulseError(error) && error.statusCode < 500;
}
