/** The configuration's layers: read, and asked early for what must be known before the plugins can say what they declare. */
import { existsSync } from 'node:fs';
import { convict } from './formats.ts';
import { type Environment, environmentLayer, FILE_VARIABLE, fileLayer, flatten, type Layer } from './layers.ts';
import { pluginSchema, serverSchema } from './schema.ts';

const DEFAULT_FILE = 'config/hostpulse.yaml';

export interface ConfigSources {
  /** `--config`; without it HOSTPULSE_CONFIG, or else DEFAULT_FILE is read where present. */
  readonly file?: string | undefined;
  readonly environment?: Environment;
  /** Command line: key -> value, and the flag that gave it. */
  readonly flags?: ReadonlyMap<string, { readonly value: string | readonly string[]; readonly flag: string }>;
  /** Values handed in by an embedder, as a nested object; weaker than environment and flags. */
  readonly values?: object;
}

export interface Leaf {
  readonly default: unknown;
  readonly doc?: string;
  readonly sensitive?: boolean;
}

/** Where plugins are, and which of them are wanted: what must be known before the plugins can say what they declare. */
export interface PluginWishes {
  readonly paths: readonly string[];
  /** How long the import of one may take. */
  readonly importMs: number;
  isEnabled(name: string): boolean;
}

export type FileLayer = Layer | string | null;

export async function readFile(sources: ConfigSources): Promise<FileLayer> {
  const file =
    sources.file ?? sources.environment?.[FILE_VARIABLE] ?? (sources.values || !existsSync(DEFAULT_FILE) ? undefined : DEFAULT_FILE);
  return file === undefined ? null : fileLayer(file);
}

/** Weakest first. @param unjudged sections below which any variable is allowed */
export function readLayers(sources: ConfigSources, file: FileLayer, leaves: ReadonlyMap<string, Leaf>, unjudged: readonly string[] = []) {
  const secrets = new Set([...leaves].filter(([, leaf]) => leaf.sensitive).map(([key]) => key));
  const environment = environmentLayer(sources.environment ?? {}, [...leaves.keys()], secrets, unjudged);
  const flags = sources.flags ?? new Map();
  const layers: Layer[] = [
    ...(sources.values ? [{ values: flatten(sources.values), originOf: () => 'embedder' }] : []),
    ...(typeof file === 'object' && file !== null ? [file] : []),
    environment,
    { values: new Map([...flags].map(([key, { value }]) => [key, value])), originOf: (key) => flags.get(key)?.flag ?? '' },
  ];
  return { layers, problems: [...(typeof file === 'string' ? [file] : []), ...environment.problems] };
}

/** Without judging: what is wrong here is told when everything is known. */
export function pluginWishes(sources: ConfigSources, file: FileLayer): PluginWishes {
  const wish = <T>(key: string, leaf: Leaf & { readonly default: T }): T => {
    const { layers } = readLayers(sources, file, new Map([[key, leaf]]));
    const values = convict({ value: leaf } as never, { env: {}, args: [] });
    for (const layer of layers) if (!isEmpty(layer.values.get(key) ?? null)) values.set('value', layer.values.get(key) as never);
    try {
      values.validate();
      return values.get('value' as never) as T;
    } catch {
      return leaf.default;
    }
  };
  return {
    paths: wish('paths.plugins', serverSchema.paths.plugins),
    importMs: wish<number>('limits.initializeMs', serverSchema.limits.initializeMs),
    isEnabled: (name) => wish(`plugins.${name}.enabled`, pluginSchema.enabled),
  };
}

/** A key or section with nothing behind it, as where all below is commented out. */
export function isEmpty(value: unknown): boolean {
  return value === null || (typeof value === 'object' && !Array.isArray(value) && Object.keys(value).length === 0);
}
