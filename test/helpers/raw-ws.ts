import { once } from 'node:events';
import { type Socket, connect as tcp } from 'node:net';
import { type Cleanup, within } from './build-agent.ts';

const KEY = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
export const [CONTINUATION, TEXT, CLOSE, PING] = [0, 1, 8, 9] as const;
export const [FINAL, COMPRESSED] = [0x80, 0x40] as const;

/** A client's frame, masked with zeros. */
export function frame(first: number, payload: string | Buffer = ''): Buffer {
  const bytes = Buffer.from(payload);
  const length = bytes.length < 126 ? [0x80 | bytes.length] : [0x80 | 126, bytes.length >> 8, bytes.length & 0xff];
  return Buffer.concat([Buffer.from([first, ...length, 0, 0, 0, 0]), bytes]);
}

export const upgrade = (path: string) =>
  `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${KEY}\r\n\r\n`;

export interface Raw {
  readonly socket: Socket;
  /** Of the close frame that it was sent; null: cut off without one. */
  readonly closed: Promise<number | null>;
}

/** However it ends: a reset is an error before. */
export const closedOf = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

export async function rawClient(t: Cleanup, port: number, path: string): Promise<Raw> {
  const socket = tcp(port, '127.0.0.1');
  t.after(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write(upgrade(path));
  await within(once(socket, 'data'), 'it is granted');
  let end = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    end = Buffer.concat([end, chunk]).subarray(-200);
  });
  const closed = within(closedOf(socket), 'the agent hangs up').then(() => {
    const at = end.lastIndexOf(FINAL | CLOSE);
    return at < 0 ? null : end.readUInt16BE(at + 2);
  });
  closed.catch(() => {});
  return { socket, closed };
}
