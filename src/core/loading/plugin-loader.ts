import { type Config, loadConfig, type PluginDeclaration } from '../config/config.ts';
import type { ConfigSources, PluginWishes } from '../config/sources.ts';
import type { PluginClass } from '../running/plugin-class.ts';
import { BUILT_IN } from '../running/running-plugin.ts';
import { fingerprint } from './fingerprint.ts';
import { findSources, type PluginSource } from './plugin-source.ts';

/** Plugins by the name that keys their parameters, in the order in which they start. */
export type PluginList = Readonly<Record<string, PluginClass>>;

/** A plugin that has been looked for: its class, or why there is none. */
export interface LoadedPlugin {
  readonly name: string;
  /** Its file, or BUILT_IN. */
  readonly origin: string;
  readonly pluginClass: PluginClass | null;
  readonly failure: unknown;
  /** The same as long as its files are the same; null where it has none. */
  readonly fingerprint: string | null;
  /** Its name cannot be had, so it has no parameters either. */
  readonly isNameless?: boolean;
}

/** The configuration and the plugins as they are at the moment of looking. */
export interface Setup {
  readonly config: Config;
  readonly plugins: readonly LoadedPlugin[];
  /** Looks again. @param kept by origin: plugins from outside that need not be looked at */
  again(kept?: ReadonlyMap<string, LoadedPlugin>): Promise<Setup>;
}

/**
 * Reads the configuration and loads the plugins that it asks for.
 * @throws HOSTPULSE_ERR_CONFIG; a plugin that cannot be loaded is part of the setup, with its failure
 */
export async function readSetup(
  builtIns: PluginList,
  sources: ConfigSources,
  kept: ReadonlyMap<string, LoadedPlugin> = new Map(),
): Promise<Setup> {
  const plugins: LoadedPlugin[] = [];
  const config = await loadConfig(async (wishes) => {
    plugins.push(...builtInPlugins(builtIns));
    const disabled: PluginDeclaration[] = [];
    for (const source of wantedSources(builtIns, wishes)) {
      if (source.refusal === null && !wishes.isEnabled(source.name)) disabled.push({ name: source.name, parameterSchema: undefined });
      else plugins.push(kept.get(source.file) ?? (await load(source)));
    }
    return [...declarations(plugins), ...disabled];
  }, sources);
  const enabled = plugins.filter(({ name, isNameless }) => isNameless || config.plugins.get(name)?.settings.enabled);
  return { config, plugins: enabled, again: (kept) => readSetup(builtIns, sources, kept) };
}

/** The configuration alone, without running a plugin from outside: their parameters are not judged. */
export function readConfig(builtIns: PluginList, sources: ConfigSources): Promise<Config> {
  return loadConfig(async (wishes) => {
    const named = wantedSources(builtIns, wishes).filter(({ refusal }) => refusal === null);
    const outside = named.map(({ name }) => ({ name, parameterSchema: undefined }));
    return [...declarations(builtInPlugins(builtIns)), ...outside];
  }, sources);
}

function declarations(plugins: readonly LoadedPlugin[]): PluginDeclaration[] {
  const named = plugins.filter(({ isNameless }) => !isNameless);
  return named.map(({ name, pluginClass }) => ({ name, parameterSchema: pluginClass?.parameterSchema }));
}

function builtInPlugins(builtIns: PluginList): LoadedPlugin[] {
  return Object.entries(builtIns).map(([name, pluginClass]) => ({ name, origin: BUILT_IN, pluginClass, failure: null, fingerprint: null }));
}

function wantedSources(builtIns: PluginList, { paths }: PluginWishes): PluginSource[] {
  const taken = new Map(Object.keys(builtIns).map((name) => [name, `the plugin that is ${BUILT_IN}`]));
  try {
    return findSources(paths, taken);
  } catch {
    // A directory that cannot be read: the configuration's rules tell it, with all else that is wrong.
    return [];
  }
}

async function load(source: PluginSource): Promise<LoadedPlugin> {
  const { name, file: origin, refusal } = source;
  const nothing = { name, origin, pluginClass: null, fingerprint: null };
  if (refusal !== null) return { ...nothing, failure: new Error(refusal), isNameless: true };
  let print: string | null = null;
  try {
    print = fingerprint(source);
    // Its hooks are needed only where there is a plugin from outside.
    const { importPlugin } = await import('./plugin-module.ts');
    return { name, origin, pluginClass: await importPlugin(source.file, print), failure: null, fingerprint: print };
  } catch (failure) {
    return { ...nothing, failure, fingerprint: print };
  }
}
