import { readFileSync } from 'node:fs';
import formbody from '@fastify/formbody';
import websocket from '@fastify/websocket';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, type FastifyRequest, LogController } from 'fastify';
import { type AccessPolicy, isLoopback } from './access.ts';
import type { ServerConfig } from './config/config.ts';
import { withDeadline } from './deadline.ts';
import type { Setup } from './loading/plugin-loader.ts';
import { PluginManager, type RootLogger } from './loading/plugin-manager.ts';
import { addAccessHook } from './routes/access-hook.ts';
import { addControlRoutes } from './routes/control-routes.ts';
import { addErrorAnswers } from './routes/error-answers.ts';
import { addGzipHook } from './routes/gzip-hook.ts';
import { addMetricsRoute } from './routes/metrics-route.ts';
import { addOpenApiRoute } from './routes/openapi-route.ts';
import { ignoreOtherUpgrades } from './routes/other-upgrades.ts';
import { addPluginRoutes } from './routes/plugin-routes.ts';
import { addHandshakeRefusal, refuseClient, refuseUrl } from './routes/refusals.ts';
import { addReloadRoute } from './routes/reload-route.ts';
import { addStreamRoute } from './routes/stream-route.ts';
import { addUpgrades } from './routes/upgraded.ts';
import { visibility } from './routes/visible.ts';
import { watchTimers } from './running/plugin-timers.ts';
import { Registry } from './running/registry.ts';
import { Sessions } from './sessions.ts';
import { chooseSubprotocol } from './subprotocols.ts';
import { VERSION } from './version.ts';

export interface AgentOptions {
  readonly setup: Setup;
  readonly log: RootLogger;
}

export interface Agent {
  readonly app: FastifyInstance;
  readonly registry: Registry;
  readonly plugins: PluginManager;
  /** Initializes the plugins and listens. @returns the URL that it listens on */
  start(): Promise<string>;
  /** Sessions close with 1001, plugins terminate; all of it within a second. */
  close(): Promise<void>;
}

/** Open connections get this long to end by themselves. */
const DRAIN_MS = 400;
/** A client that has taken leave but does not hang up is hung up on: until then it has its place and its subscriptions. */
const LEAVE_MS = 500;

/** Puts the agent together: server, door, plugins, routes. It listens only when started. */
export async function createAgent({ setup, log }: AgentOptions): Promise<Agent> {
  const { server } = setup.config;
  const { limits } = server;
  watchTimers();
  const registry = new Registry();
  const plugins = new PluginManager({ registry, setup, log });
  const sessions = new Sessions(limits);
  const policy = accessPolicy(server);
  const app = createServer(server, log);

  if (policy.origins.length > 0) {
    const { default: cors } = await import('@fastify/cors');
    await app.register(cors, {
      origin: [...policy.origins],
      methods: ['GET', 'HEAD', 'POST'],
      allowedHeaders: ['authorization', 'content-type', 'x-custom-auth', 'last-event-id'],
      exposedHeaders: ['hostpulse-gap', 'hostpulse-sequence'],
    });
  }
  await app.register(websocket, {
    options: webSockets(limits.messageBytes),
    preClose: (done) => {
      sessions.closeAll();
      done();
    },
  });
  app.server.maxConnections = limits.connections;
  await app.register(formbody, { bodyLimit: limits.bodyBytes });
  addHandshakeRefusal(app);
  ignoreOtherUpgrades(app);
  const upgraded = addUpgrades(app);
  addAccessHook(app, policy, registry, limits.urlBytes);
  addErrorAnswers(app);
  addGzipHook(app);
  if (['debug', 'trace'].includes(server.log.level)) logRequests(app, log);
  const isVisible = visibility(policy.apiKey !== '');
  addControlRoutes(app, { registry, sessions, version: VERSION, isVisible });
  addReloadRoute(app, plugins, registry, isVisible);
  addStreamRoute(app, { registry, sessions, policy, upgraded, limits });
  addOpenApiRoute(app, registry, policy.apiKey !== '');
  addMetricsRoute(app, { registry, sessions, isVisible, handlerMs: limits.handlerMs });
  addPluginRoutes(app, {
    registry,
    sessions,
    upgraded,
    visibleHeaders: (request, pluginKey) => withoutKey(request, policy.apiKey || pluginKey),
  });

  return {
    app,
    registry,
    plugins,
    start: async () => {
      const initialized = registry.initializeAll();
      const url = await app.listen({ host: server.network.host, port: server.network.port });
      initialized.then(() =>
        log.info({ plugins: registry.all.map(({ route, state }) => `${route}: ${state}`) }, 'plugins are initialized'),
      );
      return url;
    },
    close: async () => {
      plugins.close();
      const drained = app.close();
      const cut = setTimeout(() => app.server.closeAllConnections(), DRAIN_MS);
      await withDeadline(drained, 2 * DRAIN_MS, () => new Error('connections did not close')).catch(() => {});
      clearTimeout(cut);
      await registry.terminateAll();
    },
  };
}

function createServer({ limits, tls }: ServerConfig, log: RootLogger): FastifyInstance {
  const options = {
    loggerInstance: log as unknown as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    frameworkErrors: refuseUrl,
    clientErrorHandler: refuseClient,
    // Who still gets through while the agent closes is answered as always.
    return503OnClosing: false,
    // request-data refuses prototypes, at any depth and by name; the parser would call them broken JSON.
    onProtoPoisoning: 'ignore' as const,
    onConstructorPoisoning: 'ignore' as const,
    requestTimeout: limits.requestMs,
    bodyLimit: limits.bodyBytes,
    // Requests are not logged one by one: no logger for each.
    childLoggerFactory: (logger: FastifyBaseLogger) => logger,
    // No route has a schema of fastify's kind: what compiles those would be a fifth of all that is loaded.
    schemaController: { compilersFactory: { buildValidator: noSchemas, buildSerializer: noSchemas } },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: limits.urlBytes },
    // Dead peers of event streams are found by the kernel.
    keepAlive: true,
    keepAliveInitialDelay: limits.heartbeatMs,
  };
  if (!tls.certFile) return Fastify(options) as FastifyInstance;
  const https = { cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) };
  return Fastify({ ...options, https }) as unknown as FastifyInstance;
}

function webSockets(maxPayload: number) {
  return { maxPayload, handleProtocols: chooseSubprotocol, closeTimeout: LEAVE_MS };
}

function noSchemas(): never {
  throw new Error('the agent has no schemas for its routes');
}

/** One line per answer. The path only: a key may stand in the query. */
function logRequests(app: FastifyInstance, log: RootLogger): void {
  app.addHook('onResponse', (request, reply, done) => {
    const { method, url } = request;
    log.debug({ method, path: url.split('?', 1)[0], status: reply.statusCode, ms: Math.round(reply.elapsedTime * 10) / 10 }, 'answered');
    done();
  });
}

function accessPolicy({ auth, cors, network }: ServerConfig): AccessPolicy {
  return {
    apiKey: auth.apiKey,
    allowedHosts: network.allowedHosts.map((host) => host.toLowerCase()),
    origins: cors.origins,
    checkHost: auth.apiKey === '' && isLoopback(network.host),
  };
}

/** A plugin has no need of the key that opened the door; where there is no key, all headers are its own business. */
function withoutKey(request: FastifyRequest, key: string): FastifyRequest['headers'] {
  if (key === '') return request.headers;
  const { authorization: _a, 'x-custom-auth': _b, 'sec-websocket-protocol': _c, ...headers } = request.headers;
  return headers;
}
