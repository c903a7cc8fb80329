import { filter, map, Observable, Subject } from 'rxjs';
import type { Gap } from '../streams/question.ts';
import { Connection, type ConnectionState } from './connection.ts';
import { Feed, type TopicEvent } from './feed.ts';
import { type ClientOptions, type Conditional, type OfThePast, type Query, type Settings, toSettings } from './options.ts';
import { getJson, urlOf } from './requests.ts';
import type { HistoryColumns, TopicName, TopicTypes, Turn } from './topic-types.ts';

/** Something of a topic that did not come and will not. */
export interface TopicGap {
  readonly topic: string;
  readonly query: Query;
  readonly gap: Gap;
  /** The last value before it; null where none had come. */
  readonly before: unknown;
}

/**
 * An agent, followed. One connection for all topics, made anew when it breaks; each topic goes on where it was.
 * @throws TypeError for a URL or an option that is wrong
 */
export function connect(url: string, options: ClientOptions = {}): Client {
  return new Client(toSettings(url, options));
}

export class Client {
  /** Ends with `closed`. The newest is told at once. */
  readonly state$: Observable<ConnectionState>;
  /** Of all topics that somebody listens to. */
  readonly gaps$: Observable<TopicGap>;
  readonly #settings: Settings;
  readonly #connection: Connection;
  readonly #gaps = new Subject<TopicGap>();
  /** Equal questions are asked once. */
  readonly #shared = new Map<string, Feed>();
  readonly #closed = new AbortController();

  /** Use `connect`. */
  constructor(settings: Settings) {
    this.#settings = settings;
    this.#connection = new Connection(settings);
    this.state$ = this.#connection.state$.asObservable();
    this.gaps$ = this.#gaps.asObservable();
  }

  /** The state now. */
  get state(): ConnectionState {
    return this.#connection.state$.value;
  }

  /** The values of a topic, each once and in order, from the newest on; asked for as long as somebody listens. */
  topic(topic: string, query: Conditional): Observable<Turn>;
  topic<N extends TopicName>(topic: N, query?: Query): Observable<TopicTypes[N]>;
  topic<T = unknown>(topic: string, query?: Query): Observable<T>;
  topic(topic: string, query: Query = {}): Observable<unknown> {
    return this.events(topic, query).pipe(
      filter((event) => event.type === 'value'),
      map(({ value }) => value),
    );
  }

  /** As `topic`, with what else is told: gaps, and that there is no value. Fails with what the agent refuses for good. */
  events(topic: string, query: Conditional): Observable<TopicEvent<Turn>>;
  events<N extends TopicName>(topic: N, query?: Query): Observable<TopicEvent<TopicTypes[N]>>;
  events<T = unknown>(topic: string, query?: Query): Observable<TopicEvent<T>>;
  events(topic: string, query: Query = {}): Observable<TopicEvent> {
    return new Observable((subscriber) => {
      if (this.#closed.signal.aborted) return subscriber.error(new Error('the client is closed'));
      const { feed, isNew } = this.#feedOf(topic, query);
      const subscription = feed.subscribe(subscriber);
      if (isNew) this.#connection.add(feed);
      return () => {
        subscription.unsubscribe();
        if (!feed.isObserved) feed.end();
      };
    });
  }

  /** What a GET of that path answers now. @throws AgentError for what the agent refuses */
  async get<N extends TopicName>(path: N, query: OfThePast): Promise<readonly TopicTypes[N][]>;
  async get(path: `${string}/history`, query?: Query): Promise<HistoryColumns>;
  async get<N extends TopicName>(path: N, query?: Query): Promise<TopicTypes[N]>;
  async get<T = unknown>(path: string, query?: Query): Promise<T>;
  async get(path: string, query: Query = {}): Promise<unknown> {
    return (await getJson(this.#settings, urlOf(this.#settings, path, query), this.#closed.signal)).value;
  }

  /** Ends all topics and lets go of everything. */
  close(): void {
    if (this.#closed.signal.aborted) return;
    this.#closed.abort(new Error('the client is closed'));
    this.#connection.close('closed by its user');
    this.#gaps.complete();
  }

  #feedOf(topic: string, query: Query): { readonly feed: Feed; readonly isNew: boolean } {
    const { firstRetryMs, mostRetryMs } = this.#settings;
    const key = keyOf(topic, query);
    const known = key === null ? undefined : this.#shared.get(key);
    if (known) return { feed: known, isNew: false };
    const onEnd = () => {
      if (key !== null && this.#shared.get(key) === feed) this.#shared.delete(key);
      this.#connection.remove(feed);
    };
    const onGap = (gap: Gap, before: unknown) => this.#gaps.next({ topic, query, gap, before });
    const pauses = { firstMs: firstRetryMs, mostMs: mostRetryMs };
    const feed = new Feed(topic.replace(/^\/+/, ''), query, pauses, { onGap, onEnd });
    if (key !== null) this.#shared.set(key, feed);
    return { feed, isNew: true };
  }
}

/** null: it begins in the past, at a place of its own. */
function keyOf(topic: string, query: Query): string | null {
  if (query.since !== undefined || query.last !== undefined) return null;
  const names = Object.keys(query).filter((name) => query[name] !== undefined);
  return JSON.stringify([topic.replace(/^\/+/, ''), names.sort().map((name) => [name, String(query[name])])]);
}
