import { Subject } from 'rxjs';
import { HostpulseError } from '../errors.ts';
import type { RunningPlugin } from './running-plugin.ts';

/** First URL segments that are the agent's own. */
export const RESERVED_ROUTES: ReadonlySet<string> = new Set(['', 'stream', 'plugins', 'reload', 'health', 'metrics', 'openapi.json']);
const ROUTE = /^[a-z0-9][a-z0-9_-]*$/;

/** The plugins of an agent, by route. Who comes first has a route; a second that wants it is refused, by name. */
export class Registry {
  /** Routes have come or gone. */
  readonly changes = new Subject<void>();
  readonly #plugins: RunningPlugin[] = [];
  readonly #routes = new Map<string, RunningPlugin>();

  add(plugin: RunningPlugin): void {
    this.#plugins.push(plugin);
    try {
      this.checkRoute(plugin.route, plugin);
      this.reroute(plugin);
    } catch (error) {
      // One that has failed already has a better reason.
      if (plugin.state !== 'failed') plugin.refuse(error);
    }
  }

  remove(plugin: RunningPlugin): void {
    this.#plugins.splice(this.#plugins.indexOf(plugin), 1);
    this.#unroute(plugin);
    this.changes.next();
  }

  /** @throws why this plugin cannot be at this route */
  checkRoute(route: string, plugin: RunningPlugin): void {
    const { name } = plugin;
    const holder = this.#routes.get(route);
    if (holder && holder !== plugin)
      throw new Error(`route /${route} belongs to plugin '${holder.name}'; give '${name}' a routePath of its own`);
    if (RESERVED_ROUTES.has(route)) throw new Error(`route /${route} is the agent's own; give '${name}' a routePath`);
    if (!ROUTE.test(route.toLowerCase())) throw new Error(`route '${route}' is not one URL segment of letters, digits, - and _`);
  }

  /** From now on it is found where it says that it is. */
  reroute(plugin: RunningPlugin): void {
    this.#unroute(plugin);
    this.#routes.set(plugin.route, plugin);
    this.changes.next();
  }

  get all(): readonly RunningPlugin[] {
    return this.#plugins;
  }

  find(route: string): RunningPlugin | undefined {
    return this.#routes.get(route);
  }

  /** @throws HOSTPULSE_ERR_NO_SUCH_PLUGIN, listing what is there */
  get(route: string): RunningPlugin {
    const plugin = this.#routes.get(route);
    if (plugin) return plugin;
    const routes = [...this.#routes.keys()].sort().map((known) => `/${known}`);
    const message = `No plugin at /${route.slice(0, 80)}; there is: ${[...routes, '/plugins', '/health', '/stream'].join(', ')}`;
    throw new HostpulseError('HOSTPULSE_ERR_NO_SUCH_PLUGIN', message);
  }

  /** All at once: a slow one holds up only its own requests. */
  async initializeAll(): Promise<void> {
    await Promise.all(this.#plugins.map((plugin) => plugin.initialize()));
  }

  /** One by one, the newest first. */
  async terminateAll(): Promise<void> {
    for (const plugin of this.#plugins.toReversed()) await plugin.terminate();
  }

  #unroute(plugin: RunningPlugin): void {
    for (const [route, holder] of this.#routes) if (holder === plugin) this.#routes.delete(route);
  }
}
