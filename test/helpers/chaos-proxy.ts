import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket, connect as tcpConnect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Cleanup } from './build-agent.ts';
import { freePort } from './free-port.ts';

/** What happens to one connection; nothing, where nothing is said. */
export interface Fate {
  /** It is cut at once. */
  readonly isRefused?: boolean;
  /** It is let through only after so long, so that others that came later are before it. */
  readonly holdMs?: number;
  /** What the agent says comes this much later, */
  readonly delayMs?: number;
  /** in pieces of this size, */
  readonly pieceBytes?: number;
  /** until so much was said: then it is cut, in the midst of whatever is said, */
  readonly cutAfterBytes?: number;
  /** or then nothing comes any more, and nobody is told. */
  readonly silentAfterBytes?: number;
}

/** A bad line to an agent: what comes from there is late, in pieces, cut off or lost; who connects is refused or has to wait. */
export class ChaosProxy {
  /** Of the next connections, in this order; then all are good. */
  fates: Fate[] = [];
  /** Connections so far. */
  connections = 0;
  readonly #target: number;
  readonly #sockets = new Set<Socket>();
  readonly #mute = new WeakSet<Socket>();
  #server: Server;

  private constructor(target: number, server: Server) {
    this.#target = target;
    this.#server = server;
  }

  static async start(t: Cleanup, target: number): Promise<ChaosProxy> {
    const proxy = new ChaosProxy(target, createServer());
    // It may vanish and come back there.
    await proxy.#listen(await freePort());
    t.after(() => proxy.close());
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Open connections. */
  get open(): number {
    return this.#sockets.size;
  }

  /** What is open now says nothing any more, and nobody is told. */
  muteAll(): void {
    for (const socket of this.#sockets) this.#mute.add(socket);
  }

  cutAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Nobody listens there for a while. */
  async vanish(ms: number): Promise<void> {
    const { port } = this;
    await this.close();
    await sleep(ms);
    await this.#listen(port);
  }

  async close(): Promise<void> {
    this.cutAll();
    if (!this.#server.listening) return;
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #listen(port: number): Promise<void> {
    this.#server = createServer((client) => this.#accept(client, this.fates.shift() ?? {})).listen(port, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  async #accept(client: Socket, fate: Fate): Promise<void> {
    this.connections++;
    this.#keep(client);
    if (fate.isRefused) return void client.resetAndDestroy();
    if (fate.holdMs) await sleep(fate.holdMs, undefined, { ref: false });
    if (client.destroyed) return;
    const agent = this.#keep(tcpConnect({ port: this.#target, host: '127.0.0.1', noDelay: true }));
    client.setNoDelay(true);
    client.pipe(agent);
    client.on('close', () => agent.destroy());
    // What was still to be said comes before the end.
    this.#passOn(agent, client, fate).finally(() => client.destroy());
  }

  async #passOn(agent: Socket, client: Socket, fate: Fate): Promise<void> {
    const { delayMs = 0, pieceBytes = Number.POSITIVE_INFINITY } = fate;
    const { cutAfterBytes = Number.POSITIVE_INFINITY, silentAfterBytes = Number.POSITIVE_INFINITY } = fate;
    let bytes = 0;
    try {
      for await (const chunk of agent as AsyncIterable<Buffer>) {
        if (delayMs > 0) await sleep(delayMs, undefined, { ref: false });
        for (let at = 0; at < chunk.length; at += pieceBytes) {
          const piece = chunk.subarray(at, Math.min(chunk.length, at + pieceBytes));
          if (bytes + piece.length > cutAfterBytes) {
            client.write(piece.subarray(0, Math.max(0, cutAfterBytes - bytes)));
            return;
          }
          bytes += piece.length;
          if (bytes <= silentAfterBytes && !this.#mute.has(client)) client.write(piece);
          // Each piece a packet of its own.
          if (Number.isFinite(pieceBytes)) await new Promise(setImmediate);
        }
      }
    } catch {
      // Cut on the other side.
    }
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket)).on('error', () => {});
    return socket;
  }
}
