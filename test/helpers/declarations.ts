/** Made-up declarations, with values that are what they declare. */

import {
  type Field,
  type FieldGroup,
  type FieldList,
  type Fields,
  type FieldType,
  isGroup,
  isList,
  typesOf,
} from '../../src/core/fields.ts';
import fc from './properties.ts';

const UNITS = ['bytes', 'bytes/s', 'ms', 'seconds', 'ratio', 'packets', 'celsius'];

const name = fc.stringMatching(/^[a-z][A-Za-z0-9_-]{0,12}$/).filter((text) => !['constructor', 'prototype'].includes(text));
const description = fc.string({ minLength: 1 }).filter((text) => text.trim() !== '');
const flag = fc.option(fc.boolean(), { nil: undefined });
const flags = { nullable: flag, optional: flag };
const defined = <T extends object>(node: T) => Object.fromEntries(Object.entries(node).filter(([, value]) => value !== undefined)) as T;

const measured: fc.Arbitrary<Field> = fc
  .record({ kind: fc.constantFrom('counter' as const, 'gauge' as const), description, unit: fc.constantFrom(...UNITS), ...flags })
  .map(defined);

const type = fc.constantFrom<FieldType>('string', 'integer', 'number', 'boolean', 'array', 'object');
const info: fc.Arbitrary<Field> = fc
  .record({
    kind: fc.constant('info' as const),
    description,
    type: fc.oneof(fc.constant(undefined), type, fc.uniqueArray(type, { minLength: 1 })),
    ...flags,
  })
  .map(defined);
const choice: fc.Arbitrary<Field> = fc
  .record({
    kind: fc.constant('info' as const),
    description,
    values: fc.uniqueArray(fc.string(), { minLength: 1, maxLength: 5 }),
    ...flags,
  })
  .map(defined);

const ID: Field = { kind: 'info', description: 'names the element' };

function fieldsOf(depth: number): fc.Arbitrary<Fields> {
  const leaf = fc.oneof(measured, info, choice);
  if (depth === 0) return fc.dictionary(name, leaf, { maxKeys: 5 });
  const fields = fieldsOf(depth - 1);
  const group: fc.Arbitrary<FieldGroup> = fc.record({ description, fields, ...flags }).map(defined);
  const list: fc.Arbitrary<FieldList> = fc.record({ description, each: fields, ...flags }).map(defined);
  // One name for all: two lists of one name must not differ in it.
  const named = list.map((node): FieldList => ({ ...node, identity: 'id', each: { ...node.each, id: ID } }));
  const node: fc.Arbitrary<Fields[string]> = fc.oneof({ arbitrary: leaf, weight: 3 }, group, named);
  return fc.dictionary(name, node, { maxKeys: 5 });
}

export const declarations = fieldsOf(2);

/** A value that is what the fields declare. */
export function valueOfFields(fields: Fields): fc.Arbitrary<Record<string, unknown>> {
  const optional = Object.entries(fields).flatMap(([key, node]) => (node.optional ? [key] : []));
  const model = Object.fromEntries(Object.entries(fields).map(([key, node]) => [key, nodeValue(node)]));
  const requiredKeys = Object.keys(model).filter((key) => !optional.includes(key));
  return fc.record(model, { requiredKeys, noNullPrototype: true });
}

function nodeValue(node: Field | FieldGroup | FieldList): fc.Arbitrary<unknown> {
  const value = isGroup(node) ? valueOfFields(node.fields) : isList(node) ? listValue(node) : fieldValue(node);
  return node.nullable ? fc.option(value) : value;
}

function listValue({ each, identity }: FieldList): fc.Arbitrary<unknown> {
  const selector = (element: Record<string, unknown>) => (identity === undefined ? element : element[identity]);
  const element = valueOfFields(each).filter((made) => identity === undefined || made[identity] !== '');
  return fc.uniqueArray(element, { selector, maxLength: 3 });
}

function fieldValue(field: Field): fc.Arbitrary<unknown> {
  const number = fc.double({ noNaN: true, noDefaultInfinity: true });
  if (field.kind === 'counter') return number.map((value) => Math.abs(value));
  if (field.kind === 'gauge') return number;
  if (field.values) return fc.constantFrom(...field.values);
  const ofType: Record<FieldType, fc.Arbitrary<unknown>> = {
    string: fc.string(),
    integer: fc.integer(),
    number,
    boolean: fc.boolean(),
    array: fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 3 }),
    object: fc.dictionary(name, fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 }),
  };
  return fc.oneof(...typesOf(field).map((one) => ofType[one]));
}
