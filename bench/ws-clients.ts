/** Subscribers, all in one process that is not measured; asked over IPC for what they have received. */
import { once } from 'node:events';
import { WebSocket } from 'ws';

const AT_ONCE = 50;

export interface Received {
  readonly messages: number;
  /** From a sample's timestamp to its arrival here, milliseconds. */
  readonly latenessMs: readonly number[];
}

/** @param topic of /stream to subscribe to; empty: what the URL itself streams */
export async function wsClients(url: string, count: number, topic: string): Promise<void> {
  let messages = 0;
  let latenessMs: number[] = [];
  const receive = (data: Buffer) => {
    const timestampMs = Number(/"timestampMs":(\d+)/.exec(data.toString('latin1', 0, 128))?.[1]);
    messages++;
    latenessMs.push(performance.timeOrigin + performance.now() - timestampMs);
  };
  const connect = async () => {
    const socket = new WebSocket(url, { perMessageDeflate: false });
    socket.on('message', receive);
    await once(socket, 'open');
    if (topic) socket.send(JSON.stringify({ type: 'subscribe', id: 'a', topic, query: { interval: '100ms' } }));
  };
  for (let open = 0; open < count; open += AT_ONCE) await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - open) }, connect));
  process.on('message', (question) => {
    if (question !== 'received') return;
    process.send?.({ messages, latenessMs } satisfies Received);
    messages = 0;
    latenessMs = [];
  });
  console.log('ready');
}
