/** Where plugins come from: which files and packages there are, before any of them is run. */
import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { findPackage } from './plugin-package.ts';

/** A plugin as it lies on the disk. */
export interface PluginSource {
  /** Keys its parameters: `plugins.<name>`. */
  readonly name: string;
  /** The file that is run. */
  readonly file: string;
  /** The folder that is all the plugin's own; null for a single file. */
  readonly folder: string | null;
  readonly isPackage: boolean;
  /** Why it cannot be loaded, whatever is in it. */
  readonly refusal: string | null;
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/;
const FORBIDDEN = new Set(['constructor', 'prototype', 'all']);
/** The sources go before what a compiler has made of them. */
const EXTENSIONS = ['.ts', '.mts', '.js', '.mjs'];
const NO_PLUGIN = /(^[._])|(\.d\.m?ts$)|([.-](test|spec)\.m?[jt]s$)/;
const MOST_BYTES = 16 * 1024 * 1024;

/**
 * @param taken names that are not to be had: those of the built-in plugins, with what has them
 * @throws where a directory cannot be read
 */
export function findSources(entries: readonly string[], taken: ReadonlyMap<string, string>): PluginSource[] {
  const holders = new Map(taken);
  const sources = onceEach(entries).flatMap((entry) => (isDirectoryPath(entry) ? sourcesIn(directoryOf(entry)) : packageSource(entry)));
  return sources.map((source) => {
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
  return /^((\.{0,2}|~)[\\/]|\.{1,2}$|~$|[A-Za-z]:[\\/])/.test(entry);
}

/** Relative ones begin where the agent was started, ~ at its user's home: no shell has seen what stands in a file. */
export function directoryOf(entry: string): string {
  return resolve(entry.replace(/^~(?=$|[\\/])/, homedir));
}

/** The same directory or package may be named twice, and by links. */
function onceEach(entries: readonly string[]): string[] {
  const places = entries.map((entry) => (isDirectoryPath(entry) ? realpathSync(directoryOf(entry)) : entry));
  return entries.filter((_, index) => places.indexOf(places[index] as string) === index);
}

function sourcesIn(directory: string): PluginSource[] {
  const sources = readdirSync(directory)
    .filter(isPluginName)
    .flatMap((entry) => sourceAt(directory, entry));
  return sources.sort((a, b) => compare(a.name, b.name) || rank(a) - rank(b) || compare(a.file, b.file));
}

function sourceAt(directory: string, entry: string): PluginSource[] {
  const path = join(directory, entry);
  const stats = statsOf(path);
  const made = { name: entry, file: path, folder: null, isPackage: false, refusal: null };
  if (stats !== null && typeof stats !== 'string' && stats.isDirectory()) {
    for (const file of EXTENSIONS.map((extension) => join(path, `plugin${extension}`))) {
      const refusal = sourceRefusal(file);
      // What cannot be looked into and has no plugin's name (lost+found) is none.
      if (refusal !== undefined && (refusal === null || NAME.test(entry))) return [{ ...made, file, folder: path, refusal }];
    }
    return [];
  }
  const extension = EXTENSIONS.find((known) => entry.endsWith(known));
  const refusal = extension === undefined ? undefined : sourceRefusal(path);
  return extension === undefined || refusal === undefined ? [] : [{ ...made, name: entry.slice(0, -extension.length), refusal }];
}

/** @returns null where it can be read as a source, undefined where there is nothing of that name */
function sourceRefusal(file: string): string | null | undefined {
  const stats = statsOf(file);
  if (stats === null) return undefined;
  if (typeof stats === 'string') return `${file} ${stats}`;
  if (!stats.isFile()) return `${file} is no file`;
  return stats.size > MOST_BYTES ? `${file} has ${stats.size} bytes; allowed: ${MOST_BYTES}` : null;
}

/** null: nothing there. Text: why that cannot be known. */
function statsOf(path: string): Stats | string | null {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats) return stats;
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ? 'is a link that leads nowhere' : null;
  } catch (error) {
    return `cannot be read (${(error as NodeJS.ErrnoException).code})`;
  }
}

/** `@me/hostpulse-plugin-ups` -> ups */
function packageSource(specifier: string): PluginSource[] {
  const name = specifier.replace(/^@[^/]*\//, '').replace(/^hostpulse-(plugin-)?/, '');
  const found = findPackage(specifier);
  // One that is missing is told with all else that is wrong in the configuration.
  return typeof found === 'string' ? [] : [{ name, ...found, isPackage: true, refusal: null }];
}

function wrongName({ name, file }: PluginSource): string | null {
  const problem = nameProblem(name);
  return problem === null ? null : `${file}: ${problem}`;
}

/** Why no plugin can be called so; null where one can. */
export function nameProblem(name: string): string | null {
  if (NAME.test(name) && !FORBIDDEN.has(name)) return null;
  const reserved = FORBIDDEN.has(name) ? `, but none of ${[...FORBIDDEN].join(', ')}` : '';
  return `'${name}' cannot be a plugin's name; allowed: letters, digits, - and _, beginning with a letter or digit${reserved}`;
}

function takenName({ name, file, isPackage }: PluginSource, holders: ReadonlyMap<string, string>): string | null {
  const holder = holders.get(name);
  if (holder === undefined) return null;
  const remedy = isPackage
    ? 'remove one of the two from paths.plugins'
    : isAbsolute(holder)
      ? 'rename or remove one of the two'
      : 'rename the file';
  return `${file}: the name '${name}' is taken by ${holder}; ${remedy}`;
}

function rank({ file, folder }: PluginSource): number {
  return folder === null ? EXTENSIONS.findIndex((extension) => file.endsWith(extension)) : EXTENSIONS.length;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
