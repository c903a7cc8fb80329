/**
 * The plugin contract, whole. A plugin is a class derived from BasePlugin; what every plugin needs and none
 * should write (deadlines, access, error isolation, statistics) is done around it by RunningPlugin.
 */
import { CONTRACT, CONTRACT_VERSION } from './contract-version.ts';
import type { Fields, Variables } from './fields.ts';
import type { Host } from './host.ts';
import type { Collectors } from './metric-writer.ts';
import type { Neighbours } from './neighbours.ts';
import type { Query, Topic } from './topic.ts';

export { badVariable, type ErrorCode, HostpulseError } from './errors.ts';
export type { Field, FieldGroup, FieldList, Fields, Variable, Variables } from './fields.ts';
export { type FileBytes, FileReader, type Host, READ_AT_ONCE } from './host.ts';
export type { Collector, Collectors, Labels, MetricSamples, MetricWriter, SampleEnd } from './metric-writer.ts';
export type { Neighbours } from './neighbours.ts';
export { readChoices, readDuration, readText, readWords, refuseUnknown } from './query.ts';
export type { ComposedTopic, Kept, Past, PastStart, PastValue, Query, RecordedTopic, Topic } from './topic.ts';

/** All GET and POST variables by name and, beside them, four names that no client can set. */
export interface RequestData extends Query {
  readonly requestHeaders: Readonly<Record<string, string | string[] | undefined>>;
  /** What follows the plugin's route, without slashes at the ends: `interfaces/eth0`. */
  readonly subpath: string;
  readonly method: 'GET' | 'POST';
  readonly clientIp: string;
}

/** HTTP status and body: a plain value (JSON), a string (text/plain), a Buffer or stream, or a web Response. */
export type Answer = readonly [status: number, body: unknown];

export interface Logger {
  debug(fields: object | string, message?: string): void;
  info(fields: object | string, message?: string): void;
  warn(fields: object | string, message?: string): void;
  error(fields: object | string, message?: string): void;
}

/** What a plugin is given; BasePlugin keeps it under the same names. */
export interface PluginContext<P = Readonly<Record<string, unknown>>> {
  /** Its own parameters, checked and frozen. */
  readonly parameters: P;
  /** The server's configuration, read-only, without secrets and without other plugins' parameters. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly log: Logger;
  /** Where the kernel's files are (they move in a container), and how to read them. */
  readonly host: Host;
  readonly plugins: Neighbours;
}

export abstract class BasePlugin<P = Readonly<Record<string, unknown>>> {
  static readonly [CONTRACT]: number = CONTRACT_VERSION;
  static readonly version?: string;
  /** Convict schema of the plugin's own parameters (those under `plugins.<name>`); without one they come unchecked. */
  static readonly parameterSchema?: Readonly<Record<string, object>>;
  /** What it answers, and publishes under its first topic. An array with an `identity` can be walked by name in a path. */
  static readonly fields?: Fields;
  /** What its other topics publish, by topic. */
  static readonly topicFields?: Readonly<Record<string, Fields>>;
  static readonly variables?: Variables;

  readonly parameters: P;
  readonly config: Readonly<Record<string, unknown>>;
  readonly log: Logger;
  readonly host: Host;
  readonly plugins: Neighbours;

  /** URL of the plugin, `/<route>`; `routePath` in its parameters wins over this. */
  readonly route: string = this.constructor.name.toLowerCase();
  /** true: requestHandler answers sub-paths itself. false: the path continues into the JSON that it returns. */
  readonly handlesSubpath: boolean = false;

  constructor(context: PluginContext<P>) {
    this.parameters = context.parameters;
    this.config = context.config;
    this.log = context.log;
    this.host = context.host;
    this.plugins = context.plugins;
  }

  /** Answers GET and POST, at once: long work belongs in the background. Frozen bodies are encoded only once. */
  abstract requestHandler(data: RequestData): Answer | Promise<Answer>;
  /** Gets ready; requests wait for it. On a reload it runs while the old one still serves. */
  initialize?(): void | Promise<void>;
  /** Topics by name; the first is what the plugin's own URL streams. Called once, after initialize. */
  observables?(): Readonly<Record<string, Topic>>;
  /** What it adds to /metrics, by the names that `collect[]` takes; without any, the declared fields of its answer. */
  collectors?(): Collectors | null;
  /** Of lists that it declares nothing of, since they are others': which field names their elements, by the list's key. */
  identities?(): Readonly<Record<string, string>>;
  /** Frees everything that was taken, also after an initialize that failed. */
  terminate?(): void | Promise<void>;
}
