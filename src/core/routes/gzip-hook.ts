import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { remembered } from '../../streams/remembered.ts';
import { preferred } from '../accept.ts';
import { addVary } from '../reply.ts';

/** What is smaller travels as quickly as it is, and would be most of what is asked for, bytes. */
const WORTH_GZIPPING_BYTES = 8 * 1024;
const KINDS = /^(text\/|application\/(json|cbor|openmetrics-text)\b)/;

const gzipFast = promisify(gzip);
/** The same bytes, a sample's or a document's, are asked for again. */
const gzipped = remembered((bytes) => gzipFast(bytes, { level: constants.Z_BEST_SPEED }));

/**
 * Large answers are gzipped where the client takes that; in a thread of its own, for half a megabyte takes milliseconds.
 * Streams are not: what waits to be compressed would not be sent. Nor is it told by the length of what is gzipped what is in
 * it (BREACH): no answer holds a secret beside something that a page could have put there.
 */
export function addGzipHook(app: FastifyInstance): void {
  app.addHook('onSend', (request, reply, payload: unknown, done) => {
    if (!isWorthGzipping(payload) || !isOfKind(reply)) return done(null, payload);
    addVary(reply, 'accept-encoding');
    if (preferred(request.headers['accept-encoding'], ['gzip', 'identity']) !== 'gzip') return done(null, payload);
    gzipped(Buffer.isBuffer(payload) ? payload : Buffer.from(payload)).then(
      (bytes) => {
        reply.header('content-encoding', 'gzip').removeHeader('content-length');
        done(null, bytes);
      },
      (error: Error) => done(error),
    );
  });
}

function isWorthGzipping(payload: unknown): payload is string | Buffer {
  return (typeof payload === 'string' || Buffer.isBuffer(payload)) && payload.length >= WORTH_GZIPPING_BYTES;
}

function isOfKind(reply: FastifyReply): boolean {
  return KINDS.test(String(reply.getHeader('content-type'))) && !reply.hasHeader('content-encoding');
}
