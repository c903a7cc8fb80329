import { requestData } from '../request-data.ts';
import type { RunningPlugin } from '../running/running-plugin.ts';
import { declaredMetrics } from './declared-metrics.ts';
import type { NamedCollector } from './scrape.ts';

const QUESTION = requestData({}, { requestHeaders: {}, subpath: '', method: 'GET', clientIp: '' });

/** The plugin's own collectors; of one that has none, the declared fields of its answer. */
export function collectorsOf(plugin: RunningPlugin): NamedCollector[] {
  const onFailure = (error: unknown) => plugin.note(error, 'a collector failed');
  const { name, state } = plugin;
  if (state !== 'ready') {
    const collect = () => {
      throw new Error(`${name} is ${state}`);
    };
    // Noted already, where it happened.
    return [{ name, collect, onFailure: () => {} }];
  }
  if (plugin.collectors) return Object.entries(plugin.collectors).map(([name, collect]) => ({ name, collect, onFailure }));
  const fields = plugin.pluginClass?.fields ?? {};
  if (Object.keys(fields).length === 0) return [];
  const collect: NamedCollector['collect'] = async (metrics) => {
    const [status, body] = await plugin.answer(QUESTION);
    if (status !== 200) throw new Error(`answered ${status}`);
    declaredMetrics(name, fields, body, metrics);
  };
  return [{ name, collect, onFailure }];
}
