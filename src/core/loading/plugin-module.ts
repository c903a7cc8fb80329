/** A plugin's source run: its module imported anew where its files have changed, and its class looked at. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { withDeadline } from '../deadline.ts';
import type { PluginClass } from '../running/plugin-class.ts';
import { addModuleHooks } from './add-hooks.ts';
import { checkedClass } from './checked-class.ts';
import type { Fingerprint } from './fingerprint.ts';
import { importFailure } from './import-failure.ts';
import * as hooks from './module-hooks.ts';
import type { PluginSource } from './plugin-source.ts';

/** Node remembers CommonJS by path, whatever the tag. */
const { cache } = createRequire(import.meta.url);
let areHooked = false;

interface Failure {
  readonly print: string;
  /** How many imports of this version have failed. */
  readonly count: number;
  /** What no further import mends: it is wrong in its text, or has failed too often. */
  readonly final: unknown;
}

const failures = new Map<string, Failure>();
/** Node keeps each module that failed, and a client may ask as often as it likes: after so many only an edit helps. */
const MOST_FAILURES = 500;

/**
 * Node keeps every module that it has ever loaded. So the same files give the same module again, and only an edit
 * costs memory; what must be new after each reload belongs into the plugin's instance, which always is. A module that
 * failed is not asked again: what it lacked (a package, a file elsewhere) may be there now.
 * @param mostMs how long its top level may take
 * @throws what the plugin's code throws, or why its export is no plugin
 */
export async function importPlugin(source: PluginSource, { print, files }: Fingerprint, mostMs: number): Promise<PluginClass> {
  addHooks();
  const { name, file, isPackage } = source;
  for (const path of files) delete cache[path];
  const failed = failures.get(file);
  const count = failed?.print === print ? failed.count : 0;
  if (count > 0 && failed?.final) throw failed.final;
  const url = pathToFileURL(file);
  url.searchParams.set(hooks.TAG, `${print}${count > 0 ? `.${count}` : ''}${isPackage ? hooks.OF_PACKAGE : ''}`);
  const late = () =>
    new Error(`${file} took longer than ${mostMs} ms to import: an await at its top level does not end (limits.initializeMs)`);
  const exports = await withDeadline(import(url.href), mostMs, late).catch(async (error: unknown) => {
    const told = await importFailure(error, files);
    failures.set(file, { print, count: count + 1, final: isInItsText(told, files) || count + 1 >= MOST_FAILURES ? told : null });
    throw told;
  });
  return checkedClass(exports, file, name);
}

function isInItsText(error: unknown, files: readonly string[]): boolean {
  if (!(error instanceof SyntaxError) || error.message.includes('does not provide an export')) return false;
  return files.some((file) => error.message.startsWith(`${file}:`) && /^:\d/.test(error.message.slice(file.length)));
}

function addHooks(): void {
  if (areHooked) return;
  areHooked = true;
  addModuleHooks(hooks, new URL('./module-hooks.js', import.meta.url));
}
