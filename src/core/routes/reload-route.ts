import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { HostpulseError } from '../errors.ts';
import type { PluginManager } from '../loading/plugin-manager.ts';
import type { ReloadReport } from '../loading/reload-report.ts';
import { sendJson, sendMethodError } from '../reply.ts';
import type { Registry } from '../running/registry.ts';
import { GUARDED, type IsVisible } from './visible.ts';

const ALLOWED = 'POST /reload/<plugin>, POST /reload/all';

/** `POST /reload/<plugin>` and `/reload/all`: the configuration and the plugins' files are looked at anew. */
export function addReloadRoute(app: FastifyInstance, plugins: PluginManager, registry: Registry, isVisible: IsVisible): void {
  app.post<{ Params: { plugin: string } }>('/reload/:plugin', { config: { reloads: true } }, async (request, reply) => {
    const { plugin: name } = request.params;
    const report = await plugins.reload(name === 'all' ? { all: true } : { name });
    refuseWhereOneWasRefused(report, (name) => registry.all.every((plugin) => plugin.name !== name || isVisible(request, plugin)));
    return sendJson(reply, 200, Buffer.from(JSON.stringify(report)));
  });

  const refuse = (_request: FastifyRequest, reply: FastifyReply) => sendMethodError(reply, ALLOWED);
  app.get('/reload', refuse);
  app.get('/reload/*', refuse);
  // Else POST would look for a plugin of that name.
  for (const url of ['/reload', '/reload/:plugin/*']) {
    app.post(url, () => {
      throw new HostpulseError('HOSTPULSE_ERR_NOT_FOUND', `it is to be said which plugin; allowed: ${ALLOWED}`);
    });
  }
}

/** @throws HOSTPULSE_ERR_NOT_RELOADED naming each that was refused, and why */
function refuseWhereOneWasRefused({ plugins, needsRestart }: ReloadReport, mayTellOf: (name: string) => boolean): void {
  const refused = plugins.filter(({ outcome }) => outcome === 'refused');
  if (refused.length === 0) return;
  const whys = (runsOn: boolean) =>
    refused
      .filter((one) => one.runsOn === runsOn)
      .map(({ plugin, message }) => `${plugin}: ${mayTellOf(plugin) ? message : GUARDED}`)
      .join('; ');
  const [asBefore, notAtAll] = [whys(true), whys(false)];
  const others = plugins.filter(({ outcome }) => outcome !== 'refused').map(({ plugin, outcome }) => `${plugin} ${outcome}`);
  const told = [
    ...(asBefore ? [`not reloaded, and running on as before: ${asBefore}`] : []),
    ...(notAtAll ? [`not served: ${notAtAll}`] : []),
    ...(others.length > 0 ? [`all else is well: ${others.join(', ')}`] : []),
    ...(needsRestart.length > 0 ? [`only a new start heeds ${needsRestart.join(', ')}`] : []),
  ];
  throw new HostpulseError('HOSTPULSE_ERR_NOT_RELOADED', told.join('; '));
}
