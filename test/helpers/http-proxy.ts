import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, type Socket, connect as tcpConnect } from 'node:net';
import type { Cleanup } from './build-agent.ts';

/** A proxy that speaks HTTP, between a client and an agent. */
export interface HttpProxy {
  readonly url: string;
  /** Does it let WebSockets through? */
  passesUpgrades: boolean;
  /** Does it pass on an answer while it comes, or when it has ended? */
  passesStreams: boolean;
  /** Answers this to everything. */
  status: number | null;
  /** Cuts off who asks for this path. */
  cuts: string | null;
  /** How often it has. */
  cutOff: number;
  /** Event streams that it did not pass on while they came. */
  held: number;
}

export async function httpProxy(t: Cleanup, target: number, is: Partial<HttpProxy> = {}): Promise<HttpProxy> {
  const server = createServer((incoming, outgoing) => passOn(incoming, outgoing));
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const proxy = { passesUpgrades: true, passesStreams: true, status: null, cuts: null, cutOff: 0, held: 0, ...is } as Omit<
    HttpProxy,
    'url'
  >;

  function passOn(incoming: IncomingMessage, outgoing: ServerResponse): void {
    if (proxy.status !== null) {
      outgoing.writeHead(proxy.status).end('<h1>a proxy</h1>');
      return;
    }
    const { method = 'GET', url = '/', headers } = incoming;
    if (proxy.cuts !== null && url.startsWith(proxy.cuts)) {
      proxy.cutOff++;
      return void outgoing.destroy();
    }
    const onward = request({ port: target, host: '127.0.0.1', method, path: url, headers }, async (answer) => {
      outgoing.on('close', () => onward.destroy());
      if (!proxy.passesStreams) {
        if (headers.accept === 'text/event-stream') proxy.held++;
        const parts: Buffer[] = [];
        try {
          for await (const part of answer as AsyncIterable<Buffer>) parts.push(part);
        } catch {
          return;
        }
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers).end(Buffer.concat(parts));
        return;
      }
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.writeHead(502).end()).end();
  }

  server.on('upgrade', (incoming: IncomingMessage, client: Socket) => {
    if (!proxy.passesUpgrades) {
      client.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n');
      return;
    }
    const agent = tcpConnect(target, '127.0.0.1');
    sockets.add(agent);
    const lines = Object.entries(incoming.headers).map(([name, value]) => `${name}: ${String(value)}`);
    agent.write(`GET ${incoming.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    agent.pipe(client).on('error', () => agent.destroy());
    client.pipe(agent).on('error', () => client.destroy());
  });

  return Object.assign(proxy, { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
}
