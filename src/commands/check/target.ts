import { statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { findSources, isDirectoryPath, type PluginSource } from '../../core/loading/plugin-source.ts';

/** Where the agent would find what is to be checked. */
export interface Target {
  /** An entry of `paths.plugins`. */
  readonly place: string;
  /** All that lies there; what is not wanted is left alone. */
  readonly sources: readonly PluginSource[];
  readonly wanted: readonly PluginSource[];
}

const WHAT_IS_ONE =
  'allowed: .ts, .mts, .js and .mjs files that are no tests and begin with no _ or ., folders with a plugin file in them, npm packages by name where they are installed';

/** @throws that there is no plugin */
export function targetAt(operand: string): Target {
  const path = resolve(operand);
  const state = statSync(path, { throwIfNoEntry: false });
  if (!state && (isDirectoryPath(operand) || /\.m?[jt]s$/.test(operand))) throw new Error(`${operand} does not exist`);
  if (!state) return inPlace(operand, () => true) ?? fail(`there is no file, directory, npm package or built-in plugin '${operand}' here`);
  if (!state.isDirectory()) return ofFile(path) ?? fail(`${operand} is no file that the agent takes for a plugin; ${WHAT_IS_ONE}`);
  const asOne = inPlace(dirname(path), ({ folder }) => folder === path);
  return asOne ?? inPlace(path, () => true) ?? fail(`${operand} holds no plugin; ${WHAT_IS_ONE}`);
}

/** The plugin file of a folder is the folder's. */
function ofFile(path: string): Target | null {
  const directory = dirname(path);
  const isPath = ({ file }: PluginSource) => file === path;
  const ofFolder = basename(path).startsWith('plugin.') ? inPlace(dirname(directory), isPath) : null;
  return ofFolder ?? inPlace(directory, isPath);
}

function inPlace(place: string, isWanted: (source: PluginSource) => boolean): Target | null {
  const sources = findSources([place], new Map());
  const wanted = sources.filter(isWanted);
  return wanted.length === 0 ? null : { place, sources, wanted };
}

function fail(message: string): never {
  throw new Error(message);
}
