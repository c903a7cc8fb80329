import { type Measured, sleep, startAgent, startPart, WITHOUT_TIDYING } from './kit/process.ts';
import { body } from './kit/requests.ts';
import { quantile } from './kit/rounds.ts';
import { printTable, ratio } from './kit/table.ts';
import type { Received } from './ws-clients.ts';

const SUBSCRIBERS = [1, 100, 1000];
const INTERVAL_MS = 100;
const SETTLE_MS = 2000;
const WINDOW_MS = 5000;
const LATENESS_WINDOW_MS = 12_000;
const ROUNDS = 3;

interface Server {
  readonly name: string;
  readonly start: (intervalMs: number) => Measured;
  readonly path: (intervalMs: number) => string;
  /** Topic of /stream. */
  readonly topic?: string;
}

interface Figures {
  readonly cpuUsPerMessage: number;
  readonly rssPerSubscriber: number;
  readonly heapPerSubscriber: number;
  readonly latenessMs: readonly number[];
}

/** Many subscribers of one topic: what one message costs, what one subscriber holds, how late the last one hears. */
export async function fanOut(): Promise<void> {
  const bytes = await messageBytes();
  const bare = (how: string): Server => ({
    name: how === 'string' ? 'bare ws: a string in a loop' : 'limit: a prepared frame in a loop',
    start: (intervalMs) => startPart('bare-ws', [String(intervalMs), String(bytes), how], WITHOUT_TIDYING),
    path: () => '/',
  });
  const agent: Server = { name: 'hostpulse /netinfo', start: () => startAgent(WITHOUT_TIDYING), path: (ms) => `/netinfo?interval=${ms}ms` };
  const stream: Server = { name: 'hostpulse /stream', start: () => startAgent(WITHOUT_TIDYING), path: () => '/stream', topic: 'netinfo' };
  const servers = [bare('frame'), bare('string'), agent, stream];

  for (const subscribers of SUBSCRIBERS) {
    const rounds: Figures[][] = servers.map(() => []);
    for (let round = 0; round < ROUNDS; round++)
      for (const [row, server] of servers.entries()) rounds[row]?.push(await measure(server, subscribers, INTERVAL_MS, WINDOW_MS));
    const middle = rounds.map((figures) => ({
      cpuUs: quantile(
        figures.map((f) => f.cpuUsPerMessage),
        0.5,
      ),
      rss: quantile(
        figures.map((f) => f.rssPerSubscriber),
        0.5,
      ),
      heap: quantile(
        figures.map((f) => f.heapPerSubscriber),
        0.5,
      ),
    }));
    const ofBareWs = middle[1]?.cpuUs ?? Number.NaN;
    printTable(
      `fan-out: ${subscribers} subscriber${subscribers > 1 ? 's' : ''} at ${INTERVAL_MS} ms, ${bytes} bytes a message (median of ${ROUNDS})`,
      ['server', 'CPU us/message', 'to bare ws', 'RSS kB/subscriber', 'heap kB/subscriber'],
      middle.map(({ cpuUs, rss, heap }, row) => [
        servers[row]?.name ?? '',
        cpuUs,
        ratio(cpuUs, ofBareWs),
        subscribers > 1 ? rss / 1024 : null,
        subscribers > 1 ? heap / 1024 : null,
      ]),
    );
  }

  const most = Math.max(...SUBSCRIBERS);
  const late = [];
  for (const server of [bare('string'), agent]) late.push({ server, ...(await measure(server, most, 1000, LATENESS_WINDOW_MS)) });
  printTable(
    `fan-out: lateness at 1 Hz with ${most} subscribers, milliseconds from the sample's timestamp to the client`,
    ['server', 'p50', 'p99', 'max'],
    late.map(({ server, latenessMs }) => [server.name, ...[0.5, 0.99, 1].map((share) => quantile(latenessMs, share))]),
  );
}

async function measure(server: Server, subscribers: number, intervalMs: number, windowMs: number): Promise<Figures> {
  const measured = server.start(intervalMs);
  const url = (await measured.ready).replace('http', 'ws') + server.path(intervalMs);
  await sleep(1000);
  const empty = await measured.usage({ afterGc: true });
  const clients = startPart('ws-clients', [url, String(subscribers), server.topic ?? '']);
  await clients.ready;
  await sleep(SETTLE_MS);
  await clients.ask<Received>('received');
  const before = await measured.usage();
  await sleep(windowMs);
  const after = await measured.usage();
  const { messages, latenessMs } = await clients.ask<Received>('received');
  const full = await measured.usage({ afterGc: true });
  await clients.stop();
  await measured.stop();
  return {
    cpuUsPerMessage: (after.cpuUs - before.cpuUs) / messages,
    rssPerSubscriber: (full.rssBytes - empty.rssBytes) / subscribers,
    heapPerSubscriber: (full.heapBytes - empty.heapBytes) / subscribers,
    latenessMs,
  };
}

async function messageBytes(): Promise<number> {
  const agent = startAgent();
  const url = await agent.ready;
  await sleep(500);
  const { length } = await body(`${url}/netinfo`);
  await agent.stop();
  return length;
}
