/** A plugin that is an npm package: where it is installed, and which of its files is run. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

export interface PluginPackage {
  readonly folder: string;
  /** Its main module. */
  readonly file: string;
}

const NAME = /^(@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i;
/** As Node itself imports: conditional exports have them in the order of preference. */
const CONDITIONS: ReadonlySet<string> = new Set(['node', 'import', 'module-sync', 'default']);

/** Installed where the agent was started, or beside the agent. @returns the package, or why there is none */
export function findPackage(name: string): PluginPackage | string {
  if (!NAME.test(name)) return `'${name}' is neither a directory (./${name}) nor the name of an npm package`;
  for (const from of [resolve('package.json'), import.meta.filename]) {
    // Node's own list of where it would look; its resolution would want exports for `require`.
    for (const modules of createRequire(pathToFileURL(from)).resolve.paths(name) ?? []) {
      const folder = join(modules, name);
      if (isFile(join(folder, 'package.json'))) return packageIn(realpathSync(folder), name);
    }
  }
  return `there is no npm package '${name}' here; a directory is written ./${name}`;
}

function packageIn(folder: string, name: string): PluginPackage | string {
  try {
    const main = mainOf(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')));
    const paths = [main, `${main}.js`, join(main ?? '', 'index.js')].map((path) => join(folder, path ?? ''));
    const file = main === null ? undefined : paths.find(isFile);
    return file === undefined
      ? `npm package '${name}' has no main module that can be imported (${folder})`
      : { folder, file: realpathSync(file) };
  } catch (error) {
    return `npm package '${name}' cannot be read: ${(error as Error).message}`;
  }
}

function mainOf({ exports, main }: { readonly exports?: unknown; readonly main?: unknown }): string | null {
  if (exports === undefined || exports === null) return typeof main === 'string' && main !== '' ? main : 'index.js';
  const isBySubpath = typeof exports === 'object' && Object.keys(exports).some((key) => key.startsWith('.'));
  return chosen(isBySubpath ? (exports as Record<string, unknown>)['.'] : exports);
}

function chosen(target: unknown): string | null {
  if (typeof target === 'string') return target;
  if (typeof target !== 'object' || target === null) return null;
  const candidates = Array.isArray(target)
    ? target
    : Object.entries(target).flatMap(([key, value]) => (CONDITIONS.has(key) ? [value] : []));
  return candidates.map(chosen).find((found) => found !== null) ?? null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
