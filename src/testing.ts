/** For plugins' own tests: a plugin at work, without an agent around it. */
import { resolve } from 'node:path';
import { defer, map, type Observable } from 'rxjs';
import type { Answer, Query } from './core/base-plugin.ts';
import { parsePath } from './core/json-path.ts';
import { readSetup } from './core/loading/plugin-loader.ts';
import { PluginManager } from './core/loading/plugin-manager.ts';
import { mergeVariables, requestData } from './core/request-data.ts';
import type { PluginClass } from './core/running/plugin-class.ts';
import type { Leaks } from './core/running/plugin-scope.ts';
import { watchTimers } from './core/running/plugin-timers.ts';
import { Registry } from './core/running/registry.ts';
import type { RunningPlugin } from './core/running/running-plugin.ts';
import { isResponse } from './core/web-body.ts';
import { keepingLog, type Logged } from './testing/kept-log.ts';
import { standIns } from './testing/stand-ins.ts';

export type { Logged } from './testing/kept-log.ts';

export interface StartOptions {
  /** As they would stand under `plugins.<name>`: checked by the plugin's schema, which gives the rest. */
  readonly parameters?: Readonly<Record<string, unknown>>;
  /**
   * The other plugins, by what one would ask for: `netinfo`, or `netinfo/events` for a topic. A plain value is what that
   * one answers and publishes, an observable is what it publishes, and a plugin's class is run.
   */
  readonly plugins?: Readonly<Record<string, unknown>>;
  /** Where the kernel's files are: recorded ones, for a test that says the same on every machine. */
  readonly host?: { readonly procfs?: string; readonly sysfs?: string };
}

// biome-ignore lint/suspicious/noExplicitAny: a test knows what it expects.
type Json = any;

/** A plugin that runs. What it says is seen as a client sees it, as JSON; what it throws comes as it was thrown. */
export interface StartedPlugin {
  readonly route: string;
  /** What it and the agent have logged about it. */
  readonly logged: readonly Logged[];
  /** @param subpath followed into the answer, as in a URL: `interfaces/eth0` */
  get(query?: Query, subpath?: string): Promise<readonly [status: number, body: Json]>;
  post(body?: Query, subpath?: string): Promise<readonly [status: number, body: Json]>;
  /** @param topic and the path into its values, if any; '' is the first one */
  values(topic?: string, query?: Query): Observable<Json>;
  /** Ends it. @returns what its `terminate` has left behind: two zeros if all is well */
  stop(): Promise<Leaks>;
}

/** Makes the plugin and initializes it. @throws that a parameter is wrong, or why the plugin does not start */
export async function startPlugin(pluginClass: PluginClass, options: StartOptions = {}): Promise<StartedPlugin> {
  const { parameters = {}, plugins = {}, host = {} } = options;
  watchTimers();
  const name = pluginClass.name.toLowerCase() || 'plugin';
  const values = { paths: absolute(host), plugins: { [name]: parameters } };
  const setup = await readSetup({ ...standIns(plugins), [name]: pluginClass }, { values });
  const registry = new Registry();
  const logged: Logged[] = [];
  new PluginManager({ registry, setup, log: keepingLog(logged, name) });
  await registry.initializeAll();
  const running = registry.all.find((plugin) => plugin.name === name) as RunningPlugin;
  if (running.state !== 'ready') {
    await registry.terminateAll();
    throw logged.findLast(({ fields }) => 'err' in fields)?.fields.err;
  }
  const answer = async (method: 'GET' | 'POST', variables: Query, subpath: string) => {
    const data = requestData(mergeVariables(variables, undefined), { requestHeaders: {}, subpath, method, clientIp: '127.0.0.1' });
    return asSeen(running, await thrownAsItWas(running.answer(data)), running.handlesSubpath ? '' : subpath);
  };
  return {
    route: running.route,
    logged,
    get: (query = {}, subpath = '') => answer('GET', query, subpath),
    post: (body = {}, subpath = '') => answer('POST', body, subpath),
    values: (topic = '', query = {}) =>
      defer(() => running.topics.open(parsePath(topic), query)).pipe(map(({ bytes }) => JSON.parse(bytes.toString()) as Json)),
    stop: async () => {
      await registry.terminateAll();
      return running.statistics.leaks ?? { timers: 0, subscriptions: 0 };
    },
  };
}

/** Relative ones are relative to where the test runs. */
function absolute(host: NonNullable<StartOptions['host']>): Record<string, string> {
  return Object.fromEntries(Object.entries(host).map(([name, path]) => [name, resolve(path)]));
}

/** As a client's JSON has it; text and bytes as they are. */
function asSeen(running: RunningPlugin, [status, body]: Answer, subpath: string): readonly [number, Json] {
  const isJson = typeof body !== 'string' && !(body instanceof Uint8Array) && !isResponse(body) && !isStream(body);
  return [status, isJson ? JSON.parse(running.encode(body, parsePath(subpath)).toString()) : body];
}

function isStream(body: unknown): boolean {
  return typeof (body as { pipe?: unknown } | null)?.pipe === 'function';
}

/** A client is told that the agent's log has the details; a test wants these. */
async function thrownAsItWas<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw (error as Error).cause ?? error;
  }
}
