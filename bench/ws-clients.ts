/** Subscribers in processes that are not measured. Asked over IPC: `connect N` opens so many more, `received` tells. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { setPriority } from 'node:os';
import { WebSocket } from 'ws';

const AT_ONCE = 50;

export interface Received {
  readonly messages: number;
  /** From a sample's timestamp to its arrival here, milliseconds. */
  readonly latenessMs: readonly number[];
}

/** How `/stream` is asked, where the URL itself is not the topic. */
export interface Asked {
  readonly url: string;
  /** Empty: what the URL itself streams. */
  readonly message: string;
}

/** Those that look at the clock. */
export function timedClients({ url, message }: Asked): void {
  let latenessMs: number[] = [];
  const receive = (data: Buffer) => {
    const timestampMs = Number(/"timestampMs":(\d+)/.exec(data.toString('latin1', 0, 128))?.[1]);
    latenessMs.push(performance.timeOrigin + performance.now() - timestampMs);
  };
  const open = async () => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.on('message', receive);
    await once(socket, 'open');
    if (message) socket.send(message);
  };
  obey(open, () => {
    const received: Received = { messages: latenessMs.length, latenessMs };
    latenessMs = [];
    return received;
  });
}

/** The crowd: they only read, as cheaply as Node can, and whenever nobody else wants the processor. */
export function silentClients({ url, message }: Asked): void {
  setPriority(19);
  const { hostname, port, pathname, search } = new URL(url);
  const key = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
  const request = `GET ${pathname}${search} HTTP/1.1\r\nHost: ${hostname}:${port}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${key}\r\n\r\n`;
  const buffer = Buffer.alloc(65_536);
  const open = async () => {
    let isOpen: (answer: string) => void = () => {};
    const answered = new Promise<string>((resolve) => {
      isOpen = resolve;
    });
    const callback = (length: number) => {
      isOpen(buffer.toString('latin1', 0, Math.min(12, length)));
      return true;
    };
    const socket = connect({ host: hostname, port: Number(port), onread: { buffer, callback } });
    socket.write(request);
    if ((await answered) !== 'HTTP/1.1 101') throw new Error(`${url} is not granted`);
    isOpen = () => {};
    if (message) socket.write(masked(message));
  };
  obey(open, () => null);
}

/** A client's message, masked with zeros. */
function masked(message: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | message.length, 0, 0, 0, 0]), Buffer.from(message)]);
}

function obey(open: () => Promise<void>, received: () => Received | null): void {
  process.on('message', async (question: string) => {
    if (question === 'received') return void process.send?.(received() ?? {});
    const count = Number(question.split(' ')[1]);
    for (let done = 0; done < count; done += AT_ONCE) await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - done) }, open));
    process.send?.('connected');
  });
  // Before the first socket, too.
  process.channel?.ref();
  console.log('ready');
}

/** Asks one thing after the other and tells how long each took. */
export function prober(url: string): void {
  let tookMs: number[] = [];
  const ask = async () => {
    const startMs = performance.now();
    await (await fetch(url)).arrayBuffer();
    tookMs.push(performance.now() - startMs);
    setTimeout(ask, 5);
  };
  ask();
  process.on('message', () => {
    process.send?.(tookMs);
    tookMs = [];
  });
  console.log('ready');
}
