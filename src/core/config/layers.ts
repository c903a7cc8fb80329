/** Where values come from: file, environment, command line. Each layer is a flat map from key to raw value. */
import { readFileSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import { nearest } from '../nearest.ts';

export interface Layer {
  /** `network.port` -> value as it stands there */
  readonly values: ReadonlyMap<string, unknown>;
  /** How a value's place is named to people: `HOSTPULSE_NETWORK_PORT`, `config/hostpulse.yaml`. */
  readonly originOf: (key: string) => string;
}

export type Environment = Readonly<Record<string, string | undefined>>;

const PREFIX = 'HOSTPULSE_';
/** Names the file, as `--config` does. */
export const FILE_VARIABLE = 'HOSTPULSE_CONFIG';
/** Names the agent that `get` and `watch` ask, as `--url` does; nothing to an agent that runs. */
export const URL_VARIABLE = 'HOSTPULSE_URL';
/** What Kubernetes sets for a Service named hostpulse: not ours, and no reason to refuse the start. */
const SERVICE_LINK = /^HOSTPULSE_(SERVICE_|PORT=\w+:|PORT_\d+_)/;

/** `auth.apiKey` -> `HOSTPULSE_AUTH_API_KEY` */
export function environmentName(key: string): string {
  const words = key
    .replaceAll('.', '_')
    .replaceAll('-', '_')
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2');
  return PREFIX + words.toUpperCase();
}

/** A nested object as a flat map; arrays, empty objects and null are values. */
export function flatten(tree: object, prefix = ''): Map<string, unknown> {
  const flat = new Map<string, unknown>();
  for (const [name, value] of Object.entries(tree)) {
    const key = prefix + name;
    const isSection = typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
    if (isSection) for (const [child, leaf] of flatten(value, `${key}.`)) flat.set(child, leaf);
    else flat.set(key, value);
  }
  return flat;
}

/** @returns the layer, or what is wrong with the file */
export async function fileLayer(path: string): Promise<Layer | string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    return `${path}: cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
  // JSON is YAML. The parser weighs some 10 MB, so it is loaded only where there is a file.
  const { parse } = await import('yaml');
  try {
    const tree: unknown = parse(text) ?? {};
    if (typeof tree !== 'object' || tree === null || Array.isArray(tree))
      return `${path}: holds ${JSON.stringify(tree)}, not sections of keys`;
    return { values: flatten(tree), originOf: () => path };
  } catch (error) {
    return `${path}: ${(error as Error).message.trim()}`;
  }
}

export function environmentLayer(
  environment: Environment,
  keys: readonly string[],
  secrets: ReadonlySet<string>,
  unjudged: readonly string[] = [],
): Layer & { readonly problems: string[] } {
  const values = new Map<string, unknown>();
  const origins = new Map<string, string>();
  const problems: string[] = [];
  const isUnjudged = (name: string) => unjudged.some((section) => name.startsWith(`${environmentName(section)}_`));
  const byName = new Map(keys.map((key) => [environmentName(key), key]));
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || value === undefined) continue;
    const fileKey = name.endsWith('_FILE') ? byName.get(name.slice(0, -'_FILE'.length)) : undefined;
    const key = byName.get(name);
    if (key !== undefined) {
      // An empty variable beside a file (as compose files have it) says nothing.
      if (value === '' && secrets.has(key) && environment[`${name}_FILE`] !== undefined) continue;
      values.set(key, value);
      origins.set(key, name);
    } else if (fileKey !== undefined && secrets.has(fileKey)) {
      const secret = readSecret(name, value);
      if (secret instanceof Error) problems.push(secret.message);
      if (secret instanceof Error || environment[environmentName(fileKey)]) continue;
      values.set(fileKey, secret);
      origins.set(fileKey, name);
    } else if (name !== FILE_VARIABLE && name !== URL_VARIABLE && !SERVICE_LINK.test(`${name}=${value}`) && !isUnjudged(name)) {
      problems.push(`${name}: no such variable; ${closest(name, [...byName.keys()])}`);
    }
  }
  return { values, problems, originOf: (key) => origins.get(key) ?? environmentName(key) };
}

function readSecret(name: string, path: string): string | Error {
  try {
    const secret = readFileSync(isAbsolute(path) ? path : resolve(path), 'utf8').trim();
    // Taken for no key, it would leave the door open.
    return secret === '' ? new Error(`${name}: ${path} is empty`) : secret;
  } catch (error) {
    return new Error(`${name}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code})`);
  }
}

/** A hint for a name that does not exist: the existing one that is nearest. */
export function closest(wrong: string, names: readonly string[]): string {
  const [best] = nearest(wrong, names);
  return best === undefined ? 'hostpulse config lists them all' : `did you mean ${best}?`;
}
