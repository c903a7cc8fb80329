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
    const holder = this.#routes.get(plugin.route);
    const problem = routeProblem(plugin.route, plugin, holder);
    // One that has failed already has a better reason, and shows it where nobody else is.
    if (plugin.state === 'failed' && (problem !== null || holder)) return;
    if (problem === null) this.reroute(plugin);
    else plugin.refuse(new Error(problem));
  }

  remove(plugin: RunningPlugin): void {
    this.#plugins.splice(this.#plugins.indexOf(plugin), 1);
    this.#unroute(plugin);
    this.changes.next();
  }

  /** Plugins that are to move at the same moment. @returns those that cannot have the route they want, and why */
  refusedMoves(routes: ReadonlyMap<RunningPlugin, string>): Map<RunningPlugin, Error> {
    const refused = new Map<RunningPlugin, Error>();
    // Who stays where it is goes before who comes.
    const stays = ([plugin, route]: [RunningPlugin, string]) => Number(this.#routes.get(route) === plugin);
    const moves = [...routes].sort((a, b) => stays(b) - stays(a));
    for (let before = -1; before !== refused.size; ) {
      before = refused.size;
      const staying = [...this.#routes].filter(([, plugin]) => !routes.has(plugin) || refused.has(plugin));
      const holders = new Map(staying);
      for (const [plugin, route] of moves) {
        if (refused.has(plugin)) continue;
        const problem = routeProblem(route, plugin, holders.get(route));
        if (problem !== null) refused.set(plugin, new Error(problem));
        else holders.set(route, plugin);
      }
    }
    return refused;
  }

  /** From now on they are found where they say that they are. */
  reroute(...plugins: readonly RunningPlugin[]): void {
    for (const plugin of plugins) this.#unroute(plugin);
    for (const plugin of plugins) this.#routes.set(plugin.route, plugin);
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
    const message = `No plugin at /${route.slice(0, 80)}; there is: ${[...routes, '/plugins', '/health', '/metrics', '/openapi.json', '/stream'].join(', ')}`;
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

/** @param holder who is at this route, if any; one that has failed gives way to one that works */
function routeProblem(route: string, plugin: RunningPlugin, holder: RunningPlugin | undefined): string | null {
  const { name } = plugin;
  if (holder && holder !== plugin && holder.state !== 'failed')
    return `route /${route} belongs to plugin '${holder.name}'; give '${name}' a routePath of its own`;
  const inLowerCase = String(route).toLowerCase();
  if (RESERVED_ROUTES.has(inLowerCase)) return `route /${route} is the agent's own; give '${name}' a routePath`;
  return typeof route === 'string' && ROUTE.test(inLowerCase)
    ? null
    : `route '${route}' is not one URL segment of letters, digits, - and _`;
}
