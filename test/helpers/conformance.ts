import type { Field, FieldGroup, FieldList, Fields } from '../../src/core/base-plugin.ts';
import { isGroup, isList } from '../../src/core/fields.ts';

/** Where a value is not what was declared, in words; empty where it is. */
export function conformanceProblems(fields: Fields, value: unknown, path = ''): string[] {
  if (!isObject(value)) return [`${path || 'the answer'} is no object`];
  const undeclared = Object.keys(value).filter((name) => !Object.hasOwn(fields, name));
  return [
    ...undeclared.map((name) => `${path}${name} is not declared`),
    ...Object.entries(fields).flatMap(([name, node]) => problemsOf(node, value[name], path + name)),
  ];
}

function problemsOf(node: Field | FieldGroup | FieldList, value: unknown, path: string): string[] {
  if (value === undefined) return node.optional ? [] : [`${path} is missing`];
  if (value === null) return node.nullable ? [] : [`${path} is null`];
  if (isGroup(node)) return conformanceProblems(node.fields, value, `${path}.`);
  if (!isList(node)) return fitsField(node, value) ? [] : [`${path} is ${JSON.stringify(value)}`];
  if (!Array.isArray(value)) return [`${path} is no list`];
  return value.flatMap((element, index) => conformanceProblems(node.each, element, `${path}.${index}.`));
}

function fitsField({ kind, type = 'string', values }: Field, value: unknown): boolean {
  if (kind !== 'info') return typeof value === 'number';
  if (values && !values.includes(String(value))) return false;
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'array') return Array.isArray(value);
  return type === 'object' ? isObject(value) : typeof value === type;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
