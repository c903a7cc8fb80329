/** Which numbers there are in what a plugin declares, and which of them are wanted. */
import { badVariable } from '../errors.ts';
import { DEEPEST_FIELDS, type Field, type Fields, isDeclaration, isGroup, isList } from '../fields.ts';

/** What to look at in an object. null: nobody says what is in it, so at everything. */
export type Plan = ReadonlyMap<string, Look> | null;

export type Look =
  | { readonly kind: 'number'; readonly unit: string | null }
  | { readonly kind: 'object'; readonly plan: Plan }
  | { readonly kind: 'list'; readonly identity: string | undefined; readonly plan: Plan };

/** What a plugin at a route declares; null where there is none, or it declares nothing. */
export type FieldsOfRoute = (route: string) => Fields | null;

const LISTED = 40;

/**
 * @param wanted fields by their own name, by the path to them, or as a series is named; null: all
 * @throws HOSTPULSE_ERR_BAD_VARIABLE that names the numeric ones
 */
export function planOf(fields: Fields | null, wanted: readonly string[] | null, fieldsOfRoute: FieldsOfRoute): Plan {
  if (fields === null) return null;
  const all = pathsOf(fields, fieldsOfRoute);
  const isOpen = all.includes(null);
  const known = all.filter((path) => path !== null);
  const paths = wanted?.map((word) => declaredPath(fields, word.split('/'), fieldsOfRoute)?.join('/'));
  const unknown = wanted?.find((word, index) => paths?.[index] === undefined && !known.some((path) => path.at(-1) === word));
  if (unknown !== undefined && !isOpen) throw unknownField(unknown, new Set(known.map((path) => path.at(-1) as string)));
  const isWanted = (path: readonly string[]) => !wanted || wanted.includes(path.at(-1) as string) || !!paths?.includes(path.join('/'));
  return planWithin(fields, { isWanted, fieldsOfRoute, path: [] });
}

export function unknownField(word: string, names: ReadonlySet<string>): Error {
  const listed = [...names].slice(0, LISTED).join(', ') + (names.size > LISTED ? `, and ${names.size - LISTED} more` : '');
  return badVariable('fields', word, names.size === 0 ? 'none, as nothing is a number' : listed);
}

interface Within {
  readonly isWanted: (path: readonly string[]) => boolean;
  readonly fieldsOfRoute: FieldsOfRoute;
  readonly path: readonly string[];
}

function planWithin(fields: Fields, { path, ...rest }: Within): Plan {
  const plan = new Map<string, Look>();
  for (const [name, node] of nodesOf(fields, path.length)) {
    const within = { ...rest, path: [...path, name] };
    if (isNumeric(node)) {
      if (rest.isWanted(within.path)) plan.set(name, { kind: 'number', unit: (node as Field).unit ?? null });
      continue;
    }
    const inside = insideOf(node, rest.fieldsOfRoute);
    if (inside === undefined) continue;
    const below = inside && planWithin(inside, within);
    if (below?.size === 0) continue;
    plan.set(name, isList(node) ? { kind: 'list', identity: node.identity, plan: below } : { kind: 'object', plan: below });
  }
  return plan;
}

/** What is in it; null where there may be anything, undefined where there is nothing. */
function insideOf(node: Fields[string], fieldsOfRoute: FieldsOfRoute): Fields | null | undefined {
  if (isGroup(node)) return node.fields;
  if (isList(node)) return node.each;
  const { answerOf } = node as Field;
  return answerOf === undefined ? undefined : fieldsOfRoute(answerOf);
}

function nodesOf(fields: Fields, depth: number): [string, Fields[string]][] {
  if (!isDeclaration(fields) || depth > DEEPEST_FIELDS) return [];
  return Object.entries(fields as Fields).filter(([, node]) => isDeclaration(node));
}

function isNumeric(node: Fields[string]): boolean {
  return !isGroup(node) && !isList(node) && ['counter', 'gauge'].includes((node as Field).kind);
}

/** To all that are declared; null for what may be anything. */
function pathsOf(fields: Fields, fieldsOfRoute: FieldsOfRoute, path: readonly string[] = []): (readonly string[] | null)[] {
  return nodesOf(fields, path.length).flatMap(([name, node]) => {
    if (isNumeric(node)) return [[...path, name]];
    const inside = insideOf(node, fieldsOfRoute);
    if (!inside) return inside === null ? [null] : [];
    return pathsOf(inside, fieldsOfRoute, [...path, name]);
  });
}

/** `interfaces/eth0/rxBytes` and `interfaces/rxBytes` -> `interfaces/rxBytes`; null where that is no number that is declared. */
function declaredPath(fields: Fields, [name, ...rest]: readonly string[], fieldsOfRoute: FieldsOfRoute): string[] | null {
  const node = name !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (name === undefined || !isDeclaration(node)) return null;
  if (isNumeric(node as Fields[string])) return rest.length === 0 ? [name] : null;
  const inside = insideOf(node as Fields[string], fieldsOfRoute);
  if (!inside) return null;
  // What follows is an element's name, unless it is already what is in it.
  const isElement = isList(node as Fields[string]) && !Object.hasOwn(inside, rest[0] ?? '');
  const below = declaredPath(inside, isElement ? rest.slice(1) : rest, fieldsOfRoute);
  return below && [name, ...below];
}
