import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { WebSocket } from '@fastify/websocket';
import type { FastifyInstance, FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Where an upgrade would be refused. */
    refusal: ServerResponse | null;
  }
}

/** Lets go of a request whose upgrade has been granted. @returns the connection that is left of it */
export type Upgraded = (request: FastifyRequest, socket: WebSocket) => Socket;

/**
 * A request whose upgrade has been granted is over, but would stay with its headers, its reply and its response for as
 * long as the socket.
 */
export function addUpgrades(app: FastifyInstance): Upgraded {
  app.decorateRequest('refusal', null);
  app.addHook('onRequest', (request, reply, done) => {
    if (request.ws) request.refusal = reply.raw;
    done();
  });

  /** One function for all sockets. */
  function noteError(this: WebSocket, error: Error & { readonly code?: string }): void {
    // By its client's fault (no HTTP status is left to tell it) or by ours.
    const isClients = /^(WS_ERR_|ECONNRESET|EPIPE)/.test(error.code ?? '');
    app.log[isClients ? 'debug' : 'error']({ err: error }, 'a socket failed');
    this.terminate();
  }

  return ({ raw, refusal }, socket) => {
    refusal?.detachSocket(raw.socket);
    // The listener that is there knows the request.
    socket.removeAllListeners('error');
    socket.on('error', noteError);
    return raw.socket;
  };
}
