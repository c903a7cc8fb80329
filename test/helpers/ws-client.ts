import { once } from 'node:events';
import WebSocket, { type ClientOptions } from 'ws';
import { type Cleanup, within } from './build-agent.ts';

export interface WsOptions extends ClientOptions {
  readonly protocols?: string[];
}

export interface WsClient {
  readonly socket: WebSocket;
  /** All messages so far. */
  readonly messages: readonly string[];
  /** The same as they came. */
  readonly raw: readonly { readonly bytes: Buffer; readonly isBinary: boolean }[];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  /** The next message that was not taken yet. */
  next(): Promise<string>;
  nextJson(): Promise<Record<string, unknown>>;
  say(message: object | string): void;
}

/** A connected client. Cut off after the test. */
export async function connect(t: Cleanup, url: string, { protocols = [], ...options }: WsOptions = {}): Promise<WsClient> {
  const socket = new WebSocket(url, protocols, options);
  t.after(() => socket.terminate());
  const messages: string[] = [];
  const raw: { bytes: Buffer; isBinary: boolean }[] = [];
  let taken = 0;
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() }));
  });
  // What came with the handshake's answer is told before `open` is awaited.
  socket.on('message', (data, isBinary) => {
    messages.push(String(data));
    raw.push({ bytes: data as Buffer, isBinary });
  });
  await within(once(socket, 'open'), `${url} opens`);
  socket.on('error', () => {});
  const next = async () => {
    while (messages.length <= taken) {
      const ended = closed.then(({ code, reason }) => Promise.reject(new Error(`closed with ${code} ${reason}`)));
      ended.catch(() => {});
      await within(Promise.race([once(socket, 'message'), ended]), `a message from ${url}`);
    }
    return messages[taken++] as string;
  };
  return {
    socket,
    messages,
    raw,
    closed,
    next,
    nextJson: async () => JSON.parse(await next()),
    say: (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message)),
  };
}

export interface Refused {
  readonly status: number;
  readonly body: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

/** The HTTP answer to an upgrade that is not granted. */
export function refusal(url: string, { protocols = [], ...options }: WsOptions = {}): Promise<Refused> {
  const socket = new WebSocket(url, protocols, options);
  const refused = new Promise<Refused>((resolve, reject) => {
    socket.on('open', () => {
      socket.terminate();
      reject(new Error(`${url} was let in`));
    });
    socket.on('error', reject);
    socket.on('unexpected-response', (_request, response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => {
        body += text;
      });
      response.on('close', () => resolve({ status: response.statusCode ?? 0, body, headers: response.headers }));
    });
  });
  return within(refused, `${url} is refused`);
}
