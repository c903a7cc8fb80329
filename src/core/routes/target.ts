import type { FastifyRequest } from 'fastify';
import { type Path, parsePath } from '../json-path.ts';
import { mergeVariables } from '../request-data.ts';
import type { Registry } from '../running/registry.ts';
import type { RunningPlugin } from '../running/running-plugin.ts';

/** What a request for a plugin asks for. */
export interface Target {
  readonly plugin: RunningPlugin;
  readonly subpath: string;
  readonly path: Path;
  readonly variables: ReturnType<typeof mergeVariables>;
}

/** @throws HOSTPULSE_ERR_NO_SUCH_PLUGIN, and what is wrong with the variables */
export function target(registry: Registry, request: FastifyRequest): Target {
  const { plugin: route } = request.params as { plugin: string };
  const plugin = registry.get(route);
  // From the URL as it came: the router has already decoded its parameter, an encoded slash would be lost.
  const [pathname = ''] = request.url.split('?', 1);
  const subpath = pathname.split('/').slice(2).join('/').replace(/\/+$/, '');
  return { plugin, subpath, path: parsePath(subpath), variables: mergeVariables(request.query, request.body) };
}

/** Only a value tells whether the path leads anywhere. */
export function isIntoValue({ plugin, path }: Target): boolean {
  return path.length > (plugin.topics.has(path[0]) ? 1 : 0);
}
