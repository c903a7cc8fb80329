import { readdirSync, readFileSync, statSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { isLoopback } from '../access.ts';
import { findPackage } from '../loading/plugin-package.ts';
import { directoryOf, isDirectoryPath } from '../loading/plugin-source.ts';
import { environmentName } from './layers.ts';
import { type ServerConfig, serverSchema } from './schema.ts';

type PathName = 'procfs' | 'sysfs' | 'rootfs';

/** What no single key can know to be wrong: the keys that a rule looks at, and what it says where it is broken. */
interface Rule {
  readonly keys: readonly string[];
  readonly problems: (config: ServerConfig) => string[];
}

const RULES: readonly Rule[] = [
  {
    keys: ['auth.apiKey', 'auth.anonymous'],
    problems: ({ auth }) => (auth.apiKey && auth.anonymous ? ['auth.anonymous: true and auth.apiKey exclude each other; remove one'] : []),
  },
  {
    keys: ['network.host', 'auth.apiKey', 'auth.anonymous'],
    problems: ({ network: { host }, auth }) => {
      if (isLoopback(host) || auth.apiKey || auth.anonymous) return [];
      return [
        `network.host: ${host} can be reached from outside, and no API key is set. Set auth.apiKey ` +
          `(${environmentName('auth.apiKey')}=...), or auth.anonymous: true (${environmentName('auth.anonymous')}=true) ` +
          'if everyone there may read, or listen on 127.0.0.1',
      ];
    },
  },
  { keys: ['tls.certFile', 'tls.keyFile'], problems: ({ tls }) => brokenTls(tls) },
  ...(['procfs', 'sysfs', 'rootfs'] as const).map((name) => ({
    keys: [`paths.${name}`],
    problems: ({ paths }: ServerConfig) => brokenPath(name, paths[name]),
  })),
  { keys: ['paths.plugins'], problems: ({ paths }) => paths.plugins.flatMap(brokenPluginPath) },
  { keys: ['cors.origins'], problems: ({ cors }) => cors.origins.flatMap(brokenOrigin) },
];

/** @param isWrong whether a key's value is no value at all; rules that look at it are not asked */
export function brokenRules(config: ServerConfig, isWrong: (key: string) => boolean): string[] {
  return RULES.filter(({ keys }) => !keys.some(isWrong)).flatMap(({ problems }) => problems(config));
}

function brokenTls(tls: ServerConfig['tls']): string[] {
  if (Boolean(tls.certFile) !== Boolean(tls.keyFile)) return ['tls.certFile and tls.keyFile: only one is set; TLS needs both'];
  if (!tls.certFile) return [];
  try {
    createSecureContext({ cert: readFileSync(tls.certFile), key: readFileSync(tls.keyFile) });
    return [];
  } catch (error) {
    return [`tls.certFile, tls.keyFile: ${(error as Error).message}`];
  }
}

/** The defaults are not asked for: where there is no procfs, other sources are used. */
function brokenPath(name: PathName, path: string): string[] {
  if (path === serverSchema.paths[name].default || statSync(path, { throwIfNoEntry: false })?.isDirectory()) return [];
  return [`paths.${name}: ${path} is not a directory`];
}

function brokenPluginPath(path: string): string[] {
  if (!isDirectoryPath(path)) {
    const found = findPackage(path);
    return typeof found === 'string' ? [`paths.plugins: ${found}`] : [];
  }
  try {
    readdirSync(directoryOf(path));
    return [];
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why =
      { ENOENT: 'does not exist', ENOTDIR: 'is not a directory', EACCES: 'cannot be read (EACCES)' }[code ?? ''] ??
      `cannot be read (${code})`;
    return [`paths.plugins: ${path} ${why}; allowed: directories, and npm packages by name`];
  }
}

function brokenOrigin(origin: string): string[] {
  if (URL.canParse(origin) && new URL(origin).origin === origin) return [];
  return [`cors.origins: '${origin}' is not an origin; allowed: scheme://host[:port], such as https://example.org`];
}
