import type { FastifyInstance } from 'fastify';
import { HostpulseError } from '../errors.ts';
import type { PluginManager, ReloadReport } from '../loading/plugin-manager.ts';
import { sendJson, sendMethodError } from '../reply.ts';

/** `POST /reload/<plugin>` and `/reload/all`: the configuration and the plugins' files are looked at anew. */
export function addReloadRoute(app: FastifyInstance, plugins: PluginManager): void {
  app.post<{ Params: { plugin: string } }>('/reload/:plugin', async (request, reply) => {
    const { plugin: name } = request.params;
    const report = await plugins.reload(name === 'all' ? { all: true } : { name });
    refuseWhereOneWasRefused(report);
    return sendJson(reply, 200, Buffer.from(JSON.stringify(report)));
  });

  for (const url of ['/reload', '/reload/*'])
    app.get(url, (_request, reply) => sendMethodError(reply, 'POST /reload/<plugin>, POST /reload/all'));
}

/** @throws HOSTPULSE_ERR_NOT_RELOADED naming each that was refused, and why */
function refuseWhereOneWasRefused({ plugins }: ReloadReport): void {
  const refused = plugins.filter(({ outcome }) => outcome === 'refused');
  if (refused.length === 0) return;
  const whys = refused.map(({ plugin, message }) => `${plugin}: ${message}`);
  const rest = plugins.length > refused.length ? ` (${plugins.length - refused.length} others were)` : '';
  throw new HostpulseError('HOSTPULSE_ERR_NOT_RELOADED', `not reloaded, and running on as before${rest}: ${whys.join('; ')}`);
}
