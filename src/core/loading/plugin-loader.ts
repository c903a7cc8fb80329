import { type Config, loadConfig, type PluginDeclaration } from '../config/config.ts';
import type { ConfigSources, PluginWishes } from '../config/sources.ts';
import { HostpulseError } from '../errors.ts';
import { BUILT_IN } from '../running/plugin-blueprint.ts';
import type { PluginClass } from '../running/plugin-class.ts';
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
  /** Looks again. */
  again(keep?: Keep): Promise<Setup>;
}

/** Of a plugin from outside, what is known of it already and need not be loaded anew. @param print of its files as they are now */
type Keep = (origin: string, print: string | null) => LoadedPlugin | undefined;

/**
 * Reads the configuration and loads the plugins that it asks for.
 * @throws HOSTPULSE_ERR_CONFIG; a plugin that cannot be loaded is part of the setup, with its failure
 */
export function readSetup(builtIns: PluginList, sources: ConfigSources): Promise<Setup> {
  return readAgain(builtIns, sources, () => undefined, new Set());
}

/** @param known names of plugins that have been there: what the configuration says of them is no mistake where they are gone */
async function readAgain(builtIns: PluginList, sources: ConfigSources, keep: Keep, known: ReadonlySet<string>): Promise<Setup> {
  const plugins: LoadedPlugin[] = [];
  const names = new Set(known);
  let problem: unknown = null;
  const config = await loadConfig(async (wishes) => {
    const found = wantedSources(Object.keys(builtIns), wishes);
    if (!Array.isArray(found)) problem = found.problem;
    const wanted = Array.isArray(found) ? found : [];
    const isDisabled = ({ name, refusal }: PluginSource) => refusal === null && !wishes.isEnabled(name);
    const loaded = wanted.filter((source) => !isDisabled(source)).map((source) => load(source, keep, wishes.importMs));
    plugins.push(...builtInPlugins(builtIns), ...(await Promise.all(loaded)));
    const declared = declarations(plugins);
    for (const { name } of [...declared, ...wanted.filter(isDisabled)]) names.add(name);
    const unjudged = [...names].filter((name) => !declared.some((plugin) => plugin.name === name));
    return [...declared, ...unjudged.map(unjudgedPlugin)];
  }, sources);
  // Gone while we looked and back when the rules did: no plugin may be taken for gone with it.
  if (problem !== null) throw new HostpulseError('HOSTPULSE_ERR_CONFIG', `paths.plugins cannot be read: ${(problem as Error).message}`);
  const enabled = plugins.filter(({ name, isNameless }) => isNameless || config.plugins.get(name)?.settings.enabled);
  return { config, plugins: enabled, again: (keep = () => undefined) => readAgain(builtIns, sources, keep, names) };
}

/** The configuration alone: no plugin is loaded for it, built in or from outside, so their parameters are not judged. */
export function readConfig(builtIns: readonly string[], sources: ConfigSources): Promise<Config> {
  return loadConfig(async (wishes) => {
    const found = wantedSources(builtIns, wishes);
    const named = Array.isArray(found) ? found.filter(({ refusal }) => refusal === null) : [];
    return [...builtIns, ...named.map(({ name }) => name)].map(unjudgedPlugin);
  }, sources);
}

function declarations(plugins: readonly LoadedPlugin[]): PluginDeclaration[] {
  const named = plugins.filter(({ isNameless }) => !isNameless);
  return named.map(({ name, pluginClass }) =>
    pluginClass ? { name, parameterSchema: pluginClass.parameterSchema } : unjudgedPlugin(name),
  );
}

function unjudgedPlugin(name: string): PluginDeclaration {
  return { name, parameterSchema: undefined, isUnjudged: true };
}

function builtInPlugins(builtIns: PluginList): LoadedPlugin[] {
  return Object.entries(builtIns).map(([name, pluginClass]) => ({ name, origin: BUILT_IN, pluginClass, failure: null, fingerprint: null }));
}

function wantedSources(builtIns: readonly string[], { paths }: PluginWishes): PluginSource[] | { readonly problem: unknown } {
  const taken = new Map(builtIns.map((name) => [name, `the plugin that is ${BUILT_IN}`]));
  try {
    return findSources(paths, taken);
  } catch (problem) {
    // A directory that cannot be read: the configuration's rules tell it, with all else that is wrong.
    return { problem };
  }
}

async function load(source: PluginSource, keep: Keep, importMs: number): Promise<LoadedPlugin> {
  const { name, file: origin, refusal } = source;
  const nothing = { name, origin, pluginClass: null, fingerprint: null };
  if (refusal !== null) return { ...nothing, failure: new Error(refusal), isNameless: true };
  let print: string | null = null;
  try {
    const found = fingerprint(source);
    print = found.print;
    const known = keep(origin, print);
    if (known) return known;
    // Its hooks are needed only where there is a plugin from outside.
    const { importPlugin } = await import('./plugin-module.ts');
    return { name, origin, pluginClass: await importPlugin(source, found, importMs), failure: null, fingerprint: print };
  } catch (failure) {
    return { ...nothing, failure, fingerprint: print };
  }
}
