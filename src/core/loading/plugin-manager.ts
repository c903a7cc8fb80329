import { BehaviorSubject } from 'rxjs';
import type { Logger } from '../base-plugin.ts';
import { type Config, type ServerConfig, withoutSecrets } from '../config/config.ts';
import { pluginSchema } from '../config/schema.ts';
import { HostpulseError, messageOf, shorten } from '../errors.ts';
import { Host } from '../host.ts';
import { neighboursOf } from '../running/neighbours.ts';
import type { PluginBlueprint } from '../running/plugin-blueprint.ts';
import type { PluginClass } from '../running/plugin-class.ts';
import type { Registry } from '../running/registry.ts';
import { RunningPlugin } from '../running/running-plugin.ts';
import { changedKeys } from './changed-keys.ts';
import { exchange } from './exchange.ts';
import type { LoadedPlugin, Setup } from './plugin-loader.ts';
import type { Outcome, ReloadReport, Wanted } from './reload-report.ts';
import { Turns } from './turns.ts';

/** A logger that can name its parts. */
export interface RootLogger extends Logger {
  child(fields: object): Logger;
}

export interface PluginManagerOptions {
  readonly registry: Registry;
  readonly setup: Setup;
  readonly log: RootLogger;
}

/** Makes the plugins of a setup, and keeps them in line with the setup as it becomes. */
export class PluginManager {
  /** Where plugins are looked for. */
  readonly places: BehaviorSubject<readonly string[]>;
  readonly #options: PluginManagerOptions;
  readonly #host: Host;
  readonly #loaded = new Map<RunningPlugin, LoadedPlugin>();
  readonly #turns = new Turns<ReloadReport>();
  #config: Config;
  #isClosed = false;

  constructor(options: PluginManagerOptions) {
    const { setup } = options;
    this.#options = options;
    this.#config = setup.config;
    this.places = new BehaviorSubject<readonly string[]>(setup.config.server.paths.plugins);
    this.#host = new Host(setup.config.server.paths);
    for (const loaded of setup.plugins) this.#add(loaded, setup.config);
  }

  /**
   * One reload at a time; who wants the same as one that has not begun waits for that one.
   * @throws HOSTPULSE_ERR_NOT_RELOADED where the configuration is wrong, _NO_SUCH_PLUGIN, _TOO_MANY, _SHUTTING_DOWN; a
   * plugin that cannot be reloaded is in the report
   */
  reload(wanted: Wanted): Promise<ReloadReport> {
    return this.#turns.take(JSON.stringify(wanted), () => this.#reload(wanted));
  }

  /** No reload begins from now on. */
  close(): void {
    this.#isClosed = true;
  }

  async #reload(wanted: Wanted): Promise<ReloadReport> {
    this.#refuseWhereClosed();
    const { registry } = this.#options;
    const named = 'name' in wanted ? wanted.name : null;
    const atRoute = named === null ? undefined : registry.find(named)?.name;
    const isWanted = ({ name }: { readonly name: string }) => named === null || name === named || name === atRoute;
    const setup = await this.#look('changed' in wanted, isWanted);
    this.#refuseWhereClosed();
    this.places.next(setup.config.server.paths.plugins);
    const plugins = await this.#unload(setup, isWanted);
    const due = setup.plugins.filter((loaded) => isWanted(loaded) && !('changed' in wanted && this.#isUnchanged(loaded)));
    plugins.push(...(await this.#exchange(due, setup.config)));
    for (const loaded of due) if (!this.#find(loaded) && !this.#isClosed) plugins.push(await this.#load(loaded, setup.config));
    if (named !== null && plugins.length === 0) {
      const names = registry.all.map(({ name }) => name).join(', ');
      throw new HostpulseError('HOSTPULSE_ERR_NO_SUCH_PLUGIN', `No plugin '${shorten(named)}'; allowed: all, ${names}`);
    }
    return { plugins, needsRestart: changedKeys(this.#config.server, setup.config.server) };
  }

  /** Only what may have changed is loaded anew. */
  async #look(ifChanged: boolean, isWanted: (plugin: LoadedPlugin) => boolean): Promise<Setup> {
    const known = new Map([...this.#loaded.values()].map((loaded) => [loaded.origin, loaded]));
    try {
      return await this.#options.setup.again((origin, print) => {
        const loaded = known.get(origin);
        const isKept = loaded && !loaded.isNameless && (ifChanged ? loaded.fingerprint === print : !isWanted(loaded));
        return isKept ? loaded : undefined;
      });
    } catch (cause) {
      const { message } = cause as Error;
      this.#options.log.error({ err: cause }, 'nothing was reloaded, all runs on as before');
      throw new HostpulseError('HOSTPULSE_ERR_NOT_RELOADED', `nothing was reloaded, all runs on as before: ${message}`, { cause });
    }
  }

  #isUnchanged(loaded: LoadedPlugin): boolean {
    const known = this.#find(loaded);
    const before = known && this.#loaded.get(known);
    return before !== undefined && before.origin === loaded.origin && before.fingerprint === loaded.fingerprint;
  }

  async #unload(setup: Setup, isWanted: (plugin: RunningPlugin) => boolean): Promise<Outcome[]> {
    const { registry, log } = this.#options;
    const staying = new Set(setup.plugins.map((loaded) => this.#find(loaded)));
    const gone = registry.all.filter((plugin) => isWanted(plugin) && !staying.has(plugin));
    const wasServed = gone.filter((plugin) => !this.#loaded.get(plugin)?.isNameless);
    for (const plugin of gone) {
      registry.remove(plugin);
      this.#loaded.delete(plugin);
      await plugin.terminate(true);
      log.info({ plugin: plugin.name, origin: plugin.origin }, 'plugin is unloaded');
    }
    return wasServed.map(({ name }): Outcome => ({ plugin: name, outcome: 'unloaded' }));
  }

  async #load(loaded: LoadedPlugin, config: Config): Promise<Outcome> {
    const plugin = this.#add(loaded, config);
    await plugin.initialize();
    const message = plugin.statistics.lastError?.message ?? '';
    if (plugin.state !== 'ready') return { plugin: loaded.name, outcome: 'refused', message, runsOn: false };
    this.#options.log.info({ plugin: loaded.name, route: plugin.route }, 'plugin is loaded');
    return { plugin: loaded.name, outcome: 'loaded' };
  }

  async #exchange(due: readonly LoadedPlugin[], config: Config): Promise<Outcome[]> {
    const { registry, log } = this.#options;
    const blueprints = new Map<RunningPlugin, PluginBlueprint | { readonly failure: unknown }>();
    for (const loaded of due) {
      const plugin = this.#find(loaded);
      if (!plugin) continue;
      this.#loaded.set(plugin, loaded);
      blueprints.set(plugin, loaded.pluginClass ? this.#blueprint(loaded, loaded.pluginClass, config) : { failure: loaded.failure });
    }
    const refused = await exchange(registry, blueprints, () => this.#isClosed);
    return [...blueprints.keys()].map((plugin): Outcome => {
      const { name } = plugin;
      if (!refused.has(plugin)) {
        plugin.origin = this.#loaded.get(plugin)?.origin ?? plugin.origin;
        log.info({ plugin: name, route: plugin.route }, 'plugin is reloaded');
        return { plugin: name, outcome: 'reloaded' };
      }
      const err = refused.get(plugin);
      plugin.statistics.notReloaded(err);
      log.error({ plugin: name, err }, 'plugin cannot be reloaded and stays as it was');
      return { plugin: name, outcome: 'refused', message: messageOf(err), runsOn: plugin.state === 'ready' };
    });
  }

  /** A plugin is known by its name, also where its file is another one now; one that has none, by its file. */
  #find({ name, origin, isNameless = false }: LoadedPlugin): RunningPlugin | undefined {
    return this.#options.registry.all.find((plugin) => {
      const wasNameless = this.#loaded.get(plugin)?.isNameless ?? false;
      return wasNameless === isNameless && (isNameless ? plugin.origin === origin : plugin.name === name);
    });
  }

  #refuseWhereClosed(): void {
    if (this.#isClosed) throw new HostpulseError('HOSTPULSE_ERR_SHUTTING_DOWN', 'the agent is shutting down');
  }

  #add(loaded: LoadedPlugin, config: Config): RunningPlugin {
    const { name, origin } = loaded;
    const { registry, log } = this.#options;
    const blueprint = loaded.pluginClass ? this.#blueprint(loaded, loaded.pluginClass, config) : { failure: loaded.failure };
    const settings = config.plugins.get(name)?.settings ?? NO_SETTINGS;
    const limits = this.#config.server.limits;
    const plugin = new RunningPlugin({ name, origin, log: log.child({ plugin: name }), limits, settings, blueprint });
    this.#loaded.set(plugin, loaded);
    registry.add(plugin);
    return plugin;
  }

  #blueprint({ name }: LoadedPlugin, pluginClass: PluginClass, config: Config): PluginBlueprint {
    const { settings, parameters } = config.plugins.get(name) ?? { settings: NO_SETTINGS, parameters: {} };
    const { registry, log } = this.#options;
    const { server } = this.#config;
    const plugins = neighboursOf({ registry, of: name, maySee: (other) => maySee(settings.apiKey, other.settings.apiKey, server) });
    const context = { parameters, config: withoutSecrets(server), log: log.child({ plugin: name }), host: this.#host, plugins };
    return { pluginClass, settings, context };
  }
}

const NO_SETTINGS = { enabled: pluginSchema.enabled.default, routePath: '', apiKey: '' };

/** Through a plugin nobody may see more than what lets them in opens by itself: also not through the next one. */
function maySee(ownKey: string, otherKey: string, { auth }: ServerConfig): boolean {
  return ownKey === otherKey || (auth.apiKey === '' ? otherKey : ownKey) === '';
}
