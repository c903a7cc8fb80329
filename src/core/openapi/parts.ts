/** What the document is put together from, as OpenAPI 3.1 calls it. */
import { STATUS_CODES } from 'node:http';
import { ERRORS } from '../errors.ts';
import type { Fields } from '../fields.ts';
import type { Schema } from './json-schema.ts';

/** Its operationId follows from where it is. */
export interface Operation extends Readonly<Record<string, unknown>> {
  readonly responses: Readonly<Record<string, unknown>>;
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

/** Responses by name: one for each status that the table of errors knows. */
export function errorResponses(): Record<string, Schema> {
  return Object.fromEntries(errorStatuses().map((status) => [`error${status}`, errorResponse(status)]));
}

function errorStatuses(): number[] {
  return [...new Set<number>(Object.values(ERRORS))].sort();
}

function errorResponse(status: number): Schema {
  const codes = Object.entries(ERRORS).flatMap(([code, itsStatus]) => (itsStatus === status ? [code] : []));
  const own = { type: 'object', properties: { statusCode: { const: status }, code: { enum: codes } } };
  const schema = { allOf: [{ $ref: `#/components/schemas/${ERROR.name}` }, own] };
  return { description: `${STATUS_CODES[status]}: ${codes.join(', ')}`, content: { 'application/json': { schema } } };
}

/** @param statuses beside those that may come anywhere */
export function refusals(statuses: readonly number[], needsKey: boolean): Record<string, Schema> {
  const all = [...ANYWHERE, ...statuses, ...(needsKey ? [401] : [])];
  return Object.fromEntries([...new Set(all)].sort().map((status) => [String(status), { $ref: `#/components/responses/error${status}` }]));
}

export function jsonContent(schema: Schema): Schema {
  return { 'application/json': { schema } };
}
