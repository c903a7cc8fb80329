import type { FastifyInstance } from 'fastify';
import type { DescribedPlugin } from '../openapi/plugin-paths.ts';
import { sendJson, sendMethodError } from '../reply.ts';
import type { Registry } from '../running/registry.ts';

/**
 * `GET /openapi.json`: made when it is asked for, and kept as long as nothing that it is made from has changed.
 * @param hasKey the agent has a key that opens everything
 */
export function addOpenApiRoute(app: FastifyInstance, registry: Registry, hasKey: boolean): void {
  let made: { readonly from: readonly unknown[]; readonly bytes: Buffer } | null = null;
  const onFailure = (name: string, error: unknown) => {
    registry.all.find((plugin) => plugin.name === name)?.note(error, 'its declaration cannot be read');
  };

  app.get('/openapi.json', async (_request, reply) => {
    // Most agents are never asked.
    const { openApiDocument } = await import('../openapi/document.ts');
    const plugins = servedPlugins(registry);
    const from = plugins.flatMap((plugin) => [...Object.values(plugin), ...plugin.topics]);
    if (made?.from.length !== from.length || !from.every((value, at) => value === made?.from[at])) {
      made = { from, bytes: Buffer.from(JSON.stringify(openApiDocument({ plugins, hasKey, onFailure }))) };
    }
    return sendJson(reply, 200, made.bytes);
  });
  app.post('/openapi.json', (_request, reply) => sendMethodError(reply, 'GET, HEAD'));
}

/** Those that could answer at their route. What changes here is not told by `registry.changes`: topics come with being ready. */
function servedPlugins(registry: Registry): DescribedPlugin[] {
  const served = registry.all.filter(({ state, route }) => state !== 'failed' && state !== 'terminated' && registry.find(route));
  return served.map(({ name, version, route, topics, handlesSubpath, settings: { apiKey }, pluginClass }) => {
    return { name, version, route, topics: topics.names, handlesSubpath, apiKey, declaration: pluginClass ?? {} };
  });
}
