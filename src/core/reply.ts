import type { FastifyReply } from 'fastify';
import type { Frame } from '../streams/frame.ts';
import { type AnswerFormat, formatFor } from './answer-format.ts';
import type { Answer } from './base-plugin.ts';
import { type ErrorBody, errorBody, HostpulseError } from './errors.ts';
import type { Path } from './json-path.ts';
import type { RunningPlugin } from './running/running-plugin.ts';
import { isReadableStream, isResponse, sendable } from './web-body.ts';

/** @param json sent as CBOR to who prefers that */
export function sendJson(reply: FastifyReply, status: number, json: Buffer): FastifyReply {
  const format = formatFor(reply.request.headers.accept);
  return sendFormatted(reply, status, format.value(json), format);
}

/** @param newest null where nothing has been published: there is no content */
export function sendFrame(reply: FastifyReply, newest: Frame | null): FastifyReply {
  if (!newest) return reply.code(204).send();
  if (newest.sequence !== null) reply.header('hostpulse-sequence', newest.sequence);
  return sendJson(reply, newest.statusCode, newest.bytes);
}

/** @param bytes written in that format already */
export function sendFormatted(reply: FastifyReply, status: number, bytes: Buffer, { contentType }: AnswerFormat): FastifyReply {
  addVary(reply, 'accept');
  return reply.code(status).header('content-type', contentType).header('cache-control', 'no-store').send(bytes);
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
  const isWhole = isResponse(body);
  // Only what was asked for has something below it; a refusal is sent as it is.
  const into = (isWhole ? body.status : status) < 300 ? path : [];
  const opaqueType = opaqueContentType(body);
  if (opaqueType === null && body !== undefined && !isWhole) return sendJson(reply, status, plugin.encode(body, into));
  if (into.length > 0) throw new HostpulseError('HOSTPULSE_ERR_NO_SUCH_PATH', `/${plugin.route} does not answer JSON; nothing is below it`);
  if (isWhole) return reply.send(sendable(body));
  reply.code(status);
  if (opaqueType === null) return reply.send();
  return reply.header('content-type', opaqueType).header('cache-control', 'no-store').send(body);
}

function opaqueContentType(body: unknown): string | null {
  if (typeof body === 'string') return 'text/plain; charset=utf-8';
  const isBytes = body instanceof Uint8Array || isReadableStream(body);
  const isStream = typeof body === 'object' && body !== null && 'pipe' in body && typeof body.pipe === 'function';
  return isBytes || isStream ? 'application/octet-stream' : null;
}
