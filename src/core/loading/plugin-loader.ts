import type { Logger } from '../base-plugin.ts';
import { type Config, type PluginDeclaration, withoutSecrets } from '../config/config.ts';
import { Host } from '../host.ts';
import { neighboursOf } from '../running/neighbours.ts';
import { Registry } from '../running/registry.ts';
import { type PluginClass, RunningPlugin } from '../running/running-plugin.ts';

/** Plugins by the name that keys their parameters, in the order in which they start. */
export type PluginList = Readonly<Record<string, PluginClass>>;

/** A logger that can name its parts. */
export interface RootLogger extends Logger {
  child(fields: object): Logger;
}

export function declarations(plugins: PluginList): PluginDeclaration[] {
  return Object.entries(plugins).map(([name, { parameterSchema }]) => ({ name, parameterSchema }));
}

/** Makes every enabled plugin, each with its own parameters and logger; one that throws is kept as failed. */
export function loadPlugins(plugins: PluginList, config: Config, log: RootLogger): Registry {
  const registry = new Registry();
  const { limits, paths } = config.server;
  const host = new Host(paths);
  const visibleConfig = withoutSecrets(config.server);
  for (const [name, pluginClass] of Object.entries(plugins)) {
    const own = config.plugins.get(name);
    if (!own?.settings.enabled) continue;
    const context = {
      parameters: own.parameters,
      config: visibleConfig,
      log: log.child({ plugin: name }),
      host,
      plugins: neighboursOf(registry),
    };
    registry.add(new RunningPlugin({ name, pluginClass, context, settings: own.settings, deadlines: limits }));
  }
  return registry;
}
