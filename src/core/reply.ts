import type { FastifyReply } from 'fastify';
import { cborOfJson } from '../streams/cbor-encoding.ts';
import { preferred } from './accept.ts';
import type { Answer } from './base-plugin.ts';
import { type ErrorBody, errorBody, HostpulseError } from './errors.ts';
import type { Path } from './json-path.ts';
import type { RunningPlugin } from './running/running-plugin.ts';

const JSON_TYPE = 'application/json; charset=utf-8';
const CBOR_TYPE = 'application/cbor';
const TYPES = [CBOR_TYPE, 'application/json', 'application/*', '*/*'];

/** @param json sent as CBOR to who prefers that */
export function sendJson(reply: FastifyReply, status: number, json: Buffer): FastifyReply {
  const { accept } = reply.request.headers;
  // Most ask for anything: no need to look closer.
  const wantsCbor = accept !== undefined && /cbor/i.test(accept) && preferred(accept, TYPES) === CBOR_TYPE;
  addVary(reply.code(status).header('cache-control', 'no-store'), 'accept');
  if (wantsCbor) return reply.header('content-type', CBOR_TYPE).send(cborOfJson(json));
  return reply.header('content-type', JSON_TYPE).send(json);
}

/** Says of what in a request the answer depends, beside what is said already. */
export function addVary(reply: FastifyReply, header: string): void {
  const said = reply.getHeader('vary');
  reply.header('vary', said === undefined ? header : `${said}, ${header}`);
}

export function sendError(reply: FastifyReply, body: ErrorBody): FastifyReply {
  // Who is refused must be told by which scheme to come back.
  if (body.statusCode === 401) reply.header('www-authenticate', 'Bearer');
  return sendJson(reply, body.statusCode, Buffer.from(JSON.stringify(body)));
}

export function sendMethodError(reply: FastifyReply, allowed: string): FastifyReply {
  const message = `${reply.request.method} is not answered here; allowed: ${allowed}`;
  return sendError(reply.header('allow', allowed), errorBody('HOSTPULSE_ERR_METHOD', message));
}

/** A plugin's `[status, body]` as a response, by the kind of its body. A string is text, never HTML. */
export function sendAnswer(reply: FastifyReply, [status, body]: Answer, plugin: RunningPlugin, path: Path): FastifyReply {
  const isResponse = body instanceof Response;
  // Only what was asked for has something below it; a refusal is sent as it is.
  const into = (isResponse ? body.status : status) < 300 ? path : [];
  const opaqueType = opaqueContentType(body);
  if (opaqueType === null && body !== undefined && !isResponse) return sendJson(reply, status, plugin.encode(body, into));
  if (into.length > 0) throw new HostpulseError('HOSTPULSE_ERR_NO_SUCH_PATH', `/${plugin.route} does not answer JSON; nothing is below it`);
  if (isResponse) return reply.send(body);
  reply.code(status);
  if (opaqueType === null) return reply.send();
  return reply.header('content-type', opaqueType).header('cache-control', 'no-store').send(body);
}

function opaqueContentType(body: unknown): string | null {
  if (typeof body === 'string') return 'text/plain; charset=utf-8';
  const isBytes = body instanceof Uint8Array || body instanceof ReadableStream;
  const isStream = typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function';
  return isBytes || isStream ? 'application/octet-stream' : null;
}
