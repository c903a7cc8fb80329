import { from, Observable } from 'rxjs';
import type { Query, Topic } from '../base-plugin.ts';
import { HostpulseError, isHostpulseError } from '../errors.ts';
import { followPath, type IdentityFields, type Path } from '../json-path.ts';
import { isRefusal, pluginFailed } from './plugin-failure.ts';
import { currentChain, type PluginScope } from './plugin-scope.ts';

export interface PublishedTopicsOptions {
  readonly route: string;
  readonly topics: Readonly<Record<string, Topic>>;
  readonly identityFields: IdentityFields;
  readonly scope: PluginScope;
  readonly onPublished: () => void;
  readonly note: (error: unknown, what: string) => void;
}

/** What one instance of a plugin publishes, each topic run inside the plugin's scope. */
export class PublishedTopics {
  readonly names: readonly string[];
  readonly #options: PublishedTopicsOptions;

  constructor(options: PublishedTopicsOptions) {
    this.#options = options;
    this.names = Object.keys(options.topics);
  }

  /** @throws HOSTPULSE_ERR_NO_TOPIC, or the plugin's own coded error, such as its refusal of a query */
  values(path: Path, query: Query): Observable<unknown> {
    const { topics, scope } = this.#options;
    const name = this.nameOf(path);
    const topic = topics[name] as Topic;
    return this.#within(
      name,
      scope.run(() => scope.time(`opening topic ${name}`, () => this.#open(topic, query))),
    );
  }

  /** The value at a path of what is published. @throws HOSTPULSE_ERR_NO_SUCH_PATH */
  follow(value: unknown, path: Path): unknown {
    return followPath(value, this.nameOf(path) === path[0] ? path.slice(1) : path, this.#options.identityFields);
  }

  /** The topic that the path's first segment names, or else the first one. @throws HOSTPULSE_ERR_NO_TOPIC */
  nameOf(path: Path): string {
    const [first = ''] = path;
    const name = this.names.includes(first) ? first : this.names[0];
    if (name !== undefined) return name;
    throw new HostpulseError('HOSTPULSE_ERR_NO_TOPIC', `${this.#options.route} publishes nothing to subscribe to; GET and POST it`);
  }

  #open(topic: Topic, query: Query): Observable<unknown> {
    try {
      return from(typeof topic === 'function' ? topic(query) : topic);
    } catch (cause) {
      if (isRefusal(cause)) throw cause;
      this.#options.note(cause, 'topic could not be opened');
      throw isHostpulseError(cause) ? cause : pluginFailed(this.#options.route, cause);
    }
  }

  /** The plugin's code runs inside its scope; what is done with its values does not. */
  #within(name: string, source: Observable<unknown>): Observable<unknown> {
    const { route, scope, onPublished, note } = this.#options;
    const topic = `${route}/${name}`;
    return new Observable((subscriber) => {
      let isHandingOn = false;
      const next = (value: unknown) => {
        if (isHandingOn)
          return note(new Error(`/${topic} was published while it was being handed on: it goes in a circle`), 'a value is left out');
        isHandingOn = true;
        onPublished();
        try {
          scope.outside(() => subscriber.next(value));
        } finally {
          isHandingOn = false;
        }
      };
      const subscribe = () =>
        source.subscribe({
          next,
          error: (error: unknown) => scope.outside(() => subscriber.error(error)),
          complete: () => scope.outside(() => subscriber.complete()),
        });
      return scope.run(() => scope.time(`subscribing to topic ${name}`, subscribe), [...currentChain(), topic]);
    });
  }
}
