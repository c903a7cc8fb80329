import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';

// See errors.ts.
const { ServerResponse } = process.getBuiltinModule('node:http');

/**
 * Clients that offer to go on in another protocol than WebSocket (Java's offers h2c with every request, so does
 * `curl --http2`) are answered as if they had not: an offer may be ignored. Node, where anybody listens to
 * upgrades, takes every offer for one.
 */
export function ignoreOtherUpgrades(app: FastifyInstance): void {
  const { server } = app;
  const upgrades = server.listeners('upgrade');
  server.removeAllListeners('upgrade');
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket';
    // Of other methods the body is lost by now; they are refused like any upgrade that leads nowhere.
    if (isWebSocket || request.method !== 'GET') for (const listener of upgrades) listener.call(server, request, socket, head);
    else answer(app, request, socket);
  });
}

function answer(app: FastifyInstance, request: IncomingMessage, socket: Socket): void {
  socket.on('error', () => socket.destroy());
  const response = new ServerResponse(request);
  // Node has let go of the connection: nobody would read a second request from it.
  response.shouldKeepAlive = false;
  response.assignSocket(socket);
  response.once('finish', () => socket.destroySoon());
  app.routing(request, response);
}
