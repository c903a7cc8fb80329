/**
 * What several operations say in the same words is said once, among the components, and referred to.
 * Hundreds of paths differ in little else than their schema.
 */
import { escapedName, type Schema } from './json-schema.ts';
import type { Operation, PathItem } from './parts.ts';

export type Components = Readonly<Record<'parameters' | 'responses' | 'requestBodies' | 'x-websockets', Readonly<Record<string, Schema>>>>;

type Paths = Readonly<Record<string, PathItem>>;

/** @param parameters those that have names already, which are kept */
export function toldOnce(paths: Paths, parameters: Components['parameters']) {
  const shared = {
    parameters: new Shared('parameters', parameters),
    responses: new Shared('responses', {}),
    requestBodies: new Shared('requestBodies', {}),
    'x-websockets': new Shared('x-websockets', {}),
  };
  // What is said only once stays where it is.
  eachOperation(paths, (operation) => withParts(operation, (what, _name, part) => shared[what].count(part)));
  const short = eachOperation(paths, (operation) => withParts(operation, (what, name, part) => shared[what].refer(name, part)));
  const components = Object.fromEntries(Object.entries(shared).map(([what, { all }]) => [what, all])) as Components;
  return { paths: short, components };
}

function eachOperation(paths: Paths, change: (operation: Operation) => Operation): Record<string, PathItem> {
  return Object.fromEntries(
    Object.entries(paths).map(([path, item]) => [
      path,
      Object.fromEntries(Object.entries(item).map(([method, operation]) => [method, change(operation)])),
    ]),
  );
}

type Change = (what: keyof Components, name: string, part: Schema) => Schema;

/** An operation with other parts, each of which would have that name. */
function withParts(operation: Operation, change: Change): Operation {
  const { parameters, responses, requestBody, tags, 'x-websocket': socket } = operation;
  const tag = escapedName(String(tags[0]));
  const answers = Object.entries(responses).map(([status, part]) => [status, change('responses', nameOfAnswer(status, part), part)]);
  return {
    ...operation,
    ...(parameters && { parameters: parameters.map((part) => change('parameters', nameOfParameter(part), part)) }),
    ...(requestBody && { requestBody: change('requestBodies', tag, requestBody) }),
    responses: Object.fromEntries(answers),
    ...(socket && { 'x-websocket': change('x-websockets', tag, socket) }),
  };
}

function nameOfParameter({ name, in: where }: Schema): string {
  return `${escapedName(String(name))}-in-${where}`;
}

/** By what it answers: `number-or-null`, `netinfo`. */
function nameOfAnswer(status: string, { content }: Schema): string {
  if (status === 'default') return 'refusal';
  if (content === undefined) return 'empty';
  const { type, $ref } = (content as Readonly<Record<string, { schema?: Schema }>>)['application/json']?.schema ?? {};
  if (typeof $ref === 'string') return $ref.slice($ref.lastIndexOf('/') + 1);
  return [type ?? 'answer'].flat().join('-or-');
}

/** Components of one sort, by what they say. */
class Shared {
  readonly all: Record<string, Schema>;
  readonly #where: string;
  readonly #known = new Map<string, { uses: number; name: string | null }>();

  constructor(where: string, named: Readonly<Record<string, Schema>>) {
    this.#where = where;
    this.all = { ...named };
  }

  count(part: Schema): Schema {
    const said = JSON.stringify(part);
    const known = this.#known.get(said) ?? { uses: 0, name: null };
    known.uses++;
    this.#known.set(said, known);
    return part;
  }

  /** @returns a reference where it is said elsewhere, too */
  refer(wanted: string, part: Schema): Schema {
    const known = this.#known.get(JSON.stringify(part));
    if ('$ref' in part || known === undefined || known.uses < 2) return part;
    known.name ??= this.#define(wanted, part);
    return { $ref: `#/components/${this.#where}/${known.name}` };
  }

  #define(wanted: string, part: Schema): string {
    let name = wanted;
    for (let count = 2; Object.hasOwn(this.all, name); count++) name = `${wanted}_${count}`;
    this.all[name] = part;
    return name;
  }
}
