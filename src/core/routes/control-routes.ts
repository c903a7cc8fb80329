import type { FastifyInstance } from 'fastify';
import { sendJson, sendMethodError } from '../reply.ts';
import type { Registry } from '../running/registry.ts';
import type { RunningPlugin } from '../running/running-plugin.ts';
import type { Sessions } from '../sessions.ts';

export interface ControlRoutesOptions {
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly version: string;
}

const ENDPOINTS = ['/plugins', '/health', '/metrics', '/openapi.json', '/stream'];

/** What the agent says about itself. */
export function addControlRoutes(app: FastifyInstance, { registry, sessions, version }: ControlRoutesOptions): void {
  const startMs = performance.now();
  const json = (value: unknown) => Buffer.from(JSON.stringify(value));

  /** Alive, and how many plugins are; for probes, so it is open and tells nothing else. */
  app.get('/health', { config: { isOpen: true } }, (_request, reply) => {
    const failed = registry.all.filter(({ state }) => state === 'failed').length;
    const ready = registry.all.filter(({ state }) => state === 'ready').length;
    const uptimeSeconds = Math.round((performance.now() - startMs) / 1000);
    return sendJson(reply, 200, json({ status: failed > 0 ? 'degraded' : 'ok', version, uptimeSeconds, plugins: { ready, failed } }));
  });

  app.get('/plugins', (_request, reply) => {
    return sendJson(reply, 200, json({ plugins: registry.all.map(pluginState), sessions: { open: sessions.size, ...sessions.counts } }));
  });

  app.get('/', (_request, reply) => {
    const routes = registry.all.filter(({ state }) => state !== 'failed').map(({ route }) => `/${route}`);
    return sendJson(reply, 200, json({ name: 'hostpulse', version, plugins: routes, endpoints: ENDPOINTS }));
  });

  // Else POST would look for a plugin of that name.
  for (const url of ['/', '/health', '/plugins', '/stream']) app.post(url, (_request, reply) => sendMethodError(reply, 'GET, HEAD'));
}

function pluginState({ name, origin, version, route, topics, state, statistics }: RunningPlugin): object {
  const { lastError, lastReloadError, leaks } = statistics;
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
    statistics: { subscribers: topics.subscribers, ...statistics.toJSON() },
  };
}
