import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { findSources, nameProblem } from '../core/loading/plugin-source.ts';
import { BUILT_IN } from '../core/running/plugin-blueprint.ts';
import { RESERVED_ROUTES } from '../core/running/registry.ts';
import { OWN_FOLDER } from '../core/version.ts';
import { BUILT_IN_NAMES } from '../plugins/names.ts';
import type { CommandLine } from './command-line.ts';
import { editorSettings } from './editor-settings.ts';
import { invocation, quoted } from './invocation.ts';

export type NewPluginOptions = Pick<CommandLine, 'directory' | 'flags'>;

/**
 * `hostpulse new`: writes a plugin and its test.
 * @returns what was written, and how to go on @throws that it cannot have this name, or is there already
 */
export function newPlugin(name: string, { directory, flags }: NewPluginOptions): string {
  const problem = nameProblem(name) ?? takenName(name, directory);
  if (problem !== null) throw new Error(problem);
  const files = { [`${name}.ts`]: fromTemplate('queue.ts', name), [`${name}.test.ts`]: fromTemplate('queue.test.ts', name) };
  const there = Object.keys(files).find((file) => existsSync(join(directory, file)));
  if (there !== undefined)
    throw new Error(`${join(directory, there)} exists already and is not overwritten; choose another name, or --dir`);
  const settings = existsSync(join(directory, 'tsconfig.json')) ? null : editorSettings(directory);
  if (settings !== null) files['tsconfig.json'] = settings;
  try {
    makeDirectory(resolve(directory));
    for (const [file, text] of Object.entries(files)) writeFileSync(join(directory, file), text, { flag: 'wx' });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Error(`${directory} cannot be written (${code ?? message}); name another directory by --dir`, { cause });
  }
  return report(name, directory, Object.keys(files), flags);
}

/** One after the other: where the last one cannot be made, Node 20 tries for ever to make them all at once. */
function makeDirectory(path: string): void {
  if (existsSync(path)) return;
  makeDirectory(dirname(path));
  mkdirSync(path);
}

function takenName(name: string, directory: string): string | null {
  const route = name.toLowerCase();
  if (route === 'plugin') return "plugin.ts is what the file in a plugin's own folder is called; choose another name";
  if (RESERVED_ROUTES.has(route)) return `/${route} is the agent's own; choose another name`;
  if (BUILT_IN_NAMES.some((known) => known.toLowerCase() === route))
    return `'${name}' is a plugin that is ${BUILT_IN}; choose another name`;
  const sources = existsSync(directory) ? findSources([resolve(directory)], new Map()) : [];
  const holder = sources.find((source) => source.name.toLowerCase() === route);
  return holder ? `'${name}' is taken by ${relative('.', holder.file)}, which is not overwritten; choose another name, or --dir` : null;
}

/** The template is a plugin itself, called queue. */
function fromTemplate(file: string, name: string): string {
  const words = name.split(/[^A-Za-z0-9]+/).map((word) => word.charAt(0).toUpperCase() + word.slice(1));
  const className = words.join('').replace(/^\d/, 'Plugin$&');
  return readFileSync(new URL(`templates/${file}`, OWN_FOLDER), 'utf8')
    .replaceAll(/\bQueue\b/g, className)
    .replaceAll("'./queue.ts'", `'./${name}.ts'`)
    .replaceAll('plugins.queue', `plugins.${name}`)
    .replaceAll("route = 'queue'", `route = '${name.toLowerCase()}'`);
}

function report(name: string, directory: string, written: readonly string[], flags: NewPluginOptions['flags']): string {
  const place = /^(\.{0,2}[\\/]|\.{1,2}$)/.test(directory) ? directory : `./${directory}`;
  const path = quoted(join(directory, `${name}.ts`));
  const command = invocation();
  const port = flags.get('network.port')?.value;
  const serve = `${command} --plugins ${quoted(place)} --watch${port === undefined ? '' : ` --port ${port}`}`;
  const url = `http://127.0.0.1:${port ?? process.env.HOSTPULSE_NETWORK_PORT ?? 9192}/${name.toLowerCase()}`;
  return `Wrote ${written.map((file) => join(directory, file)).join(', ')}

Run the agent with it; it is loaded anew whenever its file changes:
  ${serve}

On another terminal, ask it, and subscribe to it:
  curl ${url}
  curl -N -H 'accept: text/event-stream' ${url}

Look whether it keeps to what it declares, and run its test:
  ${command} check ${path}
  ${command} test ${quoted(join(directory))}
`;
}
