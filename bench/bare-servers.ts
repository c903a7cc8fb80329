/** What the agent is held against: the least that does the same outward thing. Each is a part of run.ts. */
import { openSync, readSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

const JSON_TYPE = 'application/json; charset=utf-8';

/** Reads the counters at a fixed pace and throws them away. */
export async function barePoll(intervalMs: number): Promise<void> {
  const fd = openSync('/proc/self/net/dev', 'r');
  const bytes = Buffer.allocUnsafeSlow(1024 * 1024);
  setInterval(() => {
    let length = 0;
    for (let count = -1; count !== 0; length += count) count = readSync(fd, bytes, length, bytes.length - length, length);
    const lines = bytes.toString('latin1', 0, length).split('\n').slice(2, -1);
    for (const line of lines) line.trim().split(/ +/).map(Number);
  }, intervalMs);
  console.log('ready');
}

/** node:http and one constant body. */
export async function bareHttp(port: number, bodyBytes: number): Promise<void> {
  const constant = Buffer.alloc(bodyBytes, '1');
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': JSON_TYPE, 'content-length': constant.length }).end(constant);
  });
  server.listen(port, '127.0.0.1', () => console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`));
}

/** fastify, nothing registered, and one route with a constant body. */
export async function bareFastify(port: number, bodyBytes: number): Promise<void> {
  const { default: Fastify } = await import('fastify');
  const constant = Buffer.alloc(bodyBytes, '1');
  const app = Fastify();
  app.get('/', (_request, reply) => reply.header('content-type', JSON_TYPE).send(constant));
  console.log(`ready ${await app.listen({ port, host: '127.0.0.1' })}`);
}

/** ws and a loop over its clients: the same string to each, or the same prepared frame straight to each socket. */
export async function bareWs(intervalMs: number, bodyBytes: number, how: 'string' | 'frame'): Promise<void> {
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  const sockets = new Set<Socket>();
  server.on('connection', (_client, { socket }) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  setInterval(() => {
    const text = `{"sequence":1,"timestampMs":${Date.now()},"`.padEnd(bodyBytes, '1');
    const frame = textFrame(text);
    if (how === 'string') for (const client of server.clients) client.send(text);
    else for (const socket of sockets) socket.write(frame);
  }, intervalMs);
  server.on('listening', () => console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`));
}

/** Sends whoever connects one message: bare ws, or by way of fastify. */
export async function bareUpgrades(how: 'ws' | 'fastify', bodyBytes: number): Promise<void> {
  const constant = '1'.repeat(bodyBytes);
  if (how === 'fastify') {
    const [{ default: Fastify }, { default: websocket }] = await Promise.all([import('fastify'), import('@fastify/websocket')]);
    const app = Fastify();
    await app.register(websocket);
    app.get('/', { websocket: true }, (client) => client.send(constant));
    return console.log(`ready ${await app.listen({ port: 0, host: '127.0.0.1' })}`);
  }
  const { WebSocketServer } = await import('ws');
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  server.on('connection', (client) => client.send(constant));
  server.on('listening', () => console.log(`ready http://127.0.0.1:${(server.address() as AddressInfo).port}`));
}

/** A whole text message as RFC 6455 writes it from a server. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const long = payload.length > 65_535;
  const head = Buffer.alloc(payload.length < 126 ? 2 : long ? 10 : 4);
  head[0] = 0x81;
  head[1] = payload.length < 126 ? payload.length : long ? 127 : 126;
  if (long) head.writeBigUInt64BE(BigInt(payload.length), 2);
  else if (payload.length > 125) head.writeUInt16BE(payload.length, 2);
  return Buffer.concat([head, payload]);
}
