import { HostpulseError } from '../errors.ts';
import type { PluginBlueprint } from '../running/plugin-blueprint.ts';
import type { Registry } from '../running/registry.ts';
import type { RunningPlugin } from '../running/running-plugin.ts';
import type { Successor } from '../running/successor.ts';

/**
 * Puts new instances in the place of old ones: all at the same moment, when all are ready, so that plugins may take
 * over one another's routes. Until then, and where its new one cannot run, the old one serves.
 * @param isClosed whether the agent has begun to shut down meanwhile
 * @returns those that were refused, and why
 */
export async function exchange(
  registry: Registry,
  wanted: ReadonlyMap<RunningPlugin, PluginBlueprint | { readonly failure: unknown }>,
  isClosed: () => boolean,
): Promise<Map<RunningPlugin, unknown>> {
  const refused = new Map<RunningPlugin, unknown>();
  const successors = new Map<RunningPlugin, Successor>();
  const refuse = async (plugin: RunningPlugin, why: unknown) => {
    const successor = successors.get(plugin);
    refused.set(plugin, why);
    successors.delete(plugin);
    await successor?.abandon();
  };
  const settleRoutes = async () => {
    const routes = new Map([...successors].map(([plugin, { route }]) => [plugin, route]));
    for (const [plugin, why] of registry.refusedMoves(routes)) await refuse(plugin, why);
  };

  for (const [plugin, blueprint] of wanted) {
    try {
      if ('failure' in blueprint) throw blueprint.failure;
      successors.set(plugin, await plugin.prepare(blueprint));
    } catch (error) {
      await refuse(plugin, error);
    }
  }
  await settleRoutes();
  await Promise.all([...successors].map(([plugin, next]) => next.initialize().catch((error: unknown) => refuse(plugin, error))));
  // One that failed stays at the route that another was to have.
  await settleRoutes();
  if (isClosed())
    for (const plugin of successors.keys())
      await refuse(plugin, new HostpulseError('HOSTPULSE_ERR_SHUTTING_DOWN', 'the agent is shutting down'));
  for (const next of successors.values()) next.take();
  registry.reroute(...successors.keys());
  return refused;
}
