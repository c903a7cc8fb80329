import type { Socket } from 'node:net';
import { maskedText, openRaw } from './raw-socket.ts';

/** Masked with zeros. Said unasked, it answers the pings that are not looked for here. */
const PONG = Buffer.from([0x8a, 0x80, 0, 0, 0, 0]);
const PONG_MS = 5000;
const END = '"type":"end"';

/** One socket on /stream; ends come in the order in which they were asked for. Made anew where the agent has closed it. */
export class Stream {
  readonly #url: string;
  readonly #fail: (error: unknown) => void;
  #opened: Promise<Socket> | null = null;
  #waiting: (() => void)[] = [];
  #rest = '';

  constructor(url: string, fail: (error: unknown) => void) {
    this.#url = url;
    this.#fail = fail;
  }

  async subscribeOnce(id: string, question: object): Promise<void> {
    this.#opened ??= this.#open();
    const socket = await this.#opened;
    const ended = new Promise<void>((resolve) => this.#waiting.push(resolve));
    const messages = [
      { type: 'subscribe', id, ...question },
      { type: 'unsubscribe', id },
    ].map((each) => maskedText(JSON.stringify(each)));
    if (!socket.destroyed) socket.write(Buffer.concat(messages));
    else this.#letAllGo();
    await ended;
  }

  async close(): Promise<void> {
    const socket = await this.#opened;
    socket?.removeAllListeners('close').destroy();
  }

  async #open(): Promise<Socket> {
    const { socket } = await openRaw(this.#url);
    socket.on('data', (chunk: Buffer) => this.#hear(chunk));
    const alive = setInterval(() => socket.destroyed || socket.write(PONG), PONG_MS).unref();
    socket.once('close', () => {
      clearInterval(alive);
      this.#fail(new Error(`/stream was closed: ${this.#rest.slice(-60)}`));
      this.#letAllGo();
    });
    return socket;
  }

  #letAllGo(): void {
    this.#opened = null;
    this.#rest = '';
    for (const letGo of this.#waiting.splice(0)) letGo();
  }

  #hear(chunk: Buffer): void {
    const parts = (this.#rest + chunk.toString('latin1')).split(END);
    this.#rest = (parts.at(-1) as string).slice(1 - END.length);
    for (let i = 1; i < parts.length; i++) this.#waiting.shift()?.();
  }
}
