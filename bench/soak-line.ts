/** Clients behind a bad line, in a process that is not measured: each connection is late, in pieces, cut or refused. Asked over IPC: `go`, `stop`. */
import { type Client, connect } from '../src/client/index.ts';
import { ChaosProxy, type Fate } from '../test/helpers/chaos-proxy.ts';

const CLIENTS_PER_WAY = 4;
const REFILL_MS = 20;
const FATES_AHEAD = 100;

const upTo = (most: number) => Math.floor(Math.random() * most);
const fates: readonly (() => Fate)[] = [
  () => ({ isRefused: true }),
  () => ({ cutAfterBytes: upTo(20_000) }),
  () => ({ cutAfterBytes: upTo(5000), pieceBytes: 1 + upTo(40) }),
  () => ({ cutAfterBytes: upTo(20_000), delayMs: upTo(50), holdMs: upTo(300) }),
  () => ({ silentAfterBytes: upTo(20_000) }),
];

export interface LineCounts {
  readonly values: number;
  readonly gaps: number;
  readonly connections: number;
}

export async function soakLine(url: string): Promise<void> {
  const counts = { values: 0, gaps: 0, connections: 0 };
  let end = async () => {};
  const go = async () => {
    const proxy = await ChaosProxy.start({ after: () => {} }, Number(new URL(url).port));
    const refill = setInterval(() => {
      while (proxy.fates.length < FATES_AHEAD) proxy.fates.push((fates[upTo(fates.length)] as () => Fate)());
    }, REFILL_MS);
    const clients: Client[] = [];
    for (let i = 0; i < CLIENTS_PER_WAY; i++) {
      for (const way of ['websocket', 'sse', 'polling'] as const) {
        const client = connect(proxy.url, { transports: [way], silenceMs: 1000, connectMs: 1000, firstRetryMs: 20, mostRetryMs: 200 });
        for (const topic of ['netinfo', 'cpu', 'flood/n']) {
          client.topic(topic, topic === 'flood/n' ? {} : { interval: '100ms' }).subscribe({ next: () => counts.values++, error: () => {} });
        }
        client.gaps$.subscribe(() => counts.gaps++);
        clients.push(client);
      }
    }
    end = async () => {
      clearInterval(refill);
      for (const client of clients) client.close();
      counts.connections += proxy.connections;
      await proxy.close();
    };
  };
  process.on('message', async (text: string) => {
    if (text === 'go') await go();
    else await end();
    process.send?.(counts satisfies LineCounts);
  });
  process.channel?.ref();
  console.log('ready');
}
