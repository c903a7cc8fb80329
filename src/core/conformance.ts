/** Is what a plugin says what it declares? For `hostpulse check` and for tests; nothing is checked while a plugin is served. */
import { shorten } from './errors.ts';
import { type Field, type FieldGroup, type FieldList, type Fields, isDeclaration, isGroup, isList, typesOf, valuesOf } from './fields.ts';

type Node = Field | FieldGroup | FieldList;

/** A list of thousands that is wrong throughout is told in so many sentences, and how many there are beside them. */
const MOST_TOLD = 50;
const VALUE_LENGTH = 60;

/** Sentences, each once, as many as somebody would read. */
class Problems {
  readonly #told = new Set<string>();
  #untold = 0;

  add(path: string, problem: string): void {
    const sentence = `${path === '' ? 'the answer' : shorten(path, 200)} ${problem}`;
    if (this.#told.size < MOST_TOLD) this.#told.add(sentence);
    else if (!this.#told.has(sentence)) this.#untold++;
  }

  list(): string[] {
    return this.#untold > 0 ? [...this.#told, `... and ${this.#untold} more`] : [...this.#told];
  }
}

/**
 * Where a value is not what was declared, each a sentence with the path that a client would write
 * (`interfaces/eth0/rxBytes is -3; declared: ...`); empty where it is.
 */
export function conformanceProblems(fields: Fields, value: unknown): string[] {
  const problems = new Problems();
  checkObject(fields, asJson(value), '', problems);
  return problems.list();
}

function checkObject(fields: Fields, value: unknown, path: string, problems: Problems): void {
  if (!isDeclaration(fields)) return;
  if (!isObject(value)) return problems.add(path, `is ${show(value)}; declared: an object`);
  for (const [name, node] of Object.entries(fields)) {
    // What is no declaration is told by `declarationProblems`.
    if (!isDeclaration(node)) continue;
    // What an object inherits is not in its JSON.
    checkNode(node, Object.hasOwn(value, name) ? asJson(value[name]) : undefined, join(path, name), problems);
  }
  for (const name of Object.keys(value)) {
    const child = asJson(value[name]);
    if (!Object.hasOwn(fields, name) && child !== undefined) problems.add(join(path, name), `is ${show(child)}, and is not declared`);
  }
}

function checkNode(node: Node, value: unknown, path: string, problems: Problems): void {
  if (value === undefined) {
    if (!node.optional) problems.add(path, `is missing; declared: ${inWords(node)}, not optional`);
  } else if (value === null) {
    if (!node.nullable) problems.add(path, `is null; declared: ${inWords(node)}, not nullable`);
  } else if (isGroup(node)) checkObject(node.fields, value, path, problems);
  else if (isList(node)) checkList(node, value, path, problems);
  else if (!fits(node, value)) problems.add(path, `is ${show(value)}; declared: ${inWords(node)}`);
}

function checkList({ each, identity }: FieldList, value: unknown, path: string, problems: Problems): void {
  if (!Array.isArray(value)) return problems.add(path, `is ${show(value)}; declared: a list of objects`);
  const taken = new Map<string, number>();
  value.map(asJson).forEach((element, index) => {
    const name = identity !== undefined && isObject(element) ? element[identity] : undefined;
    const isName = (typeof name === 'string' && name !== '') || Number.isFinite(name);
    checkObject(each, element, join(path, isName ? String(name) : String(index)), problems);
    if (identity === undefined || !isObject(element)) return;
    if (!isName) {
      problems.add(join(path, String(index), identity), `is ${show(name)}; declared: the name of its element, a string or a number`);
      return;
    }
    const other = taken.get(String(name));
    if (other !== undefined) problems.add(path, `has two elements whose ${identity} is ${show(name)}, at ${other} and ${index}`);
    else taken.set(String(name), index);
  });
}

function fits(field: Field, value: unknown): boolean {
  if (field.kind !== 'info') return Number.isFinite(value) && (field.kind === 'gauge' || (value as number) >= 0);
  const values = valuesOf(field);
  const isOneOf = (word: unknown) => !values || values.includes(String(word));
  return typesOf(field).some((type) => {
    if (type === 'array') return Array.isArray(value) && value.every(isOneOf);
    if (type === 'object') return isObject(value);
    if (type === 'integer') return Number.isInteger(value) && isOneOf(value);
    if (type === 'number') return Number.isFinite(value) && isOneOf(value);
    return typeof value === type && isOneOf(value);
  });
}

function inWords(node: Node): string {
  if (isGroup(node)) return 'an object';
  if (isList(node)) return 'a list of objects';
  const { kind, unit } = node;
  const values = valuesOf(node);
  if (kind !== 'info') {
    const number = kind === 'counter' ? 'a finite number, not below 0' : 'a finite number';
    return `a ${kind}${unit === undefined ? '' : ` in ${unit}`}, ${number}`;
  }
  const types = typesOf(node).map((type) => `${/^[aeio]/.test(type) ? 'an' : 'a'} ${type}`);
  return `${types.join(' or ')}${values ? `, one of ${shorten(values.join(', '), 300)}` : ''}`;
}

/** As JSON would have it, but for numbers that it cannot say: these are to be told. */
function asJson(value: unknown): unknown {
  if (typeof value === 'function' || typeof value === 'symbol') return undefined;
  const isDated = typeof value === 'object' && value !== null && 'toJSON' in value && typeof value.toJSON === 'function';
  return isDated ? (value.toJSON as () => unknown)() : value;
}

function show(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(shorten(value, VALUE_LENGTH));
  if (Array.isArray(value)) return value.length === 1 ? 'an array of one' : `an array of ${value.length}`;
  if (typeof value === 'object' && value !== null)
    return `an object with ${shorten(Object.keys(value).join(', '), VALUE_LENGTH) || 'nothing'}`;
  return Object.is(value, -0) ? '-0' : String(value);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function join(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/');
}
