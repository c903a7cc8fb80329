/** Where plugins come from: which files and packages there are, before any of them is run. */
import { readdirSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

/** A plugin as it lies on the disk. */
export interface PluginSource {
  /** Keys its parameters: `plugins.<name>`. */
  readonly name: string;
  /** The file that is run. */
  readonly file: string;
  /** The folder that is all the plugin's own; null for a single file, which shares what begins with _ beside it. */
  readonly folder: string | null;
  /** Why it cannot be loaded, whatever is in it. */
  readonly refusal: string | null;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const FORBIDDEN = new Set(['constructor', 'prototype', 'all']);
const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];
const NO_PLUGIN = /(^[._])|(\.d\.m?ts$)|([.-](test|spec)\.m?[jt]s$)/;

/** @param taken names that are not to be had: those of the built-in plugins, with what has them */
export function findSources(entries: readonly string[], taken: ReadonlyMap<string, string>): PluginSource[] {
  const holders = new Map(taken);
  return entries
    .flatMap((entry) => (isDirectoryPath(entry) ? sourcesIn(resolve(entry)) : packageSource(entry)))
    .map((source) => {
      const refusal = source.refusal ?? wrongName(source) ?? takenName(source, holders);
      if (!holders.has(source.name)) holders.set(source.name, source.file);
      return { ...source, refusal };
    });
}

/** Is this the name of a file or folder that is a plugin of its own, rather than something that plugins use? */
export function isPluginName(entry: string): boolean {
  return !NO_PLUGIN.test(entry) && entry !== 'node_modules';
}

/** An entry of `paths.plugins` is a directory where it begins like a path; else it names an npm package. */
export function isDirectoryPath(entry: string): boolean {
  return /^(\.{0,2}[\\/]|\.{1,2}$|[A-Za-z]:[\\/])/.test(entry);
}

function sourcesIn(directory: string): PluginSource[] {
  const entries = readdirSync(directory).filter(isPluginName).sort();
  return entries.flatMap((entry): PluginSource[] => {
    const path = join(directory, entry);
    if (isFolder(path)) {
      const file = EXTENSIONS.map((extension) => join(path, `plugin${extension}`)).find(isFile);
      return file === undefined ? [] : [{ name: entry, file, folder: path, refusal: null }];
    }
    const extension = EXTENSIONS.find((known) => entry.endsWith(known));
    if (extension === undefined || !isFile(path)) return [];
    return [{ name: entry.slice(0, -extension.length), file: path, folder: null, refusal: null }];
  });
}

/** `@me/hostpulse-plugin-ups` -> ups */
function packageSource(specifier: string): PluginSource[] {
  const name = specifier.replace(/^@[^/]*\//, '').replace(/^hostpulse-(plugin-)?/, '');
  const file = packageFile(specifier);
  // One that is missing is told with all else that is wrong in the configuration.
  return file === null ? [] : [{ name, file, folder: packageFolder(file), refusal: null }];
}

/** The main module of an npm package: installed where the agent was started, or beside the agent. */
export function packageFile(specifier: string): string | null {
  for (const from of [resolve('package.json'), import.meta.filename]) {
    try {
      return createRequire(pathToFileURL(from)).resolve(specifier);
    } catch {
      // Not installed there.
    }
  }
  return null;
}

function packageFolder(file: string): string {
  let folder = dirname(file);
  while (!isFile(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
  return folder;
}

function wrongName({ name, file }: PluginSource): string | null {
  if (NAME.test(name) && !FORBIDDEN.has(name)) return null;
  return `${file}: '${name}' cannot be a plugin's name; allowed: letters, digits, - and _, beginning with a letter or digit`;
}

function takenName({ name, file }: PluginSource, holders: ReadonlyMap<string, string>): string | null {
  const holder = holders.get(name);
  return holder === undefined ? null : `${file}: the name '${name}' is taken by ${holder}; rename the file`;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
