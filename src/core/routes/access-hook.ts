import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type AccessPolicy, checkHost, checkKey, checkOrigin, opens, presentedKey } from '../access.ts';
import { HostpulseError } from '../errors.ts';
import type { Registry } from '../running/registry.ts';
import type { RunningPlugin } from '../running/running-plugin.ts';
import { checkSubprotocols } from '../subprotocols.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Answers without a key. */
    isOpen?: boolean;
    /** Takes a WebSocket upgrade. */
    takesUpgrade?: boolean;
    /** Reloads the plugin that it names, or all. */
    reloads?: boolean;
    /** Any plugin's own key opens the door; which topics it opens is asked topic by topic. */
    anyPluginKey?: boolean;
  }
}

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);

/** The one door: every request and every upgrade passes here before anything else of it is looked at. */
export function addAccessHook(app: FastifyInstance, policy: AccessPolicy, registry: Registry, urlBytes: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-content-type-options', 'nosniff');
    if (request.url.length > urlBytes) {
      throw new HostpulseError(
        'HOSTPULSE_ERR_URL_TOO_LONG',
        `the URL has ${request.url.length} bytes; allowed: ${urlBytes} (limits.urlBytes)`,
      );
    }
    checkHost(policy, request.headers.host);
    if (request.ws || wantsEvents(request) || !SAFE_METHODS.has(request.method)) {
      checkOrigin(policy, request.headers.origin, request.headers.host);
    }
    const { isOpen, takesUpgrade } = request.routeOptions.config;
    if (!isOpen) checkRequestKey(request, policy, registry);
    if (request.ws && !takesUpgrade) throw new HostpulseError('HOSTPULSE_ERR_NO_TOPIC', 'there is nothing to subscribe to at this URL');
    if (request.ws) checkSubprotocols(request.headers);
    done();
  });
  // A key may stand in the body, which is only known now.
  app.addHook('preValidation', (request, _reply, done) => {
    if (isKeyDeferred(request)) checkPluginKeys(request, policy, registry, presentedKey(request.headers, request.query, request.body));
    done();
  });
}

function checkRequestKey(request: FastifyRequest, policy: AccessPolicy, registry: Registry): void {
  if (isKeyDeferred(request)) return;
  const presented = presentedKey(request.headers, request.query);
  if (!request.routeOptions.config.anyPluginKey) return checkPluginKeys(request, policy, registry, presented);
  const opensSomePlugin = registry.all.some(
    ({ settings }) => presented !== null && settings.apiKey !== '' && opens(settings.apiKey, presented),
  );
  if (!opensSomePlugin) checkKey(policy, presented);
}

function isKeyDeferred(request: FastifyRequest): boolean {
  return request.method === 'POST' && !request.routeOptions.config.isOpen && presentedKey(request.headers, request.query) === null;
}

/** What is asked for may be several plugins' that have keys: who asks must be let in by each of them. */
function checkPluginKeys(request: FastifyRequest, policy: AccessPolicy, registry: Registry, presented: string | null): void {
  const keys = [...new Set(pluginsOf(request, registry).map(({ settings }) => settings.apiKey))].filter((key) => key !== '');
  if (keys.length === 0 || isReloadOfAll(request)) checkKey(policy, presented);
  const opened = keys.filter((key) => presented !== null && opens(key, presented));
  if (policy.apiKey === '' && opened.length > 0 && opened.length < keys.length)
    throw new HostpulseError('HOSTPULSE_ERR_UNAUTHORIZED', 'the API key is that of some of these plugins only; reload each with its own');
  for (const key of keys) checkKey(policy, presented, key);
}

function isReloadOfAll({ routeOptions, params }: FastifyRequest): boolean {
  return routeOptions.config.reloads === true && (params as { plugin?: string }).plugin === 'all';
}

function pluginsOf(request: FastifyRequest, registry: Registry): readonly RunningPlugin[] {
  const { plugin } = (request.params ?? {}) as { plugin?: string };
  if (plugin === undefined) return [];
  const found = registry.find(plugin);
  if (!request.routeOptions.config.reloads) return found ? [found] : [];
  // A reload may name it in either way, and then means both.
  return isReloadOfAll(request) ? registry.all : registry.all.filter((one) => one === found || one.name === plugin);
}

export function wantsEvents(request: FastifyRequest): boolean {
  return request.method === 'GET' && (request.headers.accept ?? '').includes('text/event-stream');
}
