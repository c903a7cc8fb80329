import { type Observer, Subject, type Subscription } from 'rxjs';
import type { Gap } from '../streams/question.ts';
import { type AgentError, errorOf, isErrorBody } from './agent-error.ts';
import { Backoff, type BackoffOptions } from './backoff.ts';
import type { Query } from './options.ts';

/** What is told of a topic. */
export type TopicEvent<T = unknown> =
  | { readonly type: 'value'; readonly value: T; readonly sequence: number | null }
  /** Something between the last value and the next one is gone; `before` is that last value, null where none had come. */
  | { readonly type: 'gap'; readonly gap: Gap; readonly before: T | null }
  /** There is no value now, such as of an interface that went; the next one may come. */
  | { readonly type: 'absent'; readonly error: AgentError };

interface FeedWatcher {
  readonly onGap: (gap: Gap, before: unknown) => void;
  /** Called once, before its subscribers are told. */
  readonly onEnd: () => void;
}

/** The agent looks back no further, milliseconds. */
const LONGEST_LAST_MS = 24 * 3_600_000;
/** Smaller numbers are a plugin's own count, and no milliseconds. */
const EARLIEST_TIME = 1e12;

/** One question and how far it has been answered, whichever way the answers come. */
export class Feed {
  readonly topic: string;
  readonly query: Query;
  /** Pauses before it is asked again where it alone has failed. */
  readonly backoff: Backoff;
  readonly #events = new Subject<TopicEvent>();
  /** Sequence of what came last. */
  #position: number | null = null;
  /** What comes with a sequence up to this has come already. */
  #floor = 0;
  /** What the newest question began behind; 0: it did not say. */
  #askedBehind = 0;
  /** What came last, by the connection that it came over: there they only rise. */
  readonly #heard = new WeakMap<object, number>();
  #last: Extract<TopicEvent, { type: 'value' }> | null = null;
  #newest: TopicEvent | null = null;
  #askedAtMs: number | null = null;
  #toldGap: string | null = null;
  #hasEnded = false;
  readonly #watcher: FeedWatcher;
  readonly #pauses: BackoffOptions;

  constructor(topic: string, query: Query, pauses: BackoffOptions, watcher: FeedWatcher) {
    this.topic = topic;
    this.query = query;
    this.#watcher = watcher;
    this.#pauses = pauses;
    this.backoff = new Backoff(pauses);
  }

  /** The same question for nobody, to see whether an answer gets through. */
  probe(): Feed {
    return new Feed(this.topic, this.query, this.#pauses, { onGap: () => {}, onEnd: () => {} });
  }

  get isObserved(): boolean {
    return this.#events.observed;
  }

  /** Who comes later is told the newest at once, as by the agent. */
  subscribe(observer: Partial<Observer<TopicEvent>>): Subscription {
    if (this.#newest) observer.next?.(this.#newest);
    return this.#events.subscribe(observer);
  }

  /**
   * The question as it is to be asked now, so that what is missing comes, and nothing comes twice.
   * @param nowMs by a clock that does not stand still while the machine sleeps
   */
  ask(nowMs = Date.now()): Query {
    const askedMs = this.#askedAtMs === null ? null : nowMs - this.#askedAtMs;
    this.#askedAtMs ??= nowMs;
    this.#askedBehind = this.#position ?? 0;
    const { since, last, ...own } = this.query;
    if (this.#position !== null) return { ...own, since: String(this.#position) };
    if (askedMs === null || since !== undefined || last !== undefined) return this.query;
    // Nothing has come yet: what was published since it was asked first is what was missed.
    return { ...own, last: `${Math.min(LONGEST_LAST_MS, Math.max(0, Math.ceil(askedMs)) + 1)}ms` };
  }

  /** Does the next answer begin where one ended, or was that asked for? */
  get isResumed(): boolean {
    return this.#position !== null || this.#askedAtMs !== null || this.query.since !== undefined || this.query.last !== undefined;
  }

  /**
   * @param sequence as it was told beside the value; where it was not, the value's own counts
   * @param from the connection that it came over; another one may bring it, too
   */
  take(value: unknown, sequence: number | null = sequenceOf(value), from?: object): void {
    if (sequence !== null && from) this.#noteCount(sequence, from);
    if (sequence !== null && sequence <= this.#floor) return;
    if (sequence !== null) this.moveTo(sequence);
    this.backoff.reset();
    this.#toldGap = null;
    if (isErrorBody(value)) return void this.refuse(errorOf(value));
    this.#last = { type: 'value', value, sequence };
    this.#tell(this.#last);
  }

  /** A plugin that was loaded anew may count from one again: else all of that would be taken for what has come already. */
  #noteCount(sequence: number, from: object): void {
    const before = this.#heard.get(from) ?? this.#askedBehind;
    this.#heard.set(from, sequence);
    if (sequence >= before) return;
    const reason = before > EARLIEST_TIME ? 'clock' : 'restart';
    this.missed({ sinceSequence: before, nextSequence: sequence, gapMs: null, reason });
  }

  /** All up to there has come. */
  moveTo(sequence: number): void {
    this.#position = sequence;
    this.#floor = sequence;
  }

  missed(gap: Gap): void {
    this.#askedBehind = 0;
    // A connection that is cut right behind it says it again.
    const told = JSON.stringify([gap.sinceSequence, gap.reason]);
    if (told === this.#toldGap) return;
    this.#toldGap = told;
    // What counts from one again, or by a clock that was set back, is behind where we are.
    this.#floor = 0;
    const before = this.#last?.value ?? null;
    this.#watcher.onGap(gap, before);
    this.#tell({ type: 'gap', gap, before });
  }

  /** @returns whether it is to be asked again */
  refuse(error: AgentError): boolean {
    const mayReturn = error.code === 'HOSTPULSE_ERR_NO_SUCH_PATH' && this.#last !== null;
    if (error.isFinal && !mayReturn) {
      this.fail(error);
      return false;
    }
    const newest = this.#newest;
    const isTold = newest?.type === 'absent' && newest.error.code === error.code;
    if (!isTold && mayReturn) this.#tell({ type: 'absent', error });
    return true;
  }

  fail(error: Error): void {
    if (this.#isOver()) return;
    this.#events.error(error);
  }

  end(): void {
    if (this.#isOver()) return;
    this.#events.complete();
  }

  /** Ends it, for who asks: once. */
  #isOver(): boolean {
    if (this.#hasEnded) return true;
    this.#hasEnded = true;
    this.#watcher.onEnd();
    return false;
  }

  #tell(event: TopicEvent): void {
    if (this.#hasEnded) return;
    this.#newest = event;
    this.#events.next(event);
  }
}

export function sequenceOf(value: unknown): number | null {
  if (typeof value !== 'object' || value === null) return null;
  const { sequence } = value as { sequence?: unknown };
  return Number.isSafeInteger(sequence) && Number(sequence) >= 0 ? Number(sequence) : null;
}
