import { from, Observable, type ObservableInput } from 'rxjs';
import { HostpulseError } from '../errors.ts';
import { type Declared, type Fields, fieldsOfTopic } from '../fields.ts';
import { followPath, type IdentityFields, type Path } from '../json-path.ts';
import {
  isComposed,
  isRecorded,
  type Kept,
  type Past,
  type PastStart,
  type PastValue,
  type Query,
  type RecordedTopic,
  type Topic,
} from '../topic.ts';
import { keptOf } from './kept.ts';
import { type ChainLink, currentChain, handingOnOf, refuseCircle } from './plugin-call.ts';
import type { PluginScope } from './plugin-scope.ts';
import type { PluginStatistics } from './plugin-statistics.ts';
import { checkedPast, pulled } from './pulled-past.ts';
import { Seldom } from './seldom.ts';

export interface PublishedTopicsOptions {
  readonly route: string;
  readonly topics: Readonly<Record<string, Topic>>;
  readonly identityFields: () => IdentityFields;
  readonly declared: Declared;
  readonly scope: PluginScope;
  readonly statistics: Pick<PluginStatistics, 'publishedOne' | 'publishes'>;
  readonly note: (error: unknown, what: string) => void;
}

/** What one instance of a plugin publishes, each topic run inside the plugin's scope. */
export class PublishedTopics {
  readonly names: readonly string[];
  readonly #options: PublishedTopicsOptions;
  readonly #seldom = new Seldom();

  constructor(options: PublishedTopicsOptions) {
    this.#options = options;
    this.names = Object.keys(options.topics);
  }

  get route(): string {
    return this.#options.route;
  }

  /** @throws HOSTPULSE_ERR_NO_TOPIC, and what the plugin throws, such as its refusal of a query */
  values(path: Path, query: Query): Observable<unknown> {
    const { topics, scope } = this.#options;
    const name = this.nameOf(path);
    const topic = topics[name] as Topic;
    refuseCircle(currentChain(), `${this.route}/${name}`);
    const link: ChainLink = { name: `${this.route}/${name}`, isOpen: true };
    return this.#within(
      name,
      link,
      scope.run(`opening topic ${name}`, () => from(valuesOf(topic, query)), [...currentChain(), link]),
    );
  }

  /** What the plugin remembers of a topic; null where it leaves that to the agent. @throws as `values` does */
  past(path: Path, query: Query, start: PastStart): Past | null {
    const { topics, scope } = this.#options;
    const name = this.nameOf(path);
    const topic = topics[name] as Topic;
    if (!isRecorded(topic) || !this.#remembers(topic, query)) return null;
    const inScope = <T>(work: () => T) => scope.run(`the past of topic ${name}`, work);
    const past = checkedPast(
      inScope(() => topic.past(query, start)),
      name,
    );
    return { ...past, values: pulled(past.values, inScope) };
  }

  /** For columns: what the plugin puts together from others' topics; null where it does not. @throws as `values` does */
  composed(path: Path, query: Query, start: PastStart): Iterable<PastValue> | null {
    const name = this.nameOf(path);
    const topic = this.#options.topics[name] as Topic;
    if (!isComposed(topic)) return null;
    refuseCircle(currentChain(), `${this.route}/${name}`);
    const chain = [...currentChain(), { name: `${this.route}/${name}`, isOpen: true }];
    const inScope = <T>(work: () => T) => this.#options.scope.run(`the history of topic ${name}`, work, chain);
    return pulled(
      inScope(() => topic.history(query, start)),
      inScope,
    ) as Generator<PastValue>;
  }

  /** How much the plugin remembers, of all topics that tell. @throws what the plugin throws */
  get kept(): Kept {
    const { topics, scope } = this.#options;
    return keptOf(topics, (work) => scope.run('what it keeps', work));
  }

  has(name: string | undefined): boolean {
    return name !== undefined && this.names.includes(name);
  }

  isRecorded(path: Path, query: Query): boolean {
    const topic = this.#options.topics[this.nameOf(path)] as Topic;
    return isRecorded(topic) && this.#remembers(topic, query);
  }

  /** Of some queries at least. */
  isRemembering(path: Path): boolean {
    return isRecorded(this.#options.topics[this.nameOf(path)] as Topic);
  }

  /** Of which nothing is to be left out. */
  everyValueCounts(path: Path, query: Query): boolean {
    const topic = this.#options.topics[this.nameOf(path)] as Topic;
    return isRecorded(topic) && topic.everyValueCounts === true && this.#remembers(topic, query);
  }

  /** The value at a path of what is published. @throws HOSTPULSE_ERR_NO_SUCH_PATH */
  follow(value: unknown, path: Path): unknown {
    const into = this.into(path);
    return into.length === 0 ? value : followPath(value, into, this.#options.identityFields());
  }

  /** What of the path is behind the topic's name. */
  into(path: Path): Path {
    return this.nameOf(path) === path[0] ? path.slice(1) : path;
  }

  get identityFields(): IdentityFields {
    return this.#options.identityFields();
  }

  /** What is declared of a topic's values; null where nothing is. */
  fieldsOf(path: Path): Fields | null {
    return fieldsOfTopic(this.#options.declared, this.nameOf(path), this.names[0]);
  }

  /** The topic that the path's first segment names, or else the first one. @throws HOSTPULSE_ERR_NO_TOPIC */
  nameOf(path: Path): string {
    const [first = ''] = path;
    const name = this.names.includes(first) ? first : this.names[0];
    if (name !== undefined) return name;
    throw new HostpulseError('HOSTPULSE_ERR_NO_TOPIC', `${this.#options.route} publishes nothing to subscribe to; GET and POST it`);
  }

  #remembers(topic: RecordedTopic, query: Query): boolean {
    if (!topic.remembers) return true;
    return this.#options.scope.run('what a topic remembers', () => topic.remembers?.(query)) === true;
  }

  /** The plugin's code runs inside its scope; what is done with its values does not. */
  #within(name: string, link: ChainLink, source: Observable<unknown>): Observable<unknown> {
    const { scope, statistics, note } = this.#options;
    const { goesRound, handOn } = handingOnOf(link.name);
    return new Observable((subscriber) => {
      const chain = [...currentChain(), link];
      let isHandingOn = false;
      const next = (value: unknown) => {
        // Handed on in the midst of another, values would come in the wrong order.
        if (isHandingOn || goesRound()) return this.#noteCircle(link.name);
        isHandingOn = true;
        try {
          statistics.publishedOne(value);
          handOn(() => subscriber.next(value));
        } finally {
          isHandingOn = false;
        }
      };
      const subscribe = () =>
        source.subscribe({
          next,
          error: (error: unknown) => handOn(() => subscriber.error(error)),
          complete: () => handOn(() => subscriber.complete()),
        });
      // Which values are under way where it is opened has nothing to do with its own.
      const stopCounting = statistics.publishes();
      const subscription = scope.run(`subscribing to topic ${name}`, subscribe, chain, []);
      return () => {
        link.isOpen = false;
        stopCounting();
        try {
          scope.run(`unsubscribing from topic ${name}`, () => subscription.unsubscribe(), chain, []);
        } catch (error) {
          // Its reader is gone in any case, and has others to take leave of.
          note(error, `topic ${name} failed to end`);
        }
      };
    });
  }

  #noteCircle(topic: string): void {
    if (!this.#seldom.isTimeFor(topic)) return;
    const error = new Error(`/${topic} was published in answer to itself: plugins observe one another in a circle`);
    this.#options.note(error, 'a value is left out');
  }
}

function valuesOf(topic: Topic, query: Query): ObservableInput<unknown> {
  if (typeof topic === 'function') return topic(query);
  return isRecorded(topic) || isComposed(topic) ? topic.values(query) : topic;
}
