import { relative, resolve } from 'node:path';
import { type ConfigSources, pluginWishes, readFile } from '../../core/config/sources.ts';
import { messageOf } from '../../core/errors.ts';
import { type LoadedPlugin, type PluginList, readSetup, type Setup } from '../../core/loading/plugin-loader.ts';
import { BUILT_IN } from '../../core/running/plugin-blueprint.ts';
import type { CommandLine } from '../command-line.ts';
import { type Finding, findingText, heading, sumText, type Tell } from './findings.ts';
import { runLife } from './life.ts';
import { type Target, targetAt } from './target.ts';
import { placeIn } from './words.ts';

export interface CheckOptions extends Pick<CommandLine, 'flags' | 'parameters' | 'variables' | 'seconds'> {
  readonly builtIns: PluginList;
  readonly sources: ConfigSources;
}

/**
 * `hostpulse check`: runs the life of a plugin once, as the agent would, and prints what it saw.
 * @returns the exit code: 1 where something is to be mended @throws that there is no such plugin, or the configuration is wrong
 */
export async function checkPlugin(operand: string, options: CheckOptions): Promise<number> {
  const findings: Finding[] = [];
  const tell: Tell = (finding) => {
    findings.push(finding);
    process.stdout.write(findingText(finding, process.stdout));
  };
  const uncaught = (error: unknown) => tell({ level: 'problem', what: 'uncaught', said: `an error that nobody caught: ${error}` });
  process.on('uncaughtException', uncaught).on('unhandledRejection', uncaught);
  if (Object.hasOwn(options.builtIns, operand)) {
    await checkOne(operand, BUILT_IN, await setupWith(null, operand, options), options, tell);
  } else {
    const target = targetAt(operand);
    for (const { name, file } of target.wanted) await checkOne(name, file, await setupWith(target, name, options), options, tell);
  }
  process.stdout.write(sumText(findings, process.stdout));
  return findings.some(({ level }) => level === 'problem') ? 1 : 0;
}

async function checkOne(name: string, file: string, setup: Setup, options: CheckOptions, tell: Tell): Promise<void> {
  const { pluginClass, failure } = setup.plugins.find((plugin) => plugin.name === name && plugin.origin === file) as LoadedPlugin;
  process.stdout.write(heading(`${name}  (${file === BUILT_IN ? file : relative('.', file)})`, process.stdout));
  if (!pluginClass) {
    const said = `${messageOf(failure)}${placeIn(failure, file)}`;
    return tell({ level: 'problem', what: 'load', said });
  }
  tell({ level: 'fine', what: 'load', said: `class ${pluginClass.name}${pluginClass.version ? `, version ${pluginClass.version}` : ''}` });
  tell({ level: 'fine', what: 'parameters', said: parametersText(name, setup) });
  const { seconds, variables } = options;
  await runLife({ name, file, setup, variables: Object.fromEntries(variables), listenMs: seconds * 1000, tell });
}

/** The agent's own configuration, with this plugin in it whatever it says. @throws HOSTPULSE_ERR_CONFIG */
async function setupWith(target: Target | null, name: string, { builtIns, sources, parameters }: CheckOptions): Promise<Setup> {
  const flags = new Map(sources.flags);
  const set = (key: string, value: string | string[]) => flags.set(key, { value, flag: 'hostpulse check' });
  const configured = pluginWishes(sources, await readFile(sources)).paths;
  if (target !== null && !configured.some((place) => resolve(place) === resolve(target.place) || place === target.place)) {
    set('paths.plugins', [...configured, target.place]);
    // A file with the name of one that is built in is refused anyway; what is built in stays a neighbour.
    const isOther = (source: { readonly name: string }) => source.name !== name && !Object.hasOwn(builtIns, source.name);
    const others = target.sources.filter((source) => isOther(source) && source.refusal === null);
    for (const other of others) set(`plugins.${other.name}.enabled`, 'false');
  }
  set(`plugins.${name}.enabled`, 'true');
  for (const [key, value] of parameters) flags.set(`plugins.${name}.${key}`, { value, flag: '--set' });
  return readSetup(builtIns, { ...sources, flags });
}

function parametersText(name: string, { config }: Setup): string {
  const prefix = `plugins.${name}.`;
  const own = config.entries.filter(({ key }) => key.startsWith(prefix) && !SETTINGS.includes(key.slice(prefix.length)));
  const text = ({ key, value, origin, isSecret }: (typeof own)[number]) =>
    `${key.slice(prefix.length)}=${isSecret ? '(not shown)' : JSON.stringify(value)}${origin === 'default' ? '' : ` (${origin})`}`;
  return own.map(text).join(', ') || 'none';
}

/** The server's, not the plugin's. */
const SETTINGS = ['enabled', 'routePath', 'apiKey'];
