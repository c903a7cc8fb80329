import { currentMeter } from '../../streams/meter.ts';
import type { Answer, BasePlugin, Collector, Collectors, Logger, MetricWriter, RequestData } from '../base-plugin.ts';
import type { PluginSettings } from '../config/schema.ts';
import { withDeadline } from '../deadline.ts';
import { HostpulseError } from '../errors.ts';
import { allIdentityFields } from '../fields.ts';
import type { IdentityFields } from '../json-path.ts';
import { checkedTopics } from './checked-topics.ts';
import { Findings } from './findings.ts';
import type { PluginBlueprint, PluginLimits } from './plugin-blueprint.ts';
import { type Chain, type ChainLink, currentChain } from './plugin-call.ts';
import type { PluginClass } from './plugin-class.ts';
import { checkedAnswer } from './plugin-failure.ts';
import { PluginScope } from './plugin-scope.ts';
import type { PluginStatistics } from './plugin-statistics.ts';
import { PublishedTopics } from './published-topics.ts';

export interface PluginInstanceOptions extends PluginBlueprint {
  readonly limits: PluginLimits;
  readonly statistics: PluginStatistics;
  readonly note: (error: unknown, what: string) => void;
}

/** One life of a plugin, from its constructor to its `terminate`, inside a scope of its own. */
export class PluginInstance {
  readonly pluginClass: PluginClass;
  readonly settings: PluginSettings;
  readonly route: string;
  readonly handlesSubpath: boolean;
  readonly #declaredIdentities: IdentityFields;
  /** Known once it is initialized. */
  collectors: Collectors | null = null;

  readonly #options: PluginInstanceOptions;
  readonly #findings: Findings;
  readonly #scope: PluginScope;
  readonly #plugin: BasePlugin;
  #isBegun = false;
  #isInitializing = false;
  #isReleased = false;
  #requestsUnderWay = 0;
  #onIdle: (() => void) | null = null;

  /** @throws what the plugin's constructor throws */
  constructor(options: PluginInstanceOptions) {
    const { pluginClass, context, settings, statistics, limits, note } = options;
    this.#options = options;
    this.#findings = new Findings({ log: context.log, statistics, note });
    this.#scope = new PluginScope({ ...this.#findings, blockMs: limits.blockMs });
    try {
      this.#plugin = this.#within('its constructor', () => new pluginClass({ ...context, log: outside(context.log) }));
    } catch (error) {
      this.discard();
      throw error;
    }
    this.pluginClass = pluginClass;
    this.settings = settings;
    this.route = settings.routePath || this.#plugin.route;
    this.handlesSubpath = this.#plugin.handlesSubpath;
    this.#declaredIdentities = allIdentityFields(pluginClass);
  }

  /** @returns what it publishes @throws why it did not get ready, having freed what it took */
  async initialize(): Promise<PublishedTopics> {
    const { initializeMs } = this.#options.limits;
    this.#isBegun = this.#isInitializing = true;
    const { route } = this;
    const identityFields = () => this.identityFields;
    try {
      const late = () => new Error(`initialize took longer than ${initializeMs} ms (limits.initializeMs)`);
      const work = this.#within('initialize', async () => this.#plugin.initialize?.());
      await withDeadline(work, initializeMs, late).finally(() => {
        this.#isInitializing = false;
      });
      const topics = checkedTopics(this.#within('observables', () => this.#plugin.observables?.() ?? {}));
      this.collectors = this.#ownCollectors();
      const { note, statistics } = this.#options;
      return new PublishedTopics({ route, topics, identityFields, declared: this.pluginClass, scope: this.#scope, note, statistics });
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

  /** @throws HOSTPULSE_ERR_PLUGIN_LATE, _PLUGIN_ANSWER, and what the plugin throws */
  answer(data: RequestData): Answer | Promise<Answer> {
    const link: ChainLink = { name: this.route, isOpen: true };
    this.#requestsUnderWay++;
    let answer: Answer | PromiseLike<Answer>;
    try {
      answer = this.#within('its request handler', () => this.#plugin.requestHandler(data), [...currentChain(), link]);
    } catch (error) {
      this.#answered(link);
      throw error;
    }
    if (isThenable(answer)) return this.#awaited(answer, link);
    this.#answered(link);
    return checkedAnswer(answer, this.route);
  }

  async #awaited(answer: PromiseLike<Answer>, link: ChainLink): Promise<Answer> {
    const { handlerMs } = this.#options.limits;
    const work = Promise.resolve(answer);
    const answered = () => this.#answered(link);
    work.then(answered, answered);
    const late = () => new HostpulseError('HOSTPULSE_ERR_PLUGIN_LATE', `${this.route} did not answer within ${handlerMs} ms`);
    return checkedAnswer(await withDeadline(work, handlerMs, late), this.route);
  }

  /** Lets requests under way end, then frees what the plugin holds; bounded, and never throws. */
  async retire(): Promise<void> {
    const { handlerMs } = this.#options.limits;
    if (this.#requestsUnderWay > 0) {
      const idle = new Promise<void>((resolve) => {
        this.#onIdle = resolve;
      });
      await withDeadline(idle, handlerMs, () => new Error('late')).catch(() => {});
    }
    await this.#release();
  }

  /** As declared, and as it says itself. */
  get identityFields(): IdentityFields {
    const own = this.#plugin.identities && this.#within('identities', () => this.#plugin.identities?.());
    return own ? { ...own, ...this.#declaredIdentities } : this.#declaredIdentities;
  }

  /** Of one that was never initialized: it has nothing to terminate, but may hold something. */
  discard(): void {
    this.#scope.clear();
  }

  /** At once, whatever is under way. */
  async terminate(): Promise<void> {
    await this.#release();
  }

  async #release(): Promise<void> {
    if (this.#isReleased) return;
    this.#isReleased = true;
    // One that never got to initialize has nothing to terminate but what its constructor took.
    if (!this.#isBegun) return void this.#scope.clear();
    const { terminateMs } = this.#options.limits;
    const isEarly = this.#isInitializing;
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
    const left = await this.#scope.end();
    // What it was about to take when the agent ended, a `terminate` cannot know.
    if (!isEarly) this.#findings.onLeft(left);
  }

  #within<T>(what: string, work: () => T, chain?: Chain): T {
    return this.#scope.run(what, work, chain);
  }

  #answered(link: ChainLink): void {
    link.isOpen = false;
    this.#requestsUnderWay--;
    if (this.#requestsUnderWay === 0) this.#onIdle?.();
  }
}

/** How the log writes is none of the plugin's business, so its timers are not the plugin's. */
function outside(log: Logger): Logger {
  const leave = (level: keyof Logger) => (fields: object | string, message?: string) =>
    currentMeter.exit(() => (message === undefined ? log[level](fields) : log[level](fields, message)));
  return { debug: leave('debug'), info: leave('info'), warn: leave('warn'), error: leave('error') };
}

/** Also promises of other libraries count. */
function isThenable(answer: unknown): answer is PromiseLike<Answer> {
  return typeof (answer as { then?: unknown } | null | undefined)?.then === 'function';
}
