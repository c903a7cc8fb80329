/** What the document is put together from, as OpenAPI 3.1 calls it. */
import { ERRORS } from '../errors.ts';
import type { Fields } from '../fields.ts';
import { nameBelow, type Schema } from './json-schema.ts';

// See errors.ts.
const { STATUS_CODES } = process.getBuiltinModule('node:http');

/** Its operationId follows from where it is. */
export interface Operation extends Readonly<Record<string, unknown>> {
  /** One. */
  readonly tags: readonly string[];
  readonly parameters?: readonly Schema[];
  readonly requestBody?: Schema;
  readonly responses: Readonly<Record<string, Schema>>;
  readonly 'x-websocket'?: Schema;
}

export interface PathItem {
  readonly get?: Operation;
  readonly post?: Operation;
}

export interface Part {
  readonly tag: { readonly name: string; readonly description: string };
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly schemas: Readonly<Record<string, Schema>>;
  readonly parameters: Readonly<Record<string, Schema>>;
}

/** Statuses with which the agent itself may answer whatever is asked. */
const ANYWHERE = [403, 404, 414, 500, 503];

const errorFields: Fields = {
  statusCode: { kind: 'info', type: 'integer', description: 'the HTTP status' },
  code: { kind: 'info', values: Object.keys(ERRORS), description: 'which error it is; docs/errors.md says what to do' },
  error: { kind: 'info', description: "the status in HTTP's words" },
  message: { kind: 'info', description: 'what was wrong, and what is allowed' },
};

export const ERROR = { name: 'Error', fields: errorFields } as const;

/** An error of each status that the table of errors knows, by the names of their schemas. */
export function errorSchemas(): Record<string, Schema> {
  const statuses = [...new Set<number>(Object.values(ERRORS))].sort();
  return Object.fromEntries(statuses.map((status) => [errorName(status), errorSchema(status)]));
}

function errorName(status: number): string {
  return nameBelow(ERROR.name, String(status));
}

function errorSchema(status: number): Schema {
  const codes = Object.entries(ERRORS).flatMap(([code, itsStatus]) => (itsStatus === status ? [code] : []));
  const own = { type: 'object', properties: { statusCode: { const: status }, code: { enum: codes } } };
  return { description: String(STATUS_CODES[status]), allOf: [{ $ref: `#/components/schemas/${ERROR.name}` }, own] };
}

/**
 * All of them as one response: a line for each would be a quarter of the document.
 * @param statuses beside those that may come anywhere
 */
export function refusals(statuses: readonly number[], needsKey: boolean): { readonly default: Schema } {
  const all = [...new Set([...ANYWHERE, ...statuses, ...(needsKey ? [401] : [])])].sort();
  const description = `Refused: ${all.map((status) => `${status} ${STATUS_CODES[status]}`).join(', ')}.`;
  const schema = { anyOf: all.map((status) => ({ $ref: `#/components/schemas/${errorName(status)}` })) };
  return { default: { description, content: jsonContent(schema) } };
}

export function jsonContent(schema: Schema): Schema {
  return { 'application/json': { schema } };
}
