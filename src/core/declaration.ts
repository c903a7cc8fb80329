/**
 * Is what a plugin declares a declaration? A wrong one is told by `hostpulse check` and stops nobody from being served: its
 * plugin may answer well, and what follows from the declaration takes it with care.
 */
import { shorten } from './errors.ts';
import { DEEPEST_FIELDS, type Fields, isDeclaration, isGroup, isList } from './fields.ts';
import { declaredCollisions } from './metrics/declared-metrics.ts';

type Node = Parameters<typeof isList>[0];

const KINDS = ['counter', 'gauge', 'info'];
const TYPES = ['string', 'integer', 'number', 'boolean', 'array', 'object'];
const KEYS = ['kind', 'description', 'unit', 'type', 'values', 'answerOf', 'nullable', 'optional'];
const GROUP_KEYS = ['description', 'fields', 'nullable', 'optional'];
const LIST_KEYS = ['description', 'identity', 'each', 'nullable', 'optional'];
const VARIABLE_KEYS = ['description', 'example', 'values', 'list', 'type'];
/** Said as such in a URL's path, in a metric's name and in a client's source. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/;
const NAME_IN_WORDS = 'allowed: a letter, then letters, digits, _ and -';
const PROTOTYPE_NAMES = ['__proto__', 'constructor', 'prototype'];
const RESERVED_VARIABLES = ['requestHeaders', 'subpath', 'method', 'clientIp', 'apikey'];

/** What is wrong with declared fields, each a sentence with the path; empty where nothing is. */
export function declarationProblems(fields: unknown): string[] {
  const problems = fieldsProblems(fields, '', 0);
  if (problems.length > 0) return problems;
  return [...identityProblems(fields as Fields), ...declaredCollisions(fields as Fields)];
}

/** What is wrong with declared variables. */
export function variableProblems(variables: unknown): string[] {
  if (!isDeclaration(variables)) return [`the variables are ${show(variables)}; allowed: an object of variables by name`];
  return Object.entries(variables).flatMap(([name, variable]) => {
    const told = (problem: string) => `variable ${shorten(name)} ${problem}`;
    if (!isDeclaration(variable)) return [told(`is ${show(variable)}; allowed: { description, example, values, list, type }`)];
    const { example, values, list, type } = variable;
    const words = Array.isArray(values) && list === true && typeof example === 'string' ? example.split(',') : [example];
    return [
      ...nameProblems(name, RESERVED_VARIABLES),
      ...descriptionProblems(variable),
      ...unknownKeys(variable, VARIABLE_KEYS),
      ...valuesProblems(values),
      ...flagProblems(variable, ['list']),
      ...(example === undefined || typeof example === 'string' ? [] : [`has the example ${show(example)}; allowed: text, as in a URL`]),
      ...(type === undefined || TYPES.includes(type as string) ? [] : [`has the type ${show(type)}; allowed: ${TYPES.join(', ')}`]),
      ...(Array.isArray(values) && typeof example === 'string' && !words.every((word) => values.includes(word))
        ? [
            `has the example ${show(example)}, which is not among its values${list ? '' : '; where several can be given, list: true says so'}`,
          ]
        : []),
    ].map(told);
  });
}

function fieldsProblems(fields: unknown, path: string, depth: number): string[] {
  const where = path === '' ? 'the fields' : `the fields of ${path}`;
  if (!isDeclaration(fields)) return [`${where} are ${show(fields)}; allowed: an object of fields by name`];
  if (depth > DEEPEST_FIELDS) return [`${where} are nested deeper than ${DEEPEST_FIELDS} levels`];
  return Object.entries(fields).flatMap(([name, node]) => {
    const at = path === '' ? shorten(name) : `${path}/${shorten(name)}`;
    const below = isList(node as Node) ? 'each' : isGroup(node as Node) ? 'fields' : null;
    const own = [...nameProblems(name, []), ...nodeProblems(node)].map((problem) => `${at} ${problem}`);
    return below === null ? own : [...own, ...fieldsProblems((node as Record<string, unknown>)[below], at, depth + 1)];
  });
}

function nodeProblems(node: unknown): string[] {
  if (!isDeclaration(node))
    return [`is ${show(node)}; allowed: a field, a group ({ description, fields }) or a list ({ description, each })`];
  const common = [...descriptionProblems(node), ...flagProblems(node, ['nullable', 'optional'])];
  if (isList(node as never)) return [...common, ...unknownKeys(node, LIST_KEYS), ...identityProblem(node)];
  if (isGroup(node as never)) return [...common, ...unknownKeys(node, GROUP_KEYS)];
  return [...common, ...unknownKeys(node, KEYS), ...(KINDS.includes(node.kind as string) ? kindProblems(node) : [unknownKind(node.kind)])];
}

function kindProblems({ kind, unit, type, values, answerOf }: Readonly<Record<string, unknown>>): string[] {
  if (kind !== 'info') {
    const extra = Object.entries({ type, values, answerOf }).filter(([, value]) => value !== undefined);
    return [
      ...(typeof unit === 'string' && unit.trim() !== '' ? [] : [`is a ${kind} without a unit; such as bytes, seconds, ratio, packets/s`]),
      ...extra.map(([name]) => `is a ${kind} with ${name}; a ${kind} is a number, only an info has ${name}`),
    ];
  }
  const types = type === undefined ? ['string'] : Array.isArray(type) ? type : [type];
  const wrong = types.filter((one) => !TYPES.includes(one));
  return [
    ...(unit === undefined ? [] : [`is an info with a unit (${show(unit)}); what is measured is a gauge or a counter`]),
    ...(wrong.length > 0 || types.length === 0 ? [`has the type ${show(type)}; allowed: ${TYPES.join(', ')}`] : []),
    ...valuesProblems(values),
    ...(answerOf === undefined || (typeof answerOf === 'string' && types.includes('object'))
      ? []
      : [`has answerOf ${show(answerOf)}; allowed: the route of a plugin, with type: 'object'`]),
  ];
}

function unknownKind(kind: unknown): string {
  return `has the kind ${show(kind)}; allowed: ${KINDS.join(', ')}, or fields for an object, each for a list of objects`;
}

function identityProblem({ identity, each }: Readonly<Record<string, unknown>>): string[] {
  if (identity === undefined) return [];
  const field = typeof identity === 'string' && isDeclaration(each) ? each[identity] : undefined;
  if (!isDeclaration(field)) return [`has the identity ${show(identity)}, which is no field of its elements`];
  const { kind, type = 'string', optional, nullable } = field;
  if (optional || nullable) return [`has the identity ${show(identity)}, which may be missing or null: then an element would have no name`];
  const isName = kind === 'info' && ['string', 'integer', 'number'].includes(type as string);
  return isName ? [] : [`has the identity ${show(identity)}, which is no info of type string, integer or number`];
}

/** A path finds the identity by the list's own name, wherever the list is. */
function identityProblems(fields: Fields): string[] {
  const found = new Map<string, unknown>();
  const walk = (level: Fields): string[] =>
    Object.entries(level).flatMap(([name, node]) => {
      if (isGroup(node)) return walk(node.fields);
      if (!isList(node)) return [];
      const isOther = found.has(name) && found.get(name) !== node.identity;
      found.set(name, node.identity);
      return [
        ...(isOther ? [`two lists are called ${name} and have different identities; a path could not tell them apart`] : []),
        ...walk(node.each),
      ];
    });
  return walk(fields);
}

function nameProblems(name: string, reserved: readonly string[]): string[] {
  if (!NAME.test(name) || PROTOTYPE_NAMES.includes(name)) return [`has the name ${show(name)}; ${NAME_IN_WORDS}`];
  return reserved.includes(name) ? ["has a name that is the agent's own: a plugin never sees it as a variable"] : [];
}

function descriptionProblems({ description }: Readonly<Record<string, unknown>>): string[] {
  if (typeof description === 'string' && description.trim() !== '') return [];
  return [`has the description ${show(description)}; allowed: a text that says what it is`];
}

function valuesProblems(values: unknown): string[] {
  if (values === undefined) return [];
  const isList = Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === 'string');
  if (!isList) return [`has the values ${show(values)}; allowed: an array of texts`];
  return new Set(values).size === values.length ? [] : ['has the same value twice'];
}

function flagProblems(node: Readonly<Record<string, unknown>>, flags: readonly string[]): string[] {
  const wrong = flags.filter((flag) => node[flag] !== undefined && typeof node[flag] !== 'boolean');
  return wrong.map((flag) => `has ${flag} ${show(node[flag])}; allowed: true, false`);
}

function unknownKeys(node: Readonly<Record<string, unknown>>, known: readonly string[]): string[] {
  const unknown = Object.keys(node).filter((key) => !known.includes(key));
  return unknown.map((key) => `says '${shorten(key)}', which nothing is made of; allowed: ${known.join(', ')}`);
}

function show(value: unknown): string {
  if (typeof value === 'string') return `'${shorten(value)}'`;
  if (Array.isArray(value)) return shorten(`an array (${value.map(showItem).join(', ')})`);
  return typeof value === 'object' && value !== null ? 'an object' : String(value);
}

/** Not every value can be made a text: an object may have something else in place of `toString`. */
function showItem(value: unknown): string {
  if (typeof value === 'string') return value;
  return Array.isArray(value) ? 'an array' : show(value);
}
