import type { Answer, BasePlugin, Collector, Collectors, Logger, MetricWriter, RequestData } from '../base-plugin.ts';
import type { PluginSettings } from '../config/schema.ts';
import { withDeadline } from '../deadline.ts';
import { HostpulseError } from '../errors.ts';
import { allIdentityFields } from '../fields.ts';
import type { IdentityFields } from '../json-path.ts';
import type { PluginBlueprint, PluginDeadlines } from './plugin-blueprint.ts';
import type { PluginClass } from './plugin-class.ts';
import { checkedAnswer } from './plugin-failure.ts';
import { type Leaks, PluginScope } from './plugin-scope.ts';
import type { PluginStatistics } from './plugin-statistics.ts';
import { PublishedTopics } from './published-topics.ts';

export interface PluginInstanceOptions extends PluginBlueprint {
  readonly deadlines: PluginDeadlines;
  readonly statistics: PluginStatistics;
  readonly note: (error: unknown, what: string) => void;
}

/** A thread of warnings about the same is spun out only so often. */
const BLOCKED_LOG_MS = 10_000;

/** One life of a plugin, from its constructor to its `terminate`, inside a scope of its own. */
export class PluginInstance {
  readonly pluginClass: PluginClass;
  readonly settings: PluginSettings;
  readonly route: string;
  readonly handlesSubpath: boolean;
  readonly identityFields: IdentityFields;
  /** Known once it is initialized. */
  collectors: Collectors | null = null;

  readonly #options: PluginInstanceOptions;
  readonly #log: Logger;
  readonly #scope: PluginScope;
  readonly #plugin: BasePlugin;
  #requestsUnderWay = 0;
  #onIdle: (() => void) | null = null;
  #blockedLoggedMs = Number.NEGATIVE_INFINITY;

  /** @throws what the plugin's constructor throws */
  constructor(options: PluginInstanceOptions) {
    const { pluginClass, context, settings, statistics, deadlines } = options;
    this.#options = options;
    this.#log = context.log;
    this.#scope = new PluginScope({ statistics, blockMs: deadlines.blockMs, onBlocked: (what, ms) => this.#noteBlocked(what, ms) });
    this.#plugin = this.#within('its constructor', () => new pluginClass(context));
    this.pluginClass = pluginClass;
    this.settings = settings;
    this.route = settings.routePath || this.#plugin.route;
    this.handlesSubpath = this.#plugin.handlesSubpath;
    this.identityFields = allIdentityFields(pluginClass);
  }

  /** @returns what it publishes @throws why it did not get ready, having freed what it took */
  async initialize(): Promise<PublishedTopics> {
    const { initializeMs } = this.#options.deadlines;
    const { route, identityFields } = this;
    try {
      const late = () => new Error(`initialize took longer than ${initializeMs} ms (limits.initializeMs)`);
      const work = this.#within('initialize', async () => this.#plugin.initialize?.());
      await withDeadline(work, initializeMs, late);
      const topics = this.#within('observables', () => this.#plugin.observables?.() ?? {});
      this.collectors = this.#ownCollectors();
      const { note, statistics } = this.#options;
      return new PublishedTopics({ route, topics, identityFields, scope: this.#scope, note, onPublished: () => statistics.publishedOne() });
    } catch (error) {
      await this.#release();
      throw error;
    }
  }

  /** To be run in its scope; null where it has none of its own. @throws what the plugin throws */
  #ownCollectors(): Collectors | null {
    const own = this.#within('collectors', () => this.#plugin.collectors?.());
    if (!own) return null;
    const inScope =
      (name: string, collect: Collector): Collector =>
      (metrics: MetricWriter) =>
        this.#within(`collector ${name}`, () => collect(metrics));
    const entries = Object.entries(own).map(([name, collector]) => {
      const isOnRequest = typeof collector !== 'function';
      return [name, isOnRequest ? { onRequest: inScope(name, collector.onRequest) } : inScope(name, collector)] as const;
    });
    return Object.fromEntries(entries);
  }

  /**
   * @param chain through which plugins the request came
   * @throws HOSTPULSE_ERR_PLUGIN_LATE, _PLUGIN_ANSWER, and what the plugin throws
   */
  answer(data: RequestData, chain?: readonly string[]): Answer | Promise<Answer> {
    this.#requestsUnderWay++;
    let answer: Answer | PromiseLike<Answer>;
    try {
      answer = this.#within('its request handler', () => this.#plugin.requestHandler(data), chain);
    } catch (error) {
      this.#answered();
      throw error;
    }
    if (isThenable(answer)) return this.#awaited(answer);
    this.#answered();
    return checkedAnswer(answer, this.route);
  }

  async #awaited(answer: PromiseLike<Answer>): Promise<Answer> {
    const { handlerMs } = this.#options.deadlines;
    const work = Promise.resolve(answer);
    const answered = () => this.#answered();
    work.then(answered, answered);
    const late = () => new HostpulseError('HOSTPULSE_ERR_PLUGIN_LATE', `${this.route} did not answer within ${handlerMs} ms`);
    return checkedAnswer(await withDeadline(work, handlerMs, late), this.route);
  }

  /** Lets requests under way end, then frees what the plugin holds; bounded, and never throws. */
  async retire(): Promise<void> {
    const { handlerMs } = this.#options.deadlines;
    if (this.#requestsUnderWay > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      await withDeadline(idle, handlerMs, () => new Error('late')).catch(() => {});
    }
    await this.#release();
  }

  /** At once, whatever is under way. */
  async terminate(): Promise<void> {
    await this.#release();
  }

  async #release(): Promise<void> {
    const { terminateMs } = this.#options.deadlines;
    const late = () => new Error(`terminate took longer than ${terminateMs} ms (limits.terminateMs)`);
    try {
      await withDeadline(
        this.#within('terminate', async () => this.#plugin.terminate?.()),
        terminateMs,
        late,
      );
    } catch (error) {
      this.#options.note(error, 'terminate failed');
    }
    this.#reportLeaks(this.#scope.clear());
  }

  #reportLeaks(leaks: Leaks): void {
    const isClean = leaks.timers + leaks.subscriptions === 0;
    this.#options.statistics.leaks = isClean ? null : leaks;
    if (isClean) return;
    this.#log.warn(
      { leaks },
      `terminate left behind ${leaks.timers} timers and ${leaks.subscriptions} subscriptions; the agent ended them`,
    );
  }

  #within<T>(what: string, work: () => T, chain?: readonly string[]): T {
    return this.#scope.run(() => this.#scope.time(what, work), chain);
  }

  #answered(): void {
    this.#requestsUnderWay--;
    if (this.#requestsUnderWay === 0) this.#onIdle?.();
  }

  #noteBlocked(what: string, ms: number): void {
    const count = this.#options.statistics.blocked(what, ms);
    const nowMs = performance.now();
    if (nowMs - this.#blockedLoggedMs < BLOCKED_LOG_MS) return;
    this.#blockedLoggedMs = nowMs;
    this.#log.warn(
      { blockedMs: Math.round(ms), count },
      `${what} held up the event loop for ${Math.round(ms)} ms; long work belongs in the background`,
    );
  }
}

/** Also promises of other libraries count. */
function isThenable(answer: unknown): answer is PromiseLike<Answer> {
  return typeof (answer as { then?: unknown } | null | undefined)?.then === 'function';
}
