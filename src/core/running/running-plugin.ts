import type { Observable } from 'rxjs';
import { encodeOnce, type Frame } from '../../streams/frame.ts';
import type { Answer, BasePlugin, Logger, PluginContext, Query, RequestData } from '../base-plugin.ts';
import type { PluginSettings } from '../config/schema.ts';
import { withDeadline } from '../deadline.ts';
import { HostpulseError, isHostpulseError } from '../errors.ts';
import { type Fields, identityFields, type Variables } from '../fields.ts';
import { followPath, type IdentityFields, type Path } from '../json-path.ts';
import { PluginStatistics } from './plugin-statistics.ts';
import { isRefusal, PluginTopics } from './plugin-topics.ts';

// biome-ignore lint/suspicious/noExplicitAny: the parameters' type is the plugin's own business; its schema checks them.
type AnyParameters = any;

/** A class derived from BasePlugin. */
export interface PluginClass {
  new (context: PluginContext<AnyParameters>): BasePlugin<AnyParameters>;
  readonly parameterSchema?: Readonly<Record<string, object>>;
  readonly fields?: Fields;
  readonly topicFields?: Readonly<Record<string, Fields>>;
  readonly variables?: Variables;
  readonly version?: string;
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

/**
 * What every plugin needs and none should write: its state, deadlines, statistics, shared topics, and a wall
 * around its errors. The plugin inside never hears of a client, the server never touches the plugin.
 */
export class RunningPlugin {
  readonly name: string;
  readonly route: string;
  readonly settings: PluginSettings;
  readonly statistics = new PluginStatistics();
  readonly topics: PluginTopics;
  state: PluginState = 'registered';

  readonly #deadlines: PluginDeadlines;
  readonly #log: Logger;
  readonly #identityFields: IdentityFields;
  readonly #plugin: BasePlugin | null = null;
  #initialized: Promise<void> = Promise.resolve();

  constructor({ name, pluginClass, context, settings, deadlines }: RunningPluginOptions) {
    this.name = name;
    this.settings = settings;
    this.#deadlines = deadlines;
    this.#log = context.log;
    this.#identityFields = identityFields(pluginClass.fields ?? {});
    try {
      this.#plugin = new pluginClass(context);
    } catch (error) {
      this.refuse(error);
    }
    this.route = settings.routePath || this.#plugin?.route || pluginClass.name.toLowerCase();
    const follow = (value: unknown, path: Path) => this.#follow(value, path);
    this.topics = new PluginTopics({ route: this.route, follow, note: (error, what) => this.#note(error, what) });
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
      if (this.#isTerminating()) return await this.#release();
      this.topics.publish(plugin.observables?.() ?? {});
      this.state = 'ready';
    } catch (error) {
      if (!this.#isTerminating()) this.refuse(error);
      await this.#release();
    }
  }

  /** The plugin's answer to a request. @throws coded errors only, with details kept to the log */
  async answer(data: RequestData): Promise<Answer> {
    const plugin = this.state === 'ready' ? (this.#plugin as BasePlugin) : await this.#whenReady();
    const { handlerMs } = this.#deadlines;
    const startMs = performance.now();
    try {
      const answer = plugin.requestHandler(data);
      const late = () => new HostpulseError('HOSTPULSE_ERR_PLUGIN_LATE', `${this.route} did not answer within ${handlerMs} ms`);
      return checked(isThenable(answer) ? await withDeadline(Promise.resolve(answer), handlerMs, late) : answer, this.route);
    } catch (error) {
      if (isRefusal(error)) throw error;
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

  /** What stands at a path of a JSON answer, as bytes. @throws coded errors only */
  encode(body: unknown, path: Path): Buffer {
    try {
      return encodeOnce(this.#follow(body, path));
    } catch (cause) {
      if (isRefusal(cause)) throw cause;
      this.#note(cause, 'an answer cannot be written as JSON');
      const message = `${this.route} gave an answer that cannot be written as JSON; the agent's log has the details`;
      throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_ANSWER', message, { cause });
    }
  }

  #follow(value: unknown, path: Path): unknown {
    return followPath(value, path, this.#identityFields);
  }

  /** The frames of a topic, once the plugin is ready. @throws HOSTPULSE_ERR_NO_TOPIC, _PLUGIN_NOT_READY */
  async open(path: Path, query: Query): Promise<Observable<Frame>> {
    await this.#whenReady();
    return this.topics.open(path, query);
  }

  /** Ends its streams and lets it free what it holds; bounded, and never throws. */
  async terminate(): Promise<void> {
    if (this.state === 'terminated' || this.state === 'terminating') return;
    const wasRunning = this.state !== 'failed' && this.state !== 'registered';
    this.state = 'terminating';
    this.topics.stop();
    if (wasRunning) await this.#release();
    this.state = 'terminated';
  }

  /** Terminated while it was still initializing: what it took since then is to be freed, and it stays down. */
  #isTerminating(): boolean {
    return this.state === 'terminating' || this.state === 'terminated';
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

/** Also promises of other libraries count. */
function isThenable(answer: unknown): answer is PromiseLike<Answer> {
  return typeof (answer as { then?: unknown } | null | undefined)?.then === 'function';
}

function checked(answer: Answer, route: string): Answer {
  const status: unknown = Array.isArray(answer) && answer.length === 2 ? answer[0] : undefined;
  if (Number.isInteger(status) && Number(status) >= 200 && Number(status) <= 599) return answer;
  const cause = new Error('requestHandler must return [status, body] with a status from 200 to 599');
  throw new HostpulseError('HOSTPULSE_ERR_PLUGIN_ANSWER', `${route} gave an answer that cannot be sent; the agent's log has the details`, {
    cause,
  });
}
