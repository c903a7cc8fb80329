/** A plugin's source run: its module imported anew where its files have changed, and its class looked at. */
import module from 'node:module';
import { pathToFileURL } from 'node:url';
import { convict } from '../config/formats.ts';
import { pluginSchema } from '../config/schema.ts';
import { CONTRACT, CONTRACT_VERSION } from '../contract-version.ts';
import type { PluginClass } from '../running/plugin-class.ts';
import * as hooks from './module-hooks.ts';

let areHooked = false;

/**
 * Node keeps every module that it has ever loaded. So the same files give the same module again, and only an edit
 * costs memory; what must be new after each reload belongs into the plugin's instance, which always is.
 * @param version the fingerprint of its files
 * @throws what the plugin's code throws, or why its export is no plugin
 */
export async function importPlugin(file: string, version: string): Promise<PluginClass> {
  addHooks();
  const url = pathToFileURL(file);
  url.searchParams.set(hooks.TAG, version);
  const { default: exported }: { default?: unknown } = await import(url.href).catch((error: unknown) => {
    throw located(error);
  });
  return checkedClass(exported, file);
}

/** V8 tells the place of a syntax error on the stack only. */
function located(error: unknown): unknown {
  if (!(error instanceof SyntaxError)) return error;
  const [, path, line] = /^file:\/\/([^?\n]+)(?:\?[^:\n]*)?:(\d+)\n/.exec(error.stack ?? '') ?? [];
  return line === undefined ? error : new SyntaxError(`${path}:${line}: ${error.message}`, { cause: error });
}

/** @throws that what was exported is no plugin, or one that cannot run here */
function checkedClass(exported: unknown, file: string): PluginClass {
  const version = (exported as { [CONTRACT]?: unknown } | undefined)?.[CONTRACT];
  if (typeof exported !== 'function' || version === undefined) {
    const what = exported === undefined ? 'nothing' : typeof exported === 'function' ? `'${exported.name}'` : `a ${typeof exported}`;
    throw new Error(`${file} exports ${what} by default; allowed: a class derived from BasePlugin ('hostpulse/plugin')`);
  }
  if (version !== CONTRACT_VERSION) {
    throw new Error(`${file} is made for version ${version} of the plugin contract; this agent has version ${CONTRACT_VERSION}`);
  }
  const made = exported as unknown as PluginClass;
  if (typeof made.prototype?.requestHandler !== 'function') throw new Error(`${file}: ${made.name} has no requestHandler`);
  checkSchema(made, file);
  return made;
}

/** A wrong schema would spoil the configuration of all. */
function checkSchema({ parameterSchema = {} }: PluginClass, file: string): void {
  const taken = Object.keys(parameterSchema).filter((key) => Object.hasOwn(pluginSchema, key));
  if (taken.length > 0) throw new Error(`${file}: parameterSchema: ${taken.join(', ')} is a setting that every plugin has already`);
  try {
    convict(parameterSchema as never, { env: {}, args: [] }).validate({ allowed: 'strict' });
  } catch (error) {
    throw new Error(`${file}: parameterSchema: ${(error as Error).message}`);
  }
}

function addHooks(): void {
  if (areHooked) return;
  areHooked = true;
  const { registerHooks } = module as unknown as { registerHooks?: (own: typeof hooks) => void };
  if (registerHooks) registerHooks(hooks);
  else module.register('./module-hooks.js', import.meta.url);
}
