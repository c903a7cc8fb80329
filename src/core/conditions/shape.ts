/** What a condition can look at: what a plugin declares or, where it declares nothing, what it says. */
import { DEEPEST_FIELDS, type Field, type Fields, type FieldType, isDeclaration, isGroup, isList, typesOf, valuesOf } from '../fields.ts';
import type { IdentityFields, Path } from '../json-path.ts';

export type Shape =
  | ValueShape
  | { readonly kind: 'group'; readonly children: ReadonlyMap<string, Shape> }
  /** `identity`: the field that names an element; where there is none, it is the index. */
  | { readonly kind: 'list'; readonly identity: string | undefined; readonly each: Shape };

export interface ValueShape {
  readonly kind: 'value';
  /** null: it is no measurement, or nobody says of what. */
  readonly unit: string | null;
  /** null: nobody says. */
  readonly types: readonly FieldType[] | null;
  readonly values: readonly string[] | null;
  /** There may be something below it. */
  readonly isOpaque: boolean;
}

/** Nobody says anything of it. */
export const ANYTHING: ValueShape = { kind: 'value', unit: null, types: null, values: null, isOpaque: true };

/** Elements of a list that differ are looked at up to here. */
const MOST_ELEMENTS = 1000;

export function declaredShape(fields: Fields, identities: IdentityFields, depth = 0): Shape {
  const children = new Map<string, Shape>();
  if (!isDeclaration(fields) || depth > DEEPEST_FIELDS) return { kind: 'group', children };
  for (const [name, node] of Object.entries(fields as Fields)) {
    if (isGroup(node)) children.set(name, declaredShape(node.fields, identities, depth + 1));
    else if (isList(node)) children.set(name, listOf(identities[name], declaredShape(node.each, identities, depth + 1)));
    else if (isDeclaration(node)) children.set(name, valueShape(node as unknown as Field));
  }
  return { kind: 'group', children };
}

/** @param name under which the value stands, as identities are given by it */
export function shapeOf(value: unknown, identities: IdentityFields, name = '', depth = 0): Shape {
  if (typeof value !== 'object' || value === null || depth > DEEPEST_FIELDS) return { ...ANYTHING, isOpaque: value === null };
  if (Array.isArray(value)) {
    const each = value.slice(0, MOST_ELEMENTS).map((element) => shapeOf(element, identities, '', depth + 1));
    return listOf(Object.hasOwn(identities, name) ? identities[name] : undefined, each.reduce(merged, ANYTHING));
  }
  const children = Object.keys(value).map((key) => [key, shapeOf(value[key as keyof typeof value], identities, key, depth + 1)] as const);
  return { kind: 'group', children: new Map(children) };
}

/** The part of it that a URL's path leads to; null where it does not say. */
export function shapeAt(shape: Shape, path: Path): Shape | null {
  let at: Shape | undefined = shape;
  for (const segment of path) {
    if (at.kind === 'list') at = at.each;
    else at = at.kind === 'group' ? at.children.get(segment) : undefined;
    if (!at) return null;
  }
  return at.kind === 'value' && at.isOpaque ? null : at;
}

function valueShape(field: Field): ValueShape {
  if (field.kind !== 'info')
    return { kind: 'value', unit: typeof field.unit === 'string' ? field.unit : null, types: ['number'], values: null, isOpaque: false };
  const types = typesOf(field);
  const values = valuesOf(field)?.filter((value) => typeof value === 'string');
  const isOpaque = types.includes('object') || types.includes('array');
  return { kind: 'value', unit: null, types, values: values?.length ? values : null, isOpaque };
}

/** @param identity of a plugin in JavaScript anything */
function listOf(identity: unknown, each: Shape): Shape {
  return { kind: 'list', identity: typeof identity === 'string' ? identity : undefined, each };
}

/** Of two elements of a list, as if each had what the other has. */
function merged(one: Shape, other: Shape): Shape {
  if (one.kind === 'group' && other.kind === 'group') {
    const children = new Map(one.children);
    for (const [name, child] of other.children) children.set(name, children.has(name) ? merged(children.get(name) as Shape, child) : child);
    return { kind: 'group', children };
  }
  if (one.kind === 'list' && other.kind === 'list') return listOf(one.identity, merged(one.each, other.each));
  return one.kind === 'value' ? other : one;
}
