import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { PluginSource } from './plugin-source.ts';

const MOST_FILES = 1000;

/** The same for the same files: what a plugin is made of, as far as it lies in its own place. */
export function fingerprint({ file, folder }: PluginSource): string {
  const hash = createHash('sha256');
  const files = folder === null ? [file, ...helpersBeside(file)] : filesIn(folder);
  for (const path of files.slice(0, MOST_FILES)) hash.update(path).update(readFileSync(path));
  return hash.digest('hex').slice(0, 16);
}

/** What plugins of one file may share: files and folders whose name says that they are no plugins. */
function helpersBeside(file: string): string[] {
  const directory = dirname(file);
  return filesOf(directory, (name) => name.startsWith('_'));
}

function filesIn(folder: string): string[] {
  return filesOf(folder, (name) => !name.startsWith('.') && name !== 'node_modules');
}

function filesOf(directory: string, isWanted: (name: string) => boolean): string[] {
  const entries = readdirSync(directory, { withFileTypes: true }).filter(({ name }) => isWanted(name));
  return entries
    .sort((a, b) => (a.name < b.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(directory, entry.name);
      return entry.isDirectory() ? filesIn(path) : entry.isFile() ? [path] : [];
    });
}
