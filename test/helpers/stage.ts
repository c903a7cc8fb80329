import type { Observable } from 'rxjs';
import type { Agent } from '../../src/core/agent.ts';
import type { Neighbours, PluginContext } from '../../src/core/base-plugin.ts';
import type { PluginList } from '../../src/core/loading/plugin-loader.ts';
import type { PluginStatistics } from '../../src/core/running/plugin-statistics.ts';
import { buildAgent, type Cleanup, recordingLog } from './build-agent.ts';

export interface PluginState extends Pick<PluginStatistics, 'lastError' | 'lastReloadError' | 'leaks'> {
  readonly state: string;
  readonly statistics: ReturnType<PluginStatistics['toJSON']> & { readonly subscribers: number };
}

export interface Stage {
  readonly agent: Agent;
  readonly log: ReturnType<typeof recordingLog>;
  get(url: string): Promise<{ readonly status: number; readonly body: unknown }>;
  /** Subscribes as a client would. @returns what comes, as text, an end as `end` and an error by its code */
  open(topic: string): Promise<{ readonly seen: string[]; readonly end: () => void }>;
  /** As /plugins tells it. */
  pluginState(name: string): Promise<PluginState>;
}

/** An agent with these plugins, looked at from outside. */
export async function stage(t: Cleanup, plugins: PluginList, values: Record<string, object> = {}): Promise<Stage> {
  const log = recordingLog();
  const agent = await buildAgent(t, { plugins, values, log });
  const get = async (url: string) => {
    const { statusCode, body, headers } = await agent.app.inject(url);
    const isJson = String(headers['content-type']).includes('json');
    return { status: statusCode, body: isJson ? (JSON.parse(body) as unknown) : body };
  };
  return {
    agent,
    log,
    get,
    open: async (topic) => {
      const [route = '', ...path] = topic.split('/');
      const { live } = await agent.registry.get(route).ask(path, {});
      return listen(live);
    },
    pluginState: async (name) => {
      const { body } = await get('/plugins');
      return (body as { plugins: (PluginState & { name: string })[] }).plugins.find((plugin) => plugin.name === name) as PluginState;
    },
  };
}

function listen(frames: Observable<{ readonly bytes: Buffer }>): { readonly seen: string[]; readonly end: () => void } {
  const seen: string[] = [];
  const subscription = frames.subscribe({
    next: ({ bytes }) => seen.push(bytes.toString()),
    error: (error: { code?: string }) => seen.push(`error ${error.code}`),
    complete: () => seen.push('end'),
  });
  return { seen, end: () => subscription.unsubscribe() };
}

/** For plugins made of functions: their context's `plugins`, once one of them has been made. */
export function neighboursFor(): { readonly keep: (context: PluginContext) => void; readonly plugins: Neighbours } {
  let kept: Neighbours | null = null;
  const neighbours = () => kept as Neighbours;
  return {
    keep: ({ plugins }) => {
      kept = plugins;
    },
    plugins: {
      observe: (...args) => neighbours().observe(...args),
      ask: (...args) => neighbours().ask(...args),
      describe: (...args) => neighbours().describe(...args),
      past: (...args) => neighbours().past(...args),
    },
  };
}
