import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { errorBody, toErrorBody } from '../errors.ts';
import { sendError } from '../reply.ts';

/** The rest of a body that is too big is waited for so long. */
const REST_OF_BODY_MS = 2000;

/** Whatever was thrown, as the answer to it: coded errors as they are, fastify's own in our words, all others in the log. */
export function addErrorAnswers(app: FastifyInstance): void {
  app.setNotFoundHandler((request, reply) => {
    const message = `Nothing at ${request.url.split('?')[0]?.slice(0, 80)}; GET / lists what there is`;
    return sendError(reply, errorBody('HOSTPULSE_ERR_NOT_FOUND', message));
  });

  app.setErrorHandler((error: Error & { code?: string; statusCode?: number }, request, reply) => {
    const { code, statusCode = 500 } = error;
    const body = toErrorBody(error);
    if (code?.startsWith('HOSTPULSE_')) return sendError(reply, body);
    // Fastify's own refusals, in our words.
    if (statusCode === 413) return refuseBody(request, reply);
    if (statusCode === 415) {
      const message = `content-type '${request.headers['content-type']?.slice(0, 80)}' is not understood; allowed: application/json, application/x-www-form-urlencoded`;
      return sendError(reply, errorBody('HOSTPULSE_ERR_MEDIA_TYPE', message));
    }
    if (statusCode >= 400 && statusCode < 500) {
      return sendError(reply, errorBody('HOSTPULSE_ERR_BAD_REQUEST', error.message));
    }
    request.log.error({ err: error, method: request.method, path: request.url.split('?')[0] }, 'request failed');
    return sendError(reply, body);
  });
}

/**
 * Reads what is left of the body, to throw it away, before it answers: a client that sends everything before it reads
 * would else see a reset in place of the answer.
 */
async function refuseBody(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { raw } = request;
  const isRead = await new Promise<boolean>((resolve) => {
    const giveUp = setTimeout(resolve, REST_OF_BODY_MS, false);
    const settle = () => {
      clearTimeout(giveUp);
      resolve(raw.complete);
    };
    raw.once('close', settle).once('end', settle).resume();
  });
  // Fastify wants the connection closed; there is no need where all of the body has come.
  if (isRead) reply.removeHeader('connection');
  const message = `the body is larger than ${request.routeOptions.bodyLimit} bytes (limits.bodyBytes)`;
  return sendError(reply, errorBody('HOSTPULSE_ERR_BODY_TOO_BIG', message));
}
