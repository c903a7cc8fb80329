import { convict } from '../config/formats.ts';
import { pluginSchema } from '../config/schema.ts';
import { CONTRACT, CONTRACT_VERSION } from '../contract-version.ts';
import type { PluginClass } from '../running/plugin-class.ts';

const BASE = "a class derived from BasePlugin ('hostpulse/plugin')";
const PARAMETER = /^[A-Za-z][A-Za-z0-9_-]*$/;
const PROTOTYPE_NAMES = new Set(['constructor', 'prototype']);

/**
 * @param module as it was imported
 * @param name what a class is called that its author gave no name
 * @throws that what was exported is no plugin, or one that cannot run here
 */
export function checkedClass(module: Readonly<Record<string, unknown>>, file: string, name: string): PluginClass {
  const exported = module.default;
  const version = typeof exported === 'function' ? (exported as { [CONTRACT]?: unknown })[CONTRACT] : undefined;
  if (typeof exported !== 'function' || version === undefined)
    throw new Error(`${file} exports ${inWords(module)} by default; allowed: ${BASE}`);
  if (version !== CONTRACT_VERSION) {
    throw new Error(`${file} is made for version ${String(version)} of the plugin contract; this agent has version ${CONTRACT_VERSION}`);
  }
  const made = exported as unknown as PluginClass;
  if (typeof made.prototype?.requestHandler !== 'function') throw new Error(`${file}: ${made.name} has no requestHandler`);
  // `export default class extends BasePlugin` is called 'default' by the language: no name for a route.
  if (made.name === 'default' || made.name === '') Object.defineProperty(made, 'name', { value: name });
  checkSchema(made.parameterSchema, file);
  return made;
}

function inWords({ default: exported, ...others }: Readonly<Record<string, unknown>>): string {
  const isPlugin = (value: unknown) => typeof value === 'function' && CONTRACT in value;
  const plugin = Object.keys(others).find((key) => isPlugin(others[key]));
  if (exported === undefined) return plugin === undefined ? 'nothing' : `nothing (${plugin} by name only)`;
  if (typeof exported === 'function')
    return /^class\b/.test(String(exported)) ? `the class ${exported.name}, another one,` : `the function ${exported.name}`;
  if (exported === null) return 'null';
  const isInstance = typeof exported === 'object' && isPlugin(exported.constructor);
  return isInstance ? 'an instance, not its class,' : `${typeof exported === 'object' ? 'an' : 'a'} ${typeof exported}`;
}

/** A wrong schema would spoil the configuration of all. */
function checkSchema(schema: unknown, file: string): void {
  if (schema === undefined) return;
  const at = `${file}: parameterSchema`;
  if (!isSection(schema)) throw new Error(`${at} is no object; allowed: parameters by name, each { doc, format, default }`);
  const taken = Object.keys(schema).filter((key) => Object.hasOwn(pluginSchema, key));
  if (taken.length > 0) throw new Error(`${at}: ${taken.join(', ')} is a setting that every plugin has already`);
  checkSection(schema, at);
  try {
    convict(schema as never, { env: {}, args: [] }).validate({ allowed: 'strict' });
  } catch (error) {
    throw new Error(`${at}: ${(error as Error).message}`);
  }
}

function checkSection(section: object, at: string): void {
  for (const [key, node] of Object.entries(section)) {
    if (!PARAMETER.test(key) || PROTOTYPE_NAMES.has(key))
      throw new Error(`${at}: '${key}' cannot be a parameter's name; allowed: letters, digits, - and _, beginning with a letter`);
    if (!isSection(node))
      throw new Error(`${at}: ${key} is ${JSON.stringify(node)}; allowed: { doc, format, default }, or a section of such`);
    if (!('default' in node)) checkSection(node, `${at}: ${key}`);
  }
}

function isSection(node: unknown): node is object {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
