import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sourceFor } from './module-names.ts';
import type { PluginSource } from './plugin-source.ts';

export interface Fingerprint {
  /** The same for the same code. */
  readonly print: string;
  /** The files that were looked at. */
  readonly files: readonly string[];
}

const MOST_FILES = 1000;
/** What is larger is told from another by its size and time. */
const MOST_BYTES = 1024 * 1024;
const SOURCE = /\.[cm]?[jt]s$/;
const IMPORTED = /\b(?:from|import|require)\s*\(?\s*(['"])(\.{1,2}\/[^'"\n]+)\1/g;

/**
 * What a plugin's code is made of: its file, all sources in its folder, and what these import by path, wherever that
 * lies. Not the data: a plugin that keeps some in its folder would be reloaded each time it writes.
 * @throws the system's error where the plugin's file cannot be read
 */
export function fingerprint({ file, folder, isPackage }: PluginSource): Fingerprint {
  const hash = createHash('sha256');
  const own = folder === null ? [] : sourcesIn(folder);
  const manifest = folder !== null && isPackage ? [join(folder, 'package.json')] : [];
  // Those that are found on the way are appended.
  const files = new Set([file, ...own, ...manifest]);
  for (const path of files) {
    const text = contentOf(path, path === file);
    hash.update(path).update('\0').update(text).update('\0');
    if (!SOURCE.test(path)) continue;
    for (const [, , specifier = ''] of text.matchAll(IMPORTED)) {
      const imported = sourceFor(join(dirname(path), specifier));
      if (files.size < MOST_FILES && statsOf(imported)?.isFile()) files.add(imported);
    }
  }
  return { print: hash.digest('hex').slice(0, 16), files: [...files] };
}

function contentOf(path: string, isNeeded: boolean): string {
  try {
    const { size, mtimeMs } = statSync(path);
    return size > MOST_BYTES ? `${size} ${mtimeMs}` : readFileSync(path, 'utf8');
  } catch (error) {
    if (isNeeded) throw error;
    return (error as NodeJS.ErrnoException).code ?? '';
  }
}

/** Links are followed, each folder is entered once. */
function sourcesIn(folder: string): string[] {
  const found: string[] = [];
  const entered = new Set<string>();
  const folders = [folder];
  for (let next = folders.shift(); next !== undefined && found.length < MOST_FILES; next = folders.shift()) {
    const stats = statsOf(next);
    const id = `${stats?.dev}:${stats?.ino}`;
    if (entered.has(id) || entered.size >= MOST_FILES) continue;
    entered.add(id);
    for (const entry of entriesOf(next)) {
      const path = join(next, entry);
      const kind = statsOf(path);
      if (kind?.isDirectory()) folders.push(path);
      else if (kind?.isFile() && SOURCE.test(entry)) found.push(path);
    }
  }
  return found.slice(0, MOST_FILES);
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => !name.startsWith('.') && name !== 'node_modules')
      .sort();
  } catch {
    return [];
  }
}

function statsOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}
