import type { Logger } from '../base-plugin.ts';
import { type Config, type ServerConfig, withoutSecrets } from '../config/config.ts';
import { pluginSchema } from '../config/schema.ts';
import { HostpulseError } from '../errors.ts';
import { Host } from '../host.ts';
import { neighboursOf } from '../running/neighbours.ts';
import type { PluginBlueprint } from '../running/plugin-blueprint.ts';
import type { Registry } from '../running/registry.ts';
import { RunningPlugin } from '../running/running-plugin.ts';
import { changedKeys } from './changed-keys.ts';
import type { LoadedPlugin, Setup } from './plugin-loader.ts';

/** A logger that can name its parts. */
export interface RootLogger extends Logger {
  child(fields: object): Logger;
}

export interface PluginManagerOptions {
  readonly registry: Registry;
  readonly setup: Setup;
  readonly log: RootLogger;
}

export interface Outcome {
  readonly plugin: string;
  readonly outcome: 'loaded' | 'reloaded' | 'unloaded' | 'refused';
  /** Why it was refused. */
  readonly message?: string;
}

export interface ReloadReport {
  readonly plugins: readonly Outcome[];
  /** Keys of the server's own configuration that have changed, and are heeded only by a new start. */
  readonly needsRestart: readonly string[];
}

/** Which plugins to bring up to date: all, those whose files have changed, or one by its name or route. */
export type Wanted = { readonly all: true } | { readonly changed: true } | { readonly name: string };

/** Makes the plugins of a setup, and keeps them in line with the setup as it becomes. */
export class PluginManager {
  readonly #options: PluginManagerOptions;
  readonly #host: Host;
  readonly #loaded = new Map<RunningPlugin, LoadedPlugin>();
  #config: Config;
  #turn: Promise<unknown> = Promise.resolve();
  #isClosed = false;

  constructor(options: PluginManagerOptions) {
    const { setup } = options;
    this.#options = options;
    this.#config = setup.config;
    this.#host = new Host(setup.config.server.paths);
    for (const loaded of setup.plugins) this.#add(loaded, setup.config);
  }

  /** One reload at a time. @throws HOSTPULSE_ERR_CONFIG, _NO_SUCH_PLUGIN; a plugin that cannot be reloaded is in the report */
  reload(wanted: Wanted): Promise<ReloadReport> {
    const work = this.#turn.then(() => this.#reload(wanted));
    this.#turn = work.catch(() => {});
    return work;
  }

  /** No reload begins from now on. */
  close(): void {
    this.#isClosed = true;
  }

  async #reload(wanted: Wanted): Promise<ReloadReport> {
    if (this.#isClosed) throw new HostpulseError('HOSTPULSE_ERR_SHUTTING_DOWN', 'the agent is shutting down');
    const { registry, setup: first } = this.#options;
    const named = 'name' in wanted ? (registry.find(wanted.name)?.name ?? wanted.name) : null;
    const others = [...this.#loaded.values()].filter(({ name }) => named !== null && name !== named);
    const setup = await first.again(new Map(others.map((loaded) => [loaded.origin, loaded])));
    const isWanted = (name: string) => named === null || name === named;
    const plugins = [...(await this.#unload(setup, isWanted))];
    for (const loaded of setup.plugins) {
      if (!isWanted(loaded.name)) continue;
      const known = this.#find(loaded);
      const isUnchanged = 'changed' in wanted && known && this.#loaded.get(known)?.fingerprint === loaded.fingerprint;
      if (!isUnchanged) plugins.push(known ? await this.#exchange(known, loaded, setup.config) : await this.#load(loaded, setup.config));
    }
    if (named !== null && plugins.length === 0) {
      const names = registry.all.map(({ name }) => name).join(', ');
      throw new HostpulseError('HOSTPULSE_ERR_NO_SUCH_PLUGIN', `No plugin '${named.slice(0, 80)}'; allowed: all, ${names}`);
    }
    return { plugins, needsRestart: changedKeys(this.#config.server, setup.config.server) };
  }

  async #unload(setup: Setup, isWanted: (name: string) => boolean): Promise<Outcome[]> {
    const { registry, log } = this.#options;
    const isThere = ({ name, origin }: RunningPlugin) => setup.plugins.some((loaded) => loaded.name === name && loaded.origin === origin);
    const gone = registry.all.filter((plugin) => isWanted(plugin.name) && !isThere(plugin));
    for (const plugin of gone) {
      registry.remove(plugin);
      this.#loaded.delete(plugin);
      await plugin.terminate();
      log.info({ plugin: plugin.name }, 'plugin is unloaded');
    }
    return gone.map(({ name }): Outcome => ({ plugin: name, outcome: 'unloaded' }));
  }

  async #load(loaded: LoadedPlugin, config: Config): Promise<Outcome> {
    const plugin = this.#add(loaded, config);
    await plugin.initialize();
    if (plugin.state !== 'ready') return { plugin: loaded.name, outcome: 'refused', message: plugin.statistics.lastError?.message ?? '' };
    this.#options.log.info({ plugin: loaded.name, route: plugin.route }, 'plugin is loaded');
    return { plugin: loaded.name, outcome: 'loaded' };
  }

  async #exchange(plugin: RunningPlugin, loaded: LoadedPlugin, config: Config): Promise<Outcome> {
    const { registry, log } = this.#options;
    this.#loaded.set(plugin, loaded);
    try {
      await plugin.reload(this.#blueprint(loaded, config), (route) => registry.checkRoute(route, plugin));
      registry.reroute(plugin);
      log.info({ plugin: loaded.name, route: plugin.route }, 'plugin is reloaded');
      return { plugin: loaded.name, outcome: 'reloaded' };
    } catch (err) {
      plugin.statistics.notReloaded(err);
      log.error({ plugin: loaded.name, err }, 'plugin cannot be reloaded and stays as it was');
      return { plugin: loaded.name, outcome: 'refused', message: err instanceof Error ? err.message : String(err) };
    }
  }

  #find({ name, origin }: LoadedPlugin): RunningPlugin | undefined {
    return this.#options.registry.all.find((plugin) => plugin.name === name && plugin.origin === origin);
  }

  #add(loaded: LoadedPlugin, config: Config): RunningPlugin {
    const { name, origin } = loaded;
    const { registry, log } = this.#options;
    const blueprint = loaded.pluginClass ? this.#blueprint(loaded, config) : { failure: loaded.failure };
    const settings = config.plugins.get(name)?.settings ?? NO_SETTINGS;
    const deadlines = this.#config.server.limits;
    const plugin = new RunningPlugin({ name, origin, log: log.child({ plugin: name }), deadlines, settings, blueprint });
    this.#loaded.set(plugin, loaded);
    registry.add(plugin);
    return plugin;
  }

  /** @throws why there is nothing to make it from */
  #blueprint({ name, pluginClass, failure }: LoadedPlugin, config: Config): PluginBlueprint {
    if (!pluginClass) throw failure;
    const { settings, parameters } = config.plugins.get(name) ?? { settings: NO_SETTINGS, parameters: {} };
    const { registry, log } = this.#options;
    const { server } = this.#config;
    const plugins = neighboursOf(registry, (other) => maySee(settings.apiKey, other.settings.apiKey, server));
    const context = { parameters, config: withoutSecrets(server), log: log.child({ plugin: name }), host: this.#host, plugins };
    return { pluginClass, settings, context };
  }
}

const NO_SETTINGS = { enabled: pluginSchema.enabled.default, routePath: '', apiKey: '' };

/** Through a plugin nobody may see more than its own key opens: a neighbour with a key is for the same key, or behind the global one. */
function maySee(ownKey: string, otherKey: string, { auth }: ServerConfig): boolean {
  return otherKey === '' || otherKey === ownKey || (ownKey === '' && auth.apiKey !== '');
}
