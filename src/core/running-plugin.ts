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
import { encodeOnce, type Frame, sequenceOf } from '../streams/frame.ts';
import { SharedByKey } from '../streams/shared-by-key.ts';
import type { Answer, BasePlugin, Logger, PluginContext, Query, RequestData, Topic } from './base-plugin.ts';
import type { PluginSettings } from './config-schema.ts';
import { withDeadline } from './deadline.ts';
import { HostpulseError, isHostpulseError, toErrorBody } from './errors.ts';
import { followPath, type Path } from './json-path.ts';
import { PluginStatistics } from './plugin-statistics.ts';
import { canonicalKey } from './request-data.ts';

// biome-ignore lint/suspicious/noExplicitAny: the parameters' type is the plugin's own business; its schema checks them.
type AnyParameters = any;

/** A class derived from BasePlugin. */
export interface PluginClass {
  new (context: PluginContext<AnyParameters>): BasePlugin<AnyParameters>;
  readonly parameterSchema?: Readonly<Record<string, object>>;
}

export type PluginState = 'registered' | 'initializing' | 'ready' | 'failed' | 'terminating' | 'terminated';

export interface PluginDeadlines {
  readonly handlerMs: number;
  readonly initializeMs: number;
  readonly terminateMs: number;
}

export interface RunningPluginOptions {
  readonly name: string;
  readonly pluginClass: PluginClass;
  readonly context: PluginContext;
  readonly settings: PluginSettings;
  readonly deadlines: PluginDeadlines;
}

/** A broken observable is started again after this, doubled each time. */
const RETRY_MS = 250;
const RETRY_MOST_MS = 30_000;

/**
 * What every plugin needs and none should write: its state, deadlines, statistics, shared topics, and a wall
 * around its errors. The plugin inside never hears of a client, the server never touches the plugin.
 */
export class RunningPlugin {
  readonly name: string;
  readonly route: string;
  readonly settings: PluginSettings;
  readonly statistics = new PluginStatistics();
  state: PluginState = 'registered';

  readonly #deadlines: PluginDeadlines;
  readonly #log: Logger;
  readonly #plugin: BasePlugin | null = null;
  readonly #questions = new SharedByKey<Frame>();
  readonly #stopped = new Subject<void>();
  #topics: Readonly<Record<string, Topic>> = {};
  #initialized: Promise<void> = Promise.resolve();

  constructor({ name, pluginClass, context, settings, deadlines }: RunningPluginOptions) {
    this.name = name;
    this.settings = settings;
    this.#deadlines = deadlines;
    this.#log = context.log;
    try {
      this.#plugin = new pluginClass(context);
    } catch (error) {
      this.refuse(error);
    }
    this.route = settings.routePath || this.#plugin?.route || pluginClass.name.toLowerCase();
  }

  get topics(): string[] {
    return Object.keys(this.#topics);
  }

  /** Not to be run: says so in the log and in /plugins, and answers 503. */
  refuse(error: unknown): void {
    this.state = 'failed';
    this.#note(error, 'plugin failed and is not served');
  }

  initialize(): Promise<void> {
    if (this.state === 'registered') this.#initialized = this.#initialize();
    return this.#initialized;
  }

  async #initialize(): Promise<void> {
    const plugin = this.#plugin as BasePlugin;
    const { initializeMs } = this.#deadlines;
    this.state = 'initializing';
    try {
      const late = () => new Error(`initialize took longer than ${initializeMs} ms (limits.initializeMs)`);
      await withDeadline((async () => plugin.initialize?.())(), initializeMs, late);
      this.#topics = plugin.observables?.() ?? {};
      this.state = 'ready';
    } catch (error) {
      this.refuse(error);
      await this.#release();
    }
  }

  /** The plugin's answer to a request. @throws coded errors only, with details kept to the log */
  async answer(data: RequestData): Promise<Answer> {
    const plugin = await this.#whenReady();
    const { handlerMs } = this.#deadlines;
    const startMs = performance.now();
    try {
      const answer = plugin.requestHandler(data);
      const late = () => new HostpulseError('HOSTPULSE_ERR_PLUGIN_LATE', `${this.route} did not answer within ${handlerMs} ms`);
      return checked(answer instanceof Promise ? await withDeadline(answer, handlerMs, late) : answer, this.route);
    } catch (error) {
      if (isHostpulseError(error) && error.statusCode < 500) throw error;
      this.#note(error, 'request handler failed');
      if (isHostpulseError(error)) throw error;
      throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_FAILED', `${this.route} failed; the agent's log has the details`, { cause: error });
    } finally {
      this.statistics.handled(performance.now() - startMs);
    }
  }

  get handlesSubpath(): boolean {
    return this.#plugin?.handlesSubpath ?? false;
  }

  /** The value at a path of a JSON answer. */
  follow(body: unknown, path: Path): unknown {
    return followPath(body, path, this.#plugin?.identityFields);
  }

  hasTopic(name: string | undefined): boolean {
    return name !== undefined && Object.hasOwn(this.#topics, name);
  }

  /**
   * The frames of a topic: its name as the path's first segment, or else the plugin's first topic, with the path
   * into its values. Equal questions share one execution and the same bytes. An observable that fails is started
   * again with growing pauses; a query that the plugin refuses fails at once with its coded error.
   */
  async open(path: Path, query: Query): Promise<Observable<Frame>> {
    await this.#whenReady();
    const name = this.hasTopic(path[0]) ? (path[0] as string) : this.topics[0];
    const topic = name === undefined ? undefined : this.#topics[name];
    if (topic === undefined) {
      throw new HostpulseError('HOSTPULSE_ERR_NO_TOPIC', `${this.route} publishes nothing to subscribe to; GET and POST it`);
    }
    const into = name === path[0] ? path.slice(1) : path;
    const key = JSON.stringify([name, into, canonicalKey(query)]);
    const frames = this.#questions.get(key, () => this.#frames(topic, into, query));
    return defer(() => {
      this.statistics.subscribers++;
      return frames.pipe(finalize(() => this.statistics.subscribers--));
    });
  }

  #frames(topic: Topic, path: Path, query: Query): Observable<Frame> {
    let values: Observable<unknown>;
    try {
      values = from(typeof topic === 'function' ? topic(query) : topic);
    } catch (error) {
      if (isHostpulseError(error) && error.statusCode < 500) throw error;
      this.#note(error, 'topic could not be opened');
      throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_FAILED', `${this.route} failed; the agent's log has the details`, { cause: error });
    }
    return values.pipe(
      retry({ delay: (error, count) => this.#pauseAfter(error, count), resetOnSuccess: true }),
      concatMap((value) => this.#frame(value, path)),
      // A path that leads nowhere (an interface that went) is said once, not at every tick.
      distinctUntilChanged((before, now) => before.statusCode === 404 && now.statusCode === 404),
      takeUntil(this.#stopped),
    );
  }

  #pauseAfter(error: unknown, count: number): Observable<unknown> {
    if (isHostpulseError(error) && error.statusCode < 500) return throwError(() => error);
    const pauseMs = Math.min(RETRY_MS * 2 ** (count - 1), RETRY_MOST_MS);
    this.#note(error, `observable failed, starts again in ${pauseMs} ms`);
    return timer(pauseMs);
  }

  #frame(value: unknown, path: Path): Observable<Frame> {
    const sequence = sequenceOf(value);
    try {
      return of({ bytes: encodeOnce(this.follow(value, path)), sequence, statusCode: 200 });
    } catch (error) {
      if (isHostpulseError(error)) return of({ bytes: encodeOnce(toErrorBody(error)), sequence, statusCode: error.statusCode });
      this.#note(error, 'a published value cannot be written as JSON and is left out');
      return EMPTY;
    }
  }

  /** Ends its streams and lets it free what it holds; bounded, and never throws. */
  async terminate(): Promise<void> {
    if (this.state === 'terminated' || this.state === 'terminating') return;
    const wasRunning = this.state !== 'failed' && this.state !== 'registered';
    this.state = 'terminating';
    this.#stopped.next();
    if (wasRunning) await this.#release();
    this.state = 'terminated';
  }

  async #release(): Promise<void> {
    const { terminateMs } = this.#deadlines;
    const late = () => new Error(`terminate took longer than ${terminateMs} ms (limits.terminateMs)`);
    try {
      await withDeadline((async () => this.#plugin?.terminate?.())(), terminateMs, late);
    } catch (error) {
      this.#note(error, 'terminate failed');
    }
  }

  async #whenReady(): Promise<BasePlugin> {
    const { handlerMs } = this.#deadlines;
    const notReady = () => new HostpulseError('HOSTPULSE_ERR_PLUGIN_NOT_READY', `${this.route} is ${this.state}; /plugins says why`);
    if (this.state === 'initializing') await withDeadline(this.#initialized, handlerMs, notReady);
    if (this.state !== 'ready') throw notReady();
    return this.#plugin as BasePlugin;
  }

  #note(error: unknown, what: string): void {
    this.statistics.failed(error);
    this.#log.error({ err: error }, what);
  }
}

function checked(answer: Answer, route: string): Answer {
  const status: unknown = Array.isArray(answer) && answer.length === 2 ? answer[0] : undefined;
  if (Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599) return answer;
  const cause = new Error('requestHandler must return [status, body] with a status from 200 to 599');
  throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_ANSWER', `${route} gave an answer that cannot be sent; the agent's log has the details`, {
    cause,
  });
}
