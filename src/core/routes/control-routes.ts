import type { FastifyInstance } from 'fastify';
import { toErrorBody } from '../errors.ts';
import type { Registry } from '../registry.ts';
import { sendError, sendJson, sendMethodError } from '../reply.ts';
import type { Sessions } from '../sessions.ts';

export interface ControlRoutesOptions {
  readonly registry: Registry;
  readonly sessions: Sessions;
  readonly version: string;
}

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
    const plugins = registry.all.map(({ name, route, topics, state, statistics }) => {
      return {
        name,
        route: `/${route}`,
        topics: topics.names,
        state,
        lastError: statistics.lastError,
        statistics: { subscribers: topics.subscribers, ...statistics.toJSON() },
      };
    });
    return sendJson(reply, 200, json({ plugins, sessions: { open: sessions.size, ...sessions.counts } }));
  });

  app.get('/', (_request, reply) => {
    const routes = registry.all.filter(({ state }) => state !== 'failed').map(({ route }) => `/${route}`);
    return sendJson(reply, 200, json({ name: 'hostpulse', version, plugins: routes, endpoints: ['/plugins', '/health', '/stream'] }));
  });

  // Else POST would look for a plugin of that name.
  for (const url of ['/', '/health', '/plugins', '/stream']) app.post(url, (_request, reply) => sendMethodError(reply, 'GET, HEAD'));

  app.setNotFoundHandler((request, reply) => {
    const message = `Nothing at ${request.url.split('?')[0]?.slice(0, 80)}; GET / lists what there is`;
    return sendError(reply, { statusCode: 404, code: 'HOSTPULSE_ERR_NOT_FOUND', error: 'Not Found', message });
  });

  app.setErrorHandler((error: Error & { code?: string; statusCode?: number }, request, reply) => {
    const { code, statusCode = 500 } = error;
    const body = toErrorBody(error);
    if (code?.startsWith('HOSTPULSE_')) return sendError(reply, body);
    // Fastify's own refusals, in our words.
    if (statusCode === 413) {
      // Node reads the rest of the body and throws it away, for as long as a request may take. Were the connection
      // closed instead, as Fastify wants it, a client still sending would see a reset and not this answer.
      reply.removeHeader('connection');
      return sendError(reply, {
        statusCode,
        code: 'HOSTPULSE_ERR_BODY_TOO_BIG',
        error: 'Payload Too Large',
        message: 'the body is larger than limits.bodyBytes',
      });
    }
    if (statusCode === 415) {
      const message = `content-type '${request.headers['content-type']?.slice(0, 80)}' is not understood; allowed: application/json, application/x-www-form-urlencoded`;
      return sendError(reply, { statusCode, code: 'HOSTPULSE_ERR_MEDIA_TYPE', error: 'Unsupported Media Type', message });
    }
    if (statusCode >= 400 && statusCode < 500) {
      return sendError(reply, { statusCode: 400, code: 'HOSTPULSE_ERR_BAD_REQUEST', error: 'Bad Request', message: error.message });
    }
    request.log.error({ err: error, method: request.method, path: request.url.split('?')[0] }, 'request failed');
    return sendError(reply, body);
  });
}
