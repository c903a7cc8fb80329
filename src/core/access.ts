/** Who gets in: one policy for plain requests and for upgrades. Pure: it sees headers and names, no server. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { HostpulseError, shorten } from './errors.ts';

export interface AccessPolicy {
  /** Opens everything; empty: no key is asked for, except by plugins that have their own. */
  readonly apiKey: string;
  /** Names beside the loopback ones under which an agent without a key may be addressed. */
  readonly allowedHosts: readonly string[];
  /** Foreign origins whose pages may read. */
  readonly origins: readonly string[];
  /** Listening on loopback only and asking for no key: then the Host header is all that keeps foreign pages out. */
  readonly checkHost: boolean;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** The subprotocol that carries a key begins so. */
export const KEY_SUBPROTOCOL = 'bearer.';

/** The key that a request carries, wherever it carries it: header, subprotocol, query or body (in this order). */
export function presentedKey(headers: Headers, query: unknown, body?: unknown): string | null {
  const authorization = headers.authorization;
  if (typeof authorization === 'string' && /^bearer /i.test(authorization)) return authorization.slice(7).trim();
  const custom = headers['x-custom-auth'];
  if (typeof custom === 'string') return custom;
  const bearer = offeredProtocols(headers).find((protocol) => protocol.startsWith(KEY_SUBPROTOCOL));
  if (bearer !== undefined) return bearer.slice(KEY_SUBPROTOCOL.length);
  return keyVariable(query) ?? keyVariable(body);
}

function keyVariable(variables: unknown): string | null {
  if (typeof variables !== 'object' || variables === null || !Object.hasOwn(variables, 'apikey')) return null;
  const { apikey } = variables as { apikey: unknown };
  return typeof apikey === 'string' ? apikey : '';
}

export function offeredProtocols(headers: Headers): string[] {
  const offered = headers['sec-websocket-protocol'];
  return typeof offered === 'string' ? offered.split(',').map((protocol) => protocol.trim()) : [];
}

/** Compares in a time that tells nothing about where two keys differ, nor how long the right one is. */
export function sameKey(a: string, b: string): boolean {
  const digest = (key: string) => createHash('sha256').update(key).digest();
  return timingSafeEqual(digest(a), digest(b));
}

/**
 * May this key be used here? A plugin's own key opens that plugin, the global key everything.
 * @throws HOSTPULSE_ERR_UNAUTHORIZED
 */
export function checkKey(policy: AccessPolicy, presented: string | null, pluginKey = ''): void {
  const keys = [policy.apiKey, pluginKey].filter((key) => key !== '');
  if (keys.length === 0) return;
  if (presented === null) {
    throw new HostpulseError(
      'HOSTPULSE_ERR_UNAUTHORIZED',
      'an API key is needed: Authorization: Bearer KEY, X-Custom-Auth: KEY, apikey=KEY, or the WebSocket subprotocol bearer.KEY',
    );
  }
  // No short cut: every key is compared, so that the time tells nothing.
  const matches = keys.map((key) => opens(key, presented));
  if (!matches.includes(true)) throw new HostpulseError('HOSTPULSE_ERR_UNAUTHORIZED', 'the API key is wrong');
}

/** Is what was presented this key, as it is or percent-encoded? */
export function opens(key: string, presented: string): boolean {
  const [asIs, whenDecoded] = [sameKey(key, presented), sameKey(key, decoded(presented))];
  return asIs || whenDecoded;
}

/** In a subprotocol a key with other than token characters comes percent-encoded. */
function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

/** Is this a name or address under which only this machine reaches itself? */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}

/** @throws HOSTPULSE_ERR_UNKNOWN_HOST for a name that a foreign page may have pointed at us (DNS rebinding) */
export function checkHost(policy: AccessPolicy, host: string | undefined): void {
  if (!policy.checkHost) return;
  const name = hostName(host ?? '');
  if (isLoopback(name === '[::1]' ? '::1' : name) || policy.allowedHosts.includes(name)) return;
  throw new HostpulseError(
    'HOSTPULSE_ERR_UNKNOWN_HOST',
    `Host is '${shorten(host)}'; without an API key only loopback names and network.allowedHosts are answered`,
  );
}

/**
 * Is the request from a page of ours or of an allowed origin, or from no page at all?
 * @throws HOSTPULSE_ERR_FOREIGN_ORIGIN
 */
export function checkOrigin(policy: AccessPolicy, origin: string | undefined, host: string | undefined): void {
  if (origin === undefined || policy.origins.includes(origin)) return;
  if (origin.replace(/^[a-z]+:\/\//, '').toLowerCase() === host?.toLowerCase()) return;
  throw new HostpulseError('HOSTPULSE_ERR_FOREIGN_ORIGIN', `Origin '${shorten(origin)}' is not this agent's and not in cors.origins`);
}

function hostName(host: string): string {
  return host.replace(/:\d+$/, '').toLowerCase();
}
