/** Declared fields and variables as JSON Schema (2020-12, as OpenAPI 3.1 has it). What is no declaration says nothing: {}. */
import {
  DEEPEST_FIELDS,
  type Field,
  type FieldGroup,
  type FieldList,
  type Fields,
  type FieldType,
  isDeclaration,
  isGroup,
  isList,
  typesOf,
  type Variable,
  valuesOf,
} from '../fields.ts';

export type Schema = Readonly<Record<string, unknown>>;

export interface Vocabulary {
  /** Takes a schema under a name that others may refer to. @returns how they do */
  readonly define: (name: string, schema: Schema) => Schema;
  readonly refer: (name: string) => Schema;
  /** Fields that a client may leave out of the answer by naming others: none of them is required. */
  readonly isLeftOut: (name: string) => boolean;
  /** The answer of another plugin. */
  readonly answerOf: (route: string) => Schema;
}

const TYPES: readonly unknown[] = ['string', 'integer', 'number', 'boolean', 'array', 'object'] satisfies FieldType[];

/** An object with these fields, defined under that name; so is each object within. */
export function objectSchema(name: string, fields: Fields, words: Vocabulary, depth = 0): Schema {
  if (!isDeclaration(fields)) return {};
  if (depth > DEEPEST_FIELDS) throw new Error(`fields are nested deeper than ${DEEPEST_FIELDS} levels`);
  const declared = Object.entries(fields as Fields);
  const properties = Object.fromEntries(declared.map(([key, node]) => [key, nodeSchema(node, nameBelow(name, key), words, depth + 1)]));
  const required = declared.filter(([key, node]) => isDeclaration(node) && !node.optional && !words.isLeftOut(key)).map(([key]) => key);
  return words.define(name, { type: 'object', properties, ...(required.length > 0 ? { required } : {}) });
}

/** Names of components are letters, digits, dots, - and _; keys may be anything. */
export function nameBelow(name: string, key: string): string {
  return `${name}.${escapedName(key)}`;
}

export function escapedName(key: string): string {
  return key.replace(/[^A-Za-z0-9_-]/g, (character) => `_${character.charCodeAt(0).toString(16)}`) || '_';
}

function nodeSchema(node: Field | FieldGroup | FieldList, name: string, words: Vocabulary, depth: number): Schema {
  if (!isDeclaration(node)) return {};
  if (isGroup(node)) {
    const object = objectSchema(name, node.fields, words, depth);
    return { ...described(node), ...(node.nullable ? { anyOf: [object, { type: 'null' }] } : object) };
  }
  if (isList(node)) {
    const items = objectSchema(name, node.each, words, depth);
    const named = typeof node.identity === 'string' ? { 'x-identity': node.identity } : {};
    return { ...described(node), type: orNull(['array'], node), items, ...named };
  }
  return fieldSchema(node as Field, words);
}

function fieldSchema(field: Field, words: Vocabulary): Schema {
  const { kind, unit, answerOf } = field;
  if (kind === 'counter' || kind === 'gauge') {
    const number = { type: orNull(['number'], field), ...(kind === 'counter' ? { minimum: 0 } : {}) };
    return {
      ...described({ description: field.description }),
      ...number,
      'x-kind': kind,
      ...(typeof unit === 'string' ? { 'x-unit': unit } : {}),
    };
  }
  if (kind !== 'info') return described(field);
  if (typeof answerOf === 'string') {
    const answer = words.answerOf(answerOf);
    return { ...described(field), ...(field.nullable ? { anyOf: [answer, { type: 'null' }] } : answer) };
  }
  return { ...described(field), ...infoType(field) };
}

function infoType(field: Field): Schema {
  const types = typesOf(field);
  const values = valuesOf(field);
  if (!types.every((type) => TYPES.includes(type))) return {};
  const type = orNull(types, field);
  if (values === null) return { type };
  if (types.includes('array') || types.includes('object')) return types.includes('array') ? { type, items: { enum: values } } : { type };
  const told = types.flatMap((one) =>
    values.map((value) => (one === 'string' ? value : one === 'boolean' ? value === 'true' : Number(value))),
  );
  return { type, enum: [...new Set(told), ...(field.nullable ? [null] : [])] };
}

export function variableSchema({ list, type = 'string', ...rest }: Variable): Schema {
  const values = valuesOf(rest as Variable);
  const one = { type: TYPES.includes(type) ? type : 'string', ...(values && type === 'string' ? { enum: values } : {}) };
  return list === true ? { type: 'array', items: one } : one;
}

function described(node: { readonly description?: unknown; readonly unit?: unknown }): Schema {
  const { description, unit } = node;
  if (typeof description !== 'string') return {};
  return { description: typeof unit === 'string' ? `${description} (${unit})` : description };
}

function orNull(types: readonly string[], { nullable }: { readonly nullable?: boolean }): string | readonly string[] {
  const all = nullable ? [...types, 'null'] : types;
  return all.length === 1 ? (all[0] as string) : [...new Set(all)];
}
