import type { FastifyInstance } from 'fastify';
import { sendJson, sendMethodError } from '../reply.ts';
import type { Registry } from '../running/registry.ts';
import type { RunningPlugin } from '../running/running-plugin.ts';
import type { Sessions } from '../sessions.ts';
import { GUARDED, type IsVisible } from './visible.ts';

export interface ControlRoutesOptions {
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly version: string;
  readonly isVisible: IsVisible;
}

const ENDPOINTS = ['/plugins', '/health', '/metrics', '/openapi.json', '/stream'];

/** What the agent says about itself. */
export function addControlRoutes(app: FastifyInstance, { registry, sessions, version, isVisible }: ControlRoutesOptions): void {
  const startMs = performance.now();
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));

  /** Alive, and how many plugins are; for probes, so it is open and tells nothing else. */
  app.get('/health', { config: { isOpen: true } }, (_request, reply) => {
    const failed = registry.all.filter(({ state }) => state === 'failed').length;
    const ready = registry.all.filter(({ state }) => state === 'ready').length;
    const uptimeSeconds = Math.round((performance.now() - startMs) / 1000);
    return sendJson(reply, 200, json({ status: failed > 0 ? 'degraded' : 'ok', version, uptimeSeconds, plugins: { ready, failed } }));
  });

  app.get('/plugins', (request, reply) => {
    const plugins = registry.all.map((plugin) => pluginState(plugin, isVisible(request, plugin)));
    return sendJson(reply, 200, json({ plugins, sessions: sessions.state }));
  });

  app.get('/', (_request, reply) => {
    const routes = registry.all.filter(({ state }) => state !== 'failed').map(({ route }) => `/${route}`);
    return sendJson(reply, 200, json({ name: 'hostpulse', version, plugins: routes, endpoints: ENDPOINTS }));
  });

  // Else POST would look for a plugin of that name.
  for (const url of ['/', '/health', '/plugins', '/stream']) app.post(url, (_request, reply) => sendMethodError(reply, 'GET, HEAD'));
}

function pluginState({ name, origin, version, route, topics, state, statistics }: RunningPlugin, isVisible: boolean): object {
  const { leaks } = statistics;
  // Its errors may say what its key guards.
  const shown = (told: typeof statistics.lastError) => (isVisible || told === null ? told : { ...told, message: GUARDED });
  const [lastError, lastReloadError] = [shown(statistics.lastError), shown(statistics.lastReloadError)];
  const routed = { route: `/${route}`, topics: topics.names };
  return {
    name,
    ...routed,
    origin,
    version,
    state,
    lastError,
    lastReloadError,
    leaks,
    history: topics.past.kept,
    statistics: { subscribers: topics.listeners.count, held: topics.listeners.held, ...statistics.toJSON() },
  };
}
