/** What a plugin's request handler gets: the client's variables merged, and beside them what no client can set. */
import type { Query, RequestData } from './base-plugin.ts';
import { HostpulseError, shorten } from './errors.ts';

const PROTOTYPE_NAMES = new Set(['__proto__', 'constructor', 'prototype']);
/** Names that belong to the agent: a client's variable of that name never reaches the plugin. */
const RESERVED_NAMES = new Set(['requestHeaders', 'subpath', 'method', 'clientIp', 'apikey']);
const DEEPEST = 32;

/** Query and body in one, the body's values winning; reserved names left out. @throws HOSTPULSE_ERR_RESERVED_NAME, _BAD_REQUEST */
export function mergeVariables(query: unknown, body: unknown): Query {
  const variables: Record<string, unknown> = Object.create(null);
  for (const source of [query, body]) {
    if (source === undefined || source === null) continue;
    if (typeof source !== 'object' || Array.isArray(source)) {
      throw new HostpulseError(
        'HOSTPULSE_ERR_BAD_REQUEST',
        `the body is ${Array.isArray(source) ? 'an array' : `a ${typeof source}`}; allowed: an object of variables`,
      );
    }
    refusePrototypeNames(source);
    for (const [name, value] of Object.entries(source)) if (!RESERVED_NAMES.has(name)) variables[name] = value;
  }
  return variables;
}

export function requestData(variables: Query, own: Pick<RequestData, 'requestHeaders' | 'subpath' | 'method' | 'clientIp'>): RequestData {
  return Object.assign(Object.create(null), variables, own);
}

/** The same question has the same key, in whatever order its variables came. */
export function canonicalKey(query: Query): string {
  const names = Object.keys(query).sort();
  return names.length === 0 ? '' : JSON.stringify(names.map((name) => [name, query[name]]));
}

function refusePrototypeNames(value: object, depth = 0): void {
  if (depth > DEEPEST) throw new HostpulseError('HOSTPULSE_ERR_BAD_REQUEST', `the body is nested deeper than ${DEEPEST} levels`);
  for (const [name, child] of Object.entries(value)) {
    if (PROTOTYPE_NAMES.has(name)) {
      throw new HostpulseError('HOSTPULSE_ERR_RESERVED_NAME', `'${shorten(name)}' cannot be a variable's name`);
    }
    if (typeof child === 'object' && child !== null) refusePrototypeNames(child, depth + 1);
  }
}
