/**
 * Where in an answer a path is told of its own: to the elements of each list. All else follows from the schema of the whole, and has
 * one path for all: a path for each object and its values made most of a document of 400 kB.
 */
import { type FieldList, type Fields, isDeclaration, isGroup, isList } from '../fields.ts';
import { nameBelow, type Schema, type Vocabulary } from './json-schema.ts';

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

/** Fewer lists of the same shape are told one by one. */
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

/** The elements of all lists below an object with these fields. */
export function placesBelow(fields: Fields, from: Whence, words: Vocabulary): Place[] {
  const reachable = Object.entries(isDeclaration(fields) ? (fields as Fields) : {}).filter(
    ([key, node]) => isDeclaration(node) && isSegment(key) && !from.taken?.includes(key),
  );
  const alike = listsAlike(reachable);
  const places = alike.length > 0 ? placesBelowAlike(alike, from, words) : [];
  for (const [key, node] of reachable) if (!alike.some(([own]) => own === key)) places.push(...placesOf(key, node, from, words));
  return places;
}

/** Many lists of one shape, such as the sensors of each kind: none where there are not that many. */
function listsAlike(nodes: readonly [string, Fields[string]][]): [string, FieldList][] {
  const ofShape = new Map<string, [string, FieldList][]>();
  for (const [key, node] of nodes) {
    if (!isList(node)) continue;
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

function placesBelowAlike(alike: readonly [string, FieldList][], from: Whence, words: Vocabulary): Place[] {
  const keys = alike.map(([key]) => key);
  const name = freeName('field', from.parameters);
  const parameter = { name, in: 'path', required: true, description: 'which of them', schema: { type: 'string', enum: keys } };
  const names = from.names.flatMap((above) => keys.map((key) => nameBelow(above, key)));
  const [, node] = alike[0] as [string, FieldList];
  return placesOfElements('these', node, { path: `${from.path}/{${name}}`, parameters: [...from.parameters, parameter], names }, words);
}

function placesOf(key: string, node: Fields[string], { path, parameters, names }: Whence, words: Vocabulary): Place[] {
  const here = { path: `${path}/${encodeURIComponent(key)}`, parameters, names: names.map((name) => nameBelow(name, key)) };
  if (isGroup(node)) return placesBelow(node.fields, here, words);
  return isList(node) ? placesOfElements(key, node, here, words) : [];
}

/** @param list where the list is */
function placesOfElements(key: string, node: FieldList, list: Whence, words: Vocabulary): Place[] {
  const [segment, parameter] = elementParameter(node, list.parameters);
  const path = `${list.path}/{${segment}}`;
  const schema = reference(list.names, node.each, words);
  const element = { path, parameters: [...list.parameters, parameter], summary: `One of ${key}`, schema };
  return [element, ...placesBelow(node.each, { ...element, names: list.names }, words)];
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

function reference(names: readonly string[], fields: Fields, words: Vocabulary): Schema {
  if (!isDeclaration(fields)) return {};
  const references = new Map(names.map(words.refer).map((one) => [JSON.stringify(one), one]));
  return references.size === 1 ? (references.values().next().value as Schema) : { anyOf: [...references.values()] };
}
