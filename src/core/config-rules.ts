import { readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { environmentName } from './config-layers.ts';
import { type ServerConfig, serverSchema } from './config-schema.ts';

/** What no single key can know to be wrong. */
export function brokenRules(config: ServerConfig): string[] {
  const { network, auth, tls, paths, cors } = config;
  const problems: string[] = [];
  if (auth.apiKey && auth.anonymous) problems.push('auth.anonymous: true and auth.apiKey exclude each other; remove one');
  if (!isLoopback(network.host) && !auth.apiKey && !auth.anonymous) {
    problems.push(
      `network.host: ${network.host} can be reached from outside, and no API key is set. Set auth.apiKey ` +
        `(${environmentName('auth.apiKey')}=...), or auth.anonymous: true (${environmentName('auth.anonymous')}=true) ` +
        'if everyone there may read, or listen on 127.0.0.1',
    );
  }
  if (Boolean(tls.certFile) !== Boolean(tls.keyFile)) problems.push('tls.certFile and tls.keyFile: only one is set; TLS needs both');
  else if (tls.certFile) problems.push(...brokenTls(tls));
  for (const [key, path] of Object.entries(paths)) {
    if (path !== serverSchema.paths[key as keyof typeof paths].default && !statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      problems.push(`paths.${key}: ${path} is not a directory`);
    }
  }
  for (const origin of cors.origins) {
    if (!URL.canParse(origin) || new URL(origin).origin !== origin)
      problems.push(`cors.origins: '${origin}' is not an origin; allowed: scheme://host[:port], such as https://example.org`);
  }
  return problems;
}

function brokenTls(tls: ServerConfig['tls']): string[] {
  try {
    createSecureContext({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) });
    return [];
  } catch (error) {
    return [`tls.certFile, tls.keyFile: ${(error as Error).message}`];
  }
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127(\.\d{1,3}){3}$/.test(host);
}
