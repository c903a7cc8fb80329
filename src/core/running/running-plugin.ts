import { encodeOnce, type Frame } from '../../streams/frame.ts';
import type { Question } from '../../streams/question.ts';
import type { Answer, Collectors, Query, RequestData } from '../base-plugin.ts';
import type { PluginSettings } from '../config/schema.ts';
import { withDeadline } from '../deadline.ts';
import { HostpulseError } from '../errors.ts';
import { followPath, type Path } from '../json-path.ts';
import { STREAM_VARIABLES, splitStreamVariables } from '../stream-variables.ts';
import { VERSION } from '../version.ts';
import { Complaints } from './complaints.ts';
import { measured } from './measured.ts';
import { BUILT_IN, type PluginBlueprint, type PluginLimits, type PluginState, type RunningPluginOptions } from './plugin-blueprint.ts';
import type { PluginClass } from './plugin-class.ts';
import { pluginFailed, shownError, unwritableAnswer } from './plugin-failure.ts';
import { PluginInstance } from './plugin-instance.ts';
import { PluginStatistics } from './plugin-statistics.ts';
import { PluginTopics } from './plugin-topics.ts';
import type { PublishedTopics } from './published-topics.ts';
import { type Successor, successorOf } from './successor.ts';

/**
 * A plugin as the server knows it: what stays through all its reloads (name, topics with their subscribers,
 * statistics), and a wall around its errors. The plugin inside never hears of a client, the server never touches it.
 */
export class RunningPlugin {
  readonly name: string;
  /** Its file, or BUILT_IN; a reload may find it elsewhere (clock.js is clock.ts now). */
  origin: string;
  readonly statistics = new PluginStatistics();
  readonly topics: PluginTopics;
  state: PluginState = 'registered';
  settings: PluginSettings;

  readonly limits: PluginLimits;
  readonly #complaints: Complaints;
  #retired: Promise<void> = Promise.resolve();
  #instance: PluginInstance | null = null;
  #initialized: Promise<void> = Promise.resolve();

  constructor({ name, origin, log, limits, settings, blueprint }: RunningPluginOptions) {
    this.name = name;
    this.origin = origin;
    this.settings = settings;
    this.limits = limits;
    this.#complaints = new Complaints(log, this.statistics);
    this.topics = new PluginTopics((error, what) => this.note(error, what), limits);
    try {
      if ('failure' in blueprint) throw blueprint.failure;
      this.#instance = this.#make(blueprint);
    } catch (error) {
      this.refuse(error);
    }
  }

  get route(): string {
    return this.#instance?.route ?? (this.settings.routePath || this.name.toLowerCase());
  }

  get handlesSubpath(): boolean {
    return this.#instance?.handlesSubpath ?? false;
  }

  /** What its class says, or the agent's own where it is built in. */
  get version(): string | null {
    return this.pluginClass?.version ?? (this.origin === BUILT_IN ? VERSION : null);
  }

  /** null where it could not be loaded. */
  get pluginClass(): PluginClass | null {
    return this.#instance?.pluginClass ?? null;
  }

  /** Its own, for /metrics. */
  get collectors(): Collectors | null {
    return this.#instance?.collectors ?? null;
  }

  /** Not to be run: says so in the log and in /plugins, and answers 503. */
  refuse(error: unknown): void {
    this.state = 'failed';
    this.#instance?.discard();
    this.#complaints.tellWhole(error, 'plugin failed and is not served');
  }

  initialize(): Promise<void> {
    if (this.state === 'registered') this.#initialized = this.#initialize(this.#instance as PluginInstance);
    return this.#initialized;
  }

  async #initialize(instance: PluginInstance): Promise<void> {
    this.state = 'initializing';
    // All are on their way before the first one's code runs: it may ask the others.
    await Promise.resolve();
    if (this.#isTerminated()) return instance.discard();
    try {
      const topics = await instance.initialize();
      // Terminated meanwhile: what it took since then is to be freed, and it stays down.
      if (this.#isTerminated()) return await instance.terminate();
      this.topics.publish(topics);
      this.state = 'ready';
    } catch (error) {
      if (!this.#isTerminated()) this.refuse(error);
    }
  }

  /** A new instance for the place of the present one, which serves until that is taken. @throws what its constructor throws */
  async prepare(blueprint: PluginBlueprint): Promise<Successor> {
    await this.#initialized;
    const next = this.#make(blueprint);
    return successorOf(next, (topics) => this.#take(next, topics));
  }

  #take(next: PluginInstance, topics: PublishedTopics): void {
    const old = this.state === 'ready' ? this.#instance : null;
    // Who was let in without the key that is asked for from now on, is to come again with it.
    if (next.settings.apiKey !== '' && next.settings.apiKey !== this.settings.apiKey) this.topics.dismiss();
    this.#instance = next;
    this.settings = next.settings;
    this.state = 'ready';
    this.statistics.reloaded();
    this.#complaints.forget();
    this.topics.publish(topics);
    if (old) this.#retired = Promise.all([this.#retired, old.retire()]).then(() => {});
  }

  /** The plugin's answer to a request. @throws coded errors only, with details kept to the log */
  async answer(data: RequestData): Promise<Answer> {
    return this.answerAtOnce(data);
  }

  /** As `answer`; where the handler answers at once, it is given, or thrown, at once. */
  answerAtOnce(data: RequestData): Answer | Promise<Answer> {
    if (this.state !== 'ready') return this.whenReady().then(() => this.answerAtOnce(data));
    const instance = this.#instance as PluginInstance;
    const work = () => instance.answer(data);
    const failed = (error: unknown) => shownError(this, error, 'request handler failed', pluginFailed);
    return measured(work, (ms) => this.statistics.handled(ms), failed);
  }

  /** What stands at a path of a JSON answer, as bytes. @throws coded errors only */
  encode(body: unknown, path: Path): Buffer {
    try {
      return encodeOnce(this.follow(body, path));
    } catch (error) {
      throw shownError(this, error, 'an answer cannot be written as JSON', unwritableAnswer);
    }
  }

  follow(body: unknown, path: Path): unknown {
    return path.length === 0 ? body : followPath(body, path, this.#instance?.identityFields);
  }

  /** The frames of a topic, at once where it is running. @throws HOSTPULSE_ERR_NO_TOPIC, _BAD_VARIABLE, _PLUGIN_NOT_READY */
  ask(path: Path, variables: Query): Question | Promise<Question> {
    if (this.state !== 'ready') return this.whenReady().then(() => this.ask(path, variables));
    return this.topics.ask(path, splitStreamVariables(variables, this.pluginClass?.variables));
  }

  /** Of what a question's condition is true now. @throws as `ask` */
  async look(path: Path, own: Query, when: string): Promise<Frame | null> {
    await this.whenReady();
    return this.topics.watched.look({ path, query: own, when });
  }

  /** Ends its streams and lets it free what it holds; bounded, and never throws. @param isPatient requests under way may end before */
  async terminate(isPatient = false): Promise<void> {
    if (this.#isTerminated()) return;
    const wasRunning = this.state === 'ready' || this.state === 'initializing';
    this.state = 'terminated';
    this.topics.stop();
    if (wasRunning) await (isPatient ? this.#instance?.retire() : this.#instance?.terminate());
    await withDeadline(this.#retired, this.limits.terminateMs, () => new Error('late')).catch(() => {});
  }

  #make(blueprint: PluginBlueprint): PluginInstance {
    const { statistics, limits } = this;
    return new PluginInstance({ ...blueprint, statistics, limits, note: (error, what) => this.note(error, what) });
  }

  #isTerminated(): boolean {
    return this.state === 'terminated';
  }

  /** At once where it is running. @throws HOSTPULSE_ERR_PLUGIN_NOT_READY where it is not within `limits.handlerMs` */
  async whenReady(): Promise<PluginInstance> {
    const { handlerMs } = this.limits;
    const notReady = () => new HostpulseError('HOSTPULSE_ERR_PLUGIN_NOT_READY', `${this.route} is ${this.state}; /plugins says why`);
    if (this.state === 'initializing') await withDeadline(this.#initialized, handlerMs, notReady);
    if (this.state !== 'ready') throw notReady();
    return this.#instance as PluginInstance;
  }

  /** Variables that the agent heeds in its place: of a plugin that does not say what it takes itself, none. */
  get heeds(): readonly string[] {
    return this.pluginClass?.variables !== undefined && this.topics.names.length > 0 ? STREAM_VARIABLES : [];
  }

  /** Into the log, whole at the first time, and the statistics. */
  readonly note = (error: unknown, what: string): void => this.#complaints.tell(error, what);
}
