/** Where in an answer a path can lead: to each object and list that is declared, and to the values in them. */
import { type Field, type FieldGroup, type FieldList, type Fields, isDeclaration, isGroup, isList } from '../fields.ts';
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

/** Fewer groups or lists of the same shape are told one by one. */
const LEAST_ALIKE = 3;

interface Whence {
  readonly path: string;
  readonly parameters: readonly Schema[];
  /** Under which the object that is left is defined; several where objects of one shape share their places. */
  readonly names: readonly string[];
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
  const alike = nodesAlike(reachable);
  const places = values.length > 0 || alike.length > 0 ? [placeOfValues(values, alike, from, words)] : [];
  if (alike.length > 0) places.push(...placesBelowAlike(alike, from, words));
  for (const [key, node] of reachable)
    if (!isValue(node) && !alike.some(([own]) => own === key)) places.push(...placesOf(key, node, from, words));
  return places;
}

/** Many groups or lists of one shape, such as the figures of each rate: none where there are not that many. */
function nodesAlike(nodes: readonly [string, Fields[string]][]): [string, FieldGroup | FieldList][] {
  const ofShape = new Map<string, [string, FieldGroup | FieldList][]>();
  for (const [key, node] of nodes) {
    if (!isGroup(node) && !isList(node)) continue;
    const shape = shapeOf(node);
    ofShape.set(shape, [...(ofShape.get(shape) ?? []), [key, node]]);
  }
  const [most = []] = [...ofShape.values()].sort((one, other) => other.length - one.length);
  return most.length >= LEAST_ALIKE ? most : [];
}

/** The same where paths lead to the same below, and to values of the same types. */
function shapeOf(node: unknown): string {
  if (!isDeclaration(node)) return 'nothing';
  const { nullable, optional, identity, kind, type, fields, each, answerOf } = node as unknown as Readonly<Record<string, unknown>>;
  const below = isDeclaration(fields) ? fields : isDeclaration(each) ? each : {};
  const shapes = Object.entries(below).map(([key, one]) => [key, shapeOf(one)]);
  return JSON.stringify([nullable, optional, identity, kind, type, answerOf, isDeclaration(each), shapes]);
}

function placesBelowAlike(alike: readonly [string, FieldGroup | FieldList][], from: Whence, words: Vocabulary): Place[] {
  const parameter = choiceOf(alike, from.parameters);
  const names = from.names.flatMap((name) => alike.map(([key]) => nameBelow(name, key)));
  const here = { path: `${from.path}/{${parameter.name}}`, parameters: [...from.parameters, parameter], names };
  const [, node] = alike[0] as [string, FieldGroup | FieldList];
  return isGroup(node) ? placesBelow(node.fields, here, words) : placesOfElements('these', node, here, words);
}

function isValue(node: Fields[string]): node is Field {
  return !isGroup(node) && !isList(node) && (node as Field).answerOf === undefined;
}

function placesOf(key: string, node: Fields[string], from: Whence, words: Vocabulary): Place[] {
  const { parameters } = from;
  const here = { path: `${from.path}/${encodeURIComponent(key)}`, parameters, summary: key, description: String(node.description ?? '') };
  const names = from.names.map((name) => nameBelow(name, key));
  if (isGroup(node)) {
    const schema = reference(names, node.fields, node.nullable, words);
    return [{ ...here, schema }, ...placesBelow(node.fields, { ...here, names }, words)];
  }
  if (!isList(node)) return [{ ...here, schema: fieldSchema(node as Field, words) }];
  const items = reference(names, node.each, false, words);
  const list = { ...here, schema: { type: node.nullable ? ['array', 'null'] : 'array', items } };
  return [list, ...placesOfElements(key, node, { ...here, names }, words)];
}

/** @param list where the list is */
function placesOfElements(key: string, node: FieldList, list: Whence, words: Vocabulary): Place[] {
  const [segment, parameter] = elementParameter(node, list.parameters);
  const path = `${list.path}/{${segment}}`;
  const schema = reference(list.names, node.each, false, words);
  const element = { path, parameters: [...list.parameters, parameter], summary: `One of ${key}`, schema };
  return [element, ...placesBelow(node.each, { ...element, names: list.names }, words)];
}

/** All plain values of an object in one place, and what is of one shape: a path of its own for each would be hundreds. */
function placeOfValues(
  values: readonly [string, Field][],
  alike: readonly [string, FieldGroup | FieldList][],
  { path, parameters }: Whence,
  words: Vocabulary,
): Place {
  const parameter = choiceOf([...values, ...alike], parameters);
  const types = values.map(([, field]) => [fieldSchema(field, words).type ?? []].flat() as string[]);
  for (const [, node] of alike) types.push([isGroup(node) ? 'object' : 'array', ...(node.nullable ? ['null'] : [])]);
  // What any of them can be; nothing is said where one of them can be anything.
  const all = types.some((some) => some.length === 0) ? [] : [...new Set(types.flat())].sort();
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

function reference(names: readonly string[], fields: Fields, nullable: boolean | undefined, words: Vocabulary): Schema {
  if (!isDeclaration(fields)) return {};
  const references = new Map(names.map(words.refer).map((one) => [JSON.stringify(one), one]));
  const [only, ...others] = references.values();
  if (others.length === 0 && !nullable) return only as Schema;
  return { anyOf: [...references.values(), ...(nullable ? [{ type: 'null' }] : [])] };
}
