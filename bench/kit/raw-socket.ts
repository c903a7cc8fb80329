import { type Socket, connect as tcpConnect } from 'node:net';

const KEY = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
/** Masked with zeros: normal closure. */
const CLOSE = Buffer.from([0x88, 0x82, 0, 0, 0, 0, 0x03, 0xe8]);

/** A WebSocket by hand, as cheap as Node can: who measures a server must not be the slower side. */
export interface RawSocket {
  readonly socket: Socket;
  /** What came together with the handshake's answer. */
  readonly first: Buffer;
}

export function openRaw(url: string): Promise<RawSocket> {
  const { hostname, port, pathname, search } = new URL(url);
  return new Promise((resolve, reject) => {
    const socket = tcpConnect({ host: hostname, port: Number(port), noDelay: true });
    const fail = (error?: Error) => reject(error ?? new Error(`${url} is cut`));
    socket.once('error', fail).once('close', fail);
    socket.once('data', (answer: Buffer) => {
      socket.off('error', fail).off('close', fail);
      socket.on('error', () => {});
      if (answer.toString('latin1', 0, 12) !== 'HTTP/1.1 101') reject(new Error(`${url}: ${answer.toString('latin1', 0, 300)}`));
      else resolve({ socket, first: answer.subarray(answer.indexOf('\r\n\r\n') + 4) });
    });
    socket.write(
      `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${KEY}\r\n\r\n`,
    );
  });
}

/** Opens one, reads what it is sent at once, and takes leave as it should. */
export async function openAndClose(url: string): Promise<void> {
  const { socket } = await openRaw(url);
  socket.resume();
  await new Promise((resolve) => {
    socket.once('close', resolve);
    socket.write(CLOSE);
  });
}

/** A client's text message, masked with zeros; up to 65,535 bytes. */
export function maskedText(text: string): Buffer {
  const bytes = Buffer.from(text);
  const { length } = bytes;
  const head = length < 126 ? [0x81, 0x80 | length] : [0x81, 0x80 | 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([...head, 0, 0, 0, 0]), bytes]);
}
