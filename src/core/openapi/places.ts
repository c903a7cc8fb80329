/** Where in an answer a path can lead: to each object and list that is declared, and to the values in them. */
import { type Field, type FieldGroup, type Fields, isDeclaration, isGroup, isList } from '../fields.ts';
import { fieldSchema, nameBelow, type Schema, type Vocabulary } from './json-schema.ts';

export interface Place {
  /** `/netinfo/interfaces/{iface}` */
  readonly path: string;
  /** Of the path. */
  readonly parameters: readonly Schema[];
  readonly summary: string;
  readonly description?: string;
  readonly schema: Schema;
  /** There is none before a topic has published its first. */
  readonly mayBeEmpty?: boolean;
}

/** Fewer groups of the same values are told one by one. */
const LEAST_ALIKE = 4;

interface Whence {
  readonly path: string;
  readonly parameters: readonly Schema[];
  /** Under which the object that is left is defined. */
  readonly name: string;
  /** Keys that lead elsewhere: a topic's name wins. */
  readonly taken?: readonly string[];
}

/** Can it be asked for in a path? */
export function isSegment(key: string): boolean {
  return !/^\.*$/.test(key);
}

/** The places below an object with these fields. */
export function placesBelow(fields: Fields, from: Whence, words: Vocabulary): Place[] {
  const reachable = Object.entries(isDeclaration(fields) ? (fields as Fields) : {}).filter(
    ([key, node]) => isDeclaration(node) && isSegment(key) && !from.taken?.includes(key),
  );
  const values = reachable.filter(([, node]) => isValue(node)) as [string, Field][];
  const alike = groupsAlike(reachable);
  const places = values.length > 0 || alike.length > 0 ? [placeOfValues(values, alike, from, words)] : [];
  if (alike.length > 0) places.push(placeBelowGroups(alike, from, words));
  for (const [key, node] of reachable)
    if (!isValue(node) && !alike.some(([own]) => own === key)) places.push(...placesOf(key, node, from, words));
  return places;
}

/** Many groups of the same few values, such as the figures of each rate: none where there are not that many. */
function groupsAlike(nodes: readonly [string, Fields[string]][]): [string, FieldGroup][] {
  const groups = nodes.filter(([, node]) => isGroup(node) && isDeclaration(node.fields) && !node.nullable) as [string, FieldGroup][];
  const flat = groups.filter(([, { fields }]) => Object.values(fields).every((node) => isDeclaration(node) && isValue(node)));
  const keysOf = ({ fields }: FieldGroup) => Object.keys(fields).join('/');
  const alike = flat.filter(([, group]) => keysOf(group) === keysOf((flat[0] as [string, FieldGroup])[1]));
  return alike.length >= LEAST_ALIKE ? alike : [];
}

/** The values of groups that are alike. */
function placeBelowGroups(groups: readonly [string, FieldGroup][], { path, parameters }: Whence, words: Vocabulary): Place {
  const parameter = choiceOf(groups, parameters);
  const values = Object.entries((groups[0] as [string, FieldGroup])[1].fields) as [string, Field][];
  const from = { path: `${path}/{${parameter.name}}`, parameters: [...parameters, parameter], name: '' };
  return placeOfValues(values, [], from, words);
}

function isValue(node: Fields[string]): node is Field {
  return !isGroup(node) && !isList(node) && (node as Field).answerOf === undefined;
}

function placesOf(key: string, node: Fields[string], from: Whence, words: Vocabulary): Place[] {
  const { parameters } = from;
  const here = { path: `${from.path}/${encodeURIComponent(key)}`, parameters, summary: key, description: String(node.description ?? '') };
  const name = nameBelow(from.name, key);
  if (isGroup(node)) {
    const schema = reference(name, node.fields, node.nullable, words);
    return [{ ...here, schema }, ...placesBelow(node.fields, { ...here, name }, words)];
  }
  if (!isList(node)) return [{ ...here, schema: fieldSchema(node as Field, words) }];
  const items = reference(name, node.each, false, words);
  const [segment, parameter] = elementParameter(node, parameters);
  const element = { path: `${here.path}/{${segment}}`, parameters: [...parameters, parameter], summary: `One of ${key}`, schema: items };
  return [
    { ...here, schema: { type: node.nullable ? ['array', 'null'] : 'array', items } },
    element,
    ...placesBelow(node.each, { ...element, name }, words),
  ];
}

/** All plain values of an object in one place, and groups that are alike: a path of its own for each would be hundreds. */
function placeOfValues(
  values: readonly [string, Field][],
  groups: readonly [string, FieldGroup][],
  { path, parameters }: Whence,
  words: Vocabulary,
): Place {
  const parameter = choiceOf([...values, ...groups], parameters);
  const types = values.map(([, field]) => [fieldSchema(field, words).type ?? []].flat() as string[]);
  if (groups.length > 0) types.push(['object']);
  // What any of them can be; nothing is said where one of them can be anything.
  const all = types.some((some) => some.length === 0) ? [] : [...new Set(types.flat())];
  const schema = all.length > 0 ? { type: all.filter((type) => type !== 'integer' || !all.includes('number')) } : {};
  return { path: `${path}/{${parameter.name}}`, parameters: [...parameters, parameter], summary: 'One value, as JSON', schema };
}

function choiceOf(nodes: readonly (readonly [string, unknown])[], parameters: readonly Schema[]): Schema & { readonly name: string } {
  const names = nodes.map(([name]) => name);
  const name = freeName('field', parameters);
  return { name, in: 'path', required: true, description: 'which value', schema: { type: 'string', enum: names } };
}

function elementParameter({ identity, each }: { identity?: string; each: Fields }, parameters: readonly Schema[]): [string, Schema] {
  if (typeof identity !== 'string') {
    const name = freeName('index', parameters);
    return [name, { name, in: 'path', required: true, description: 'from 0', schema: { type: 'integer', minimum: 0 } }];
  }
  const name = freeName(identity.replace(/[^A-Za-z0-9_-]/g, '_') || 'name', parameters);
  const meaning = isDeclaration(each) ? (each as Fields)[identity]?.description : undefined;
  const description = `its ${identity}${typeof meaning === 'string' ? `: ${meaning}` : ''}`;
  return [name, { name, in: 'path', required: true, description, schema: { type: 'string' } }];
}

function freeName(wanted: string, parameters: readonly Schema[]): string {
  const taken = parameters.map(({ name }) => name);
  let name = wanted;
  for (let count = 2; taken.includes(name); count++) name = `${wanted}${count}`;
  return name;
}

function reference(name: string, fields: Fields, nullable: boolean | undefined, words: Vocabulary): Schema {
  if (!isDeclaration(fields)) return {};
  return nullable ? { anyOf: [words.refer(name), { type: 'null' }] } : words.refer(name);
}
