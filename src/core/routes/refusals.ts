/** What is refused before any of our routes sees it, in the same words and shape as every other error. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { type ErrorBody, errorBody } from '../errors.ts';
import { sendError } from '../reply.ts';

/** A URL that cannot be decoded, or with too long a part. The URL is not repeated: a key may stand in it. */
export function refuseUrl(error: { readonly code: string }, request: FastifyRequest, reply: FastifyReply): void {
  const isTooLong = error.code === 'FST_ERR_MAX_PARAM_LENGTH';
  const code = isTooLong ? 'HOSTPULSE_ERR_URL_TOO_LONG' : 'HOSTPULSE_ERR_BAD_REQUEST';
  const message = isTooLong ? 'a part of the URL is too long' : 'the URL is not valid: a % in it is not followed by two hex digits';
  // Hooks do not run here, so nobody else ends an upgrade's socket, nor says how to take the answer.
  const { socket, headers } = request.raw;
  if (headers.upgrade !== undefined) reply.raw.once('finish', () => socket.destroySoon());
  reply.header('x-content-type-options', 'nosniff');
  sendError(reply, errorBody(code, message));
}

/** What is no HTTP, or too much of it. Not logged: the raw bytes may hold a key. */
export function refuseClient({ code }: { readonly code?: string }, socket: Socket): void {
  if (code === 'ECONNRESET' || socket.destroyed) return;
  const tooMuch = 'the URL and the headers are larger than 16384 bytes together';
  const message =
    code === 'HPE_HEADER_OVERFLOW' ? tooMuch : code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'the request was not completed in time' : 'not HTTP';
  answerRaw(socket, errorBody('HOSTPULSE_ERR_BAD_REQUEST', message));
}

/** A handshake that is no WebSocket's. */
export function addHandshakeRefusal(app: FastifyInstance): void {
  app.websocketServer.on('wsClientError', ({ message }: Error, socket: Socket, _request: IncomingMessage) => {
    answerRaw(socket, errorBody('HOSTPULSE_ERR_BAD_REQUEST', `not a WebSocket handshake: ${message}`));
  });
}

function answerRaw(socket: Socket, body: ErrorBody): void {
  if (!socket.writable) return void socket.destroy();
  const text = JSON.stringify(body);
  const head = [
    `HTTP/1.1 ${body.statusCode} ${body.error}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(text)}`,
    'x-content-type-options: nosniff',
    'connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`, () => socket.destroy());
}
