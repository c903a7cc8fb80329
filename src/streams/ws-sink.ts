import type { Encoding } from './encoding.ts';
import type { Sink } from './sink.ts';

/** What is used of a `ws` socket. */
export interface Socket {
  readonly bufferedAmount: number;
  readonly readyState: number;
  send(data: Buffer, options: { binary: boolean; compress?: boolean }): void;
  ping(): void;
  close(code: number, reason: string): void;
  terminate(): void;
  on(event: 'pong', listener: () => void): unknown;
}

const OPEN = 1;
/** A peer that does not answer our close within this time is cut off. */
const CLOSE_GRACE_MS = 500;

export function wsSink(socket: Socket, { isBinary }: Pick<Encoding, 'isBinary'>): Sink {
  let isClosing = false;
  return {
    send: (bytes) => {
      if (socket.readyState === OPEN) socket.send(bytes, { binary: isBinary });
    },
    get bufferedBytes() {
      return socket.bufferedAmount;
    },
    close: (code, reason) => {
      // A client that goes on talking is told to go once: each time would be one more timer.
      if (isClosing) return;
      isClosing = true;
      socket.close(code, reason);
      setTimeout(() => socket.terminate(), CLOSE_GRACE_MS).unref();
    },
  };
}

/** A beat for the heartbeat: pings, and cuts off a peer that has not answered the ping before. */
export function wsBeat(socket: Socket): () => void {
  let answered = true;
  socket.on('pong', () => {
    answered = true;
  });
  return () => {
    if (!answered) return socket.terminate();
    answered = false;
    if (socket.readyState === OPEN) socket.ping();
  };
}
