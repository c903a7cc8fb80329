import type { Collectors } from '../metric-writer.ts';
import { requestData } from '../request-data.ts';
import { isRefusal } from '../running/plugin-failure.ts';
import type { RunningPlugin } from '../running/running-plugin.ts';
import type { NamedCollector } from './collector-runs.ts';
import { declaredMetrics } from './declared-metrics.ts';

/** What a scrape asks a plugin that has no collectors of its own. */
export const SCRAPE_QUESTION = requestData({}, { requestHeaders: {}, subpath: '', method: 'GET', clientIp: '' });

/** Made once per plugin: a collector's runs are known by its function. */
const stateCollectors = new WeakMap<RunningPlugin, NamedCollector>();
const fieldCollectors = new WeakMap<RunningPlugin, NamedCollector>();

/** The plugin's own collectors; of one that has none, the declared fields of its answer. */
export function collectorsOf(plugin: RunningPlugin): readonly NamedCollector[] {
  if (plugin.state !== 'ready') return [once(stateCollectors, plugin, stateCollector)];
  if (plugin.collectors) return own(plugin, plugin.collectors);
  return Object.keys(plugin.pluginClass?.fields ?? {}).length === 0 ? [] : [once(fieldCollectors, plugin, fieldCollector)];
}

function own(plugin: RunningPlugin, collectors: Collectors): NamedCollector[] {
  return Object.entries(collectors).map(([name, collector]) => {
    const isOnRequest = typeof collector !== 'function';
    return { name, collect: isOnRequest ? collector.onRequest : collector, isOnRequest, onFailure: (error) => note(plugin, error) };
  });
}

function stateCollector(plugin: RunningPlugin): NamedCollector {
  const collect = () => {
    throw new Error(`${plugin.name} is ${plugin.state}`);
  };
  // Noted already, where it happened.
  return { name: plugin.name, collect, onFailure: () => {} };
}

function fieldCollector(plugin: RunningPlugin): NamedCollector {
  const collect: NamedCollector['collect'] = async (metrics) => {
    const answer = await plugin.answer(SCRAPE_QUESTION).catch(unlessRefused);
    if (answer === null) return;
    const [status, body] = answer;
    if (status !== 200) throw new Error(`answered ${status}`);
    declaredMetrics(plugin.name, plugin.pluginClass?.fields ?? {}, body, metrics);
  };
  return { name: plugin.name, collect, onFailure: (error) => note(plugin, error) };
}

/** A plugin that wants to be asked for something in particular has nothing to tell who asks for nothing. */
function unlessRefused(error: unknown): null {
  if (isRefusal(error)) return null;
  throw error;
}

function note(plugin: RunningPlugin, error: unknown): void {
  plugin.note(error, 'a collector failed');
}

function once(known: WeakMap<RunningPlugin, NamedCollector>, plugin: RunningPlugin, make: (plugin: RunningPlugin) => NamedCollector) {
  const collector = known.get(plugin) ?? make(plugin);
  known.set(plugin, collector);
  return collector;
}
