/** What a plugin publishes. A leaf: imports nothing of ours. */
import type { Observable } from 'rxjs';

/** The variables of a subscription, by name. Values from a URL are strings; from a body or /stream any JSON. */
export type Query = Readonly<Record<string, unknown>>;

/** Values over time under a name: an observable, or one made for each distinct query (throw badVariable for a wrong one). */
export type Topic = Observable<unknown> | ((query: Query) => Observable<unknown>) | RecordedTopic | ComposedTopic;

/** A topic that remembers. Of others the agent keeps what it sees while somebody listens. */
export interface RecordedTopic<T = unknown> {
  readonly values: (query: Query) => Observable<T>;
  /** What `values` of the same query has published from there on, or would have with somebody listening. */
  readonly past: (query: Query, start: PastStart) => Past<T>;
  /** Of which queries it remembers; of the others the agent keeps what it sees. Without it: of all. */
  readonly remembers?: (query: Query) => boolean;
  /** true: each value counts, such as an event; who reads too slowly is told all that `past` has, not only the newest. */
  readonly everyValueCounts?: boolean;
  /** How much it remembers, for who looks after the agent. */
  readonly kept?: () => Kept;
}

/** A topic made of others', whose past can be told as columns by what they remember. Of itself the agent keeps what it sees. */
export interface ComposedTopic<T = unknown> {
  readonly values: (query: Query) => Observable<T>;
  /** From there on, oldest first: what its values would have held, each part of them where it was told. */
  readonly history: (query: Query, start: PastStart) => Iterable<PastValue>;
}

/** What was told, and when: Unix time. */
export interface PastValue {
  readonly value: unknown;
  readonly timestampMs: number;
}

/** How much of the past there is. */
export interface Kept {
  readonly samples: number;
  /** About. */
  readonly bytes: number;
  /** From the oldest to the newest, milliseconds. */
  readonly spanMs: number;
}

/** Where in the past to begin: behind that sequence and not before that moment of the wall clock; 0 where it does not matter. */
export interface PastStart {
  readonly afterSequence: number;
  readonly fromTimestampMs: number;
}

export interface Past<T = unknown> {
  /** Oldest first, each made when it is taken; what comes to be published meanwhile is in it, too. */
  readonly values: Iterable<T>;
  /** Nothing is missing behind this sequence. */
  readonly completeAfter: number;
  /** Sequence of what was published last; null where nothing was. */
  readonly newest: number | null;
}

export function isRecorded(topic: Topic): topic is RecordedTopic {
  return typeof topic === 'object' && topic !== null && 'past' in topic && 'values' in topic;
}

export function isComposed(topic: Topic): topic is ComposedTopic {
  return typeof topic === 'object' && topic !== null && 'history' in topic && 'values' in topic && !('past' in topic);
}
