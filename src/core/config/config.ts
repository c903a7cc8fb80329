/** The effective configuration: defaults, file, environment and command line through one strict schema. */
import { convict } from './formats.ts';
import { configError, isAccused, unknownKey } from './problems.ts';
import { brokenRules } from './rules.ts';
import { type PluginSettings, pluginSchema, type ServerConfig, serverSchema } from './schema.ts';
import { type ConfigSources, isEmpty, type Leaf, type PluginWishes, pluginWishes, readFile, readLayers } from './sources.ts';

export type { ServerConfig } from './schema.ts';
export type { ConfigSources } from './sources.ts';

/** What the configuration must know of a plugin: its name, which keys its parameters, and their schema. */
export interface PluginDeclaration {
  readonly name: string;
  readonly parameterSchema: Readonly<Record<string, object>> | undefined;
  /** true: it was not run, or failed, or has gone: what its schema allows is not known, so all is. */
  readonly isUnjudged?: boolean;
}

interface PluginConfig {
  readonly settings: PluginSettings;
  /** The plugin's own parameters, frozen. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface Config {
  readonly server: ServerConfig;
  readonly plugins: ReadonlyMap<string, PluginConfig>;
  /** Every effective value with its origin, for `hostpulse config`. */
  readonly entries: readonly ConfigEntry[];
}

export interface ConfigEntry {
  readonly key: string;
  readonly value: unknown;
  readonly origin: string;
  readonly isSecret: boolean;
  readonly doc: string;
}

export type Declare = (wishes: PluginWishes) => Promise<readonly PluginDeclaration[]>;

/**
 * @param declare the plugins, or who finds them where the configuration says they are
 * @throws HOSTPULSE_ERR_CONFIG whose message lists every problem: key, expectation, value
 */
export async function loadConfig(declare: readonly PluginDeclaration[] | Declare, sources: ConfigSources = {}): Promise<Config> {
  const file = await readFile(sources);
  const plugins = typeof declare === 'function' ? await declare(pluginWishes(sources, file)) : declare;
  const schema = wholeSchema(plugins);
  const leaves = schemaLeaves(schema);
  const open = plugins.filter((plugin) => !plugin.parameterSchema).map(({ name }) => `plugins.${name}.`);
  const unjudged = plugins.filter(({ isUnjudged }) => isUnjudged).map(({ name }) => `plugins.${name}`);
  const { layers, problems } = readLayers(sources, file, leaves, unjudged);

  const values = convict(schema as never, { env: {}, args: [] });
  const origins = new Map<string, string>();
  const unchecked = new Map<string, unknown>();
  for (const layer of layers) {
    for (const [key, value] of layer.values) {
      if (isEmpty(value) && (leaves.has(key) || isSection(key, leaves))) continue;
      if (leaves.has(key)) values.set(key, value as never);
      else if (open.some((prefix) => key.startsWith(prefix)) && !key.split('.').includes('__proto__')) unchecked.set(key, value);
      else problems.push(unknownKey(key, [...leaves.keys()], layer.originOf(key)));
      origins.set(key, layer.originOf(key));
    }
  }
  try {
    values.validate({ allowed: 'strict' });
  } catch (error) {
    problems.push(...(error as Error).message.split('\n'));
  }
  const tree = values.getProperties() as unknown as ServerConfig & { plugins: Record<string, Record<string, unknown>> };
  // A rule is not asked about keys that are wrong already; what it said of them would be noise.
  if (typeof file !== 'string') problems.push(...brokenRules(tree, (key) => isAccused(key, problems)));
  if (problems.length > 0) throw configError(problems);

  const { plugins: parameters, ...server } = tree;
  const entries = [...leaves].map(([key, { doc = '', sensitive = false }]): ConfigEntry => {
    return { key, value: values.get(key as never), origin: origins.get(key) ?? 'default', isSecret: sensitive, doc };
  });
  for (const [key, value] of unchecked) entries.push({ key, value, origin: origins.get(key) ?? '', isSecret: false, doc: '' });
  return deepFreeze({
    server,
    plugins: new Map(plugins.map(({ name }) => [name, pluginConfig(name, parameters[name] ?? {}, unchecked)])),
    entries,
  });
}

function wholeSchema(plugins: readonly PluginDeclaration[]): object {
  const own = plugins.map(({ name, parameterSchema }) => [name, { ...pluginSchema, ...parameterSchema }]);
  return { ...serverSchema, plugins: Object.fromEntries(own) };
}

function schemaLeaves(schema: object, prefix = ''): Map<string, Leaf> {
  const leaves = new Map<string, Leaf>();
  for (const [name, node] of Object.entries(schema)) {
    if ('default' in node) leaves.set(prefix + name, node);
    else for (const [key, leaf] of schemaLeaves(node, `${prefix}${name}.`)) leaves.set(key, leaf);
  }
  return leaves;
}

function pluginConfig(name: string, values: Record<string, unknown>, unchecked: ReadonlyMap<string, unknown>): PluginConfig {
  const isSetting = (key: string) => Object.hasOwn(pluginSchema, key);
  const pick = (wanted: boolean) => Object.fromEntries(Object.entries(values).filter(([key]) => isSetting(key) === wanted));
  const prefix = `plugins.${name}.`;
  const parameters: Record<string, unknown> = pick(false);
  for (const [key, value] of unchecked) {
    if (!key.startsWith(prefix)) continue;
    const path = key.slice(prefix.length).split('.');
    const last = path.pop() as string;
    let section = parameters;
    for (const part of path) {
      section[part] ??= {};
      section = section[part] as Record<string, unknown>;
    }
    section[last] = value;
  }
  return { settings: pick(true) as unknown as PluginSettings, parameters };
}

function isSection(key: string, leaves: ReadonlyMap<string, Leaf>): boolean {
  return [...leaves.keys()].some((known) => known.startsWith(`${key}.`));
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const child of value instanceof Map ? value.values() : Object.values(value)) deepFreeze(child);
  }
  return value;
}

/** The server's configuration as plugins see it: no secrets. */
export function withoutSecrets(config: ServerConfig): Readonly<Record<string, unknown>> {
  const { apiKey: _secret, ...auth } = config.auth;
  return deepFreeze({ ...config, auth });
}
