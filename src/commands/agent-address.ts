/** Which agent `get` and `watch` ask, and with which key. */
import { readFileSync } from 'node:fs';
import { rootCertificates } from 'node:tls';
import type { Config, ConfigSources } from '../core/config/config.ts';
import { URL_VARIABLE } from '../core/config/layers.ts';
import { CommandFailure, EXIT } from './exit-codes.ts';

export interface AgentAddress {
  readonly url: URL;
  /** Of that plugin, or of the agent; empty: none. */
  keyFor(topic: string): string;
  /** Whom to trust beside the system's authorities; null: nobody. Who the configured agent is, its own certificate says. */
  readonly ca: readonly string[] | null;
}

const KEY = 'auth.apiKey';
/** Where an agent listens that listens everywhere. */
const UNSPECIFIED: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

/**
 * The agent that was named, else the configured one. The key of a configuration that merely lies here is for the agent
 * that it configures: another one is told only what was set for this call, in the environment or by --config.
 * @throws CommandFailure that says what is wrong with the URL
 */
export function agentAddress(given: string | undefined, config: Config, sources: ConfigSources): AgentAddress {
  const named = given ?? (sources.environment?.[URL_VARIABLE] || undefined);
  const { network, tls, auth } = config.server;
  const ofPlugin = (topic: string) => config.plugins.get(topic.split('/')[0] as string)?.settings.apiKey ?? '';
  if (named === undefined) {
    const host = UNSPECIFIED[network.host] ?? network.host;
    const url = new URL(`${tls.certFile ? 'https' : 'http'}://${host.includes(':') ? `[${host}]` : host}:${network.port}`);
    const ca = tls.certFile ? [...rootCertificates, readFileSync(tls.certFile, 'utf8')] : null;
    return { url, keyFor: (topic) => auth.apiKey || ofPlugin(topic), ca };
  }
  const isMeant = sources.file !== undefined || config.entries.some(({ key, origin }) => key === KEY && origin.startsWith('HOSTPULSE_'));
  return { url: parseUrl(named, given === undefined ? URL_VARIABLE : '--url'), keyFor: () => (isMeant ? auth.apiKey : ''), ca: null };
}

function parseUrl(text: string, origin: string): URL {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isPlain = url && /^https?:$/.test(url.protocol) && !url.username && !url.password && !url.search && !url.hash;
  if (!isPlain) {
    // It may hold a password.
    const shown = text.replace(/\/\/[^/]*@/, '//...@');
    throw wrong(`${origin} is '${shown}'; allowed: an address such as http://127.0.0.1:9192, with no user, query or fragment`);
  }
  return url;
}

/** `netinfo/interfaces/lo?unit=bits` and variables -> URL below the agent's. A variable given twice: the last one counts. */
export function urlBelow(base: URL, path: string, variables: ReadonlyMap<string, string>): URL {
  if (/^https?:/i.test(path)) throw wrong(`'${path}' is a URL; give the path alone, such as /netinfo, and the agent with --url`);
  const url = new URL(base);
  const [, place = '', query = ''] = /^\/*([^?]*)\??(.*)$/s.exec(path) ?? [];
  // Set as a path, whatever it begins with: it can lead to no other host.
  url.pathname = `${base.pathname.replace(/\/+$/, '')}/${place}`;
  url.search = query;
  for (const [name, value] of variables) url.searchParams.set(name, value);
  return url;
}

function wrong(message: string): CommandFailure {
  return new CommandFailure(message, EXIT.wrongCommand);
}
