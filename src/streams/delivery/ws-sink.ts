import type { Encoding } from '../encoding/encoding.ts';
import { Sink } from './sink.ts';
import { framed } from './ws-message.ts';

/** What is used of a `ws` socket. */
export interface Socket {
  readonly bufferedAmount: number;
  readonly readyState: number;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'pong', listener: () => void): unknown;
}

/** The connection below it. */
export interface Connection {
  write(bytes: Buffer): unknown;
}

const OPEN = 1;
/** A peer that does not answer our close within this time is cut off. */
const CLOSE_GRACE_MS = 500;

/**
 * A WebSocket. `ws` reads it and says all that is no message; messages are written below it, framed once for all who
 * read them: that saves it one more write and several objects for each. (No compression is negotiated, and messages
 * are never in parts, so between any two of its writes is a place for one of ours.)
 */
export class WsSink extends Sink {
  readonly #socket: Socket;
  readonly #connection: Connection;
  readonly #isBinary: boolean;
  #hasAnswered = true;

  constructor(socket: Socket, connection: Connection, { isBinary }: Pick<Encoding, 'isBinary'>) {
    super();
    this.#socket = socket;
    this.#connection = connection;
    this.#isBinary = isBinary;
    socket.on('pong', () => {
      this.#hasAnswered = true;
    });
  }

  send(bytes: Buffer): void {
    if (this.#socket.readyState === OPEN) this.#connection.write(framed(bytes, this.#isBinary));
  }

  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  /** Pings, and cuts off a peer that has not answered the ping before. */
  beat(): void {
    if (!this.#hasAnswered) return this.#socket.terminate();
    this.#hasAnswered = false;
    if (this.#socket.readyState === OPEN) this.#socket.ping();
  }

  protected shut(code: number, reason: string): void {
    this.#socket.close(code, reason);
    setTimeout(() => this.#socket.terminate(), CLOSE_GRACE_MS).unref();
  }
}
