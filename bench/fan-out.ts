import { type Measured, sleep, startAgent, startPart, WITHOUT_TIDYING } from './kit/process.ts';
import { body } from './kit/requests.ts';
import { median, quantile } from './kit/rounds.ts';
import { printTable, ratio } from './kit/table.ts';
import type { Asked, Received } from './ws-clients.ts';

interface Load {
  readonly subscribers: number;
  readonly intervalMs: number;
  readonly windowMs: number;
  readonly rounds: number;
}

const LOADS: readonly Load[] = [
  { subscribers: 1, intervalMs: 100, windowMs: 5000, rounds: 3 },
  { subscribers: 100, intervalMs: 100, windowMs: 5000, rounds: 3 },
  { subscribers: 1000, intervalMs: 100, windowMs: 5000, rounds: 3 },
  { subscribers: 10_000, intervalMs: 1000, windowMs: 20_000, rounds: 1 },
];
const SETTLE_MS = 2000;
/** Clients that look at the clock, spread among the others. */
const MOST_TIMED = 200;
const SILENT_PROCESSES = 2;
const STEPS = 20;

interface Server {
  readonly name: string;
  readonly start: (intervalMs: number) => Measured;
  readonly asked: (intervalMs: number) => { readonly path: string; readonly message: string };
}

interface Figures {
  readonly cpuUsPerMessage: number;
  readonly rssPerSubscriber: number;
  readonly heapPerSubscriber: number;
  readonly latenessMs: readonly number[];
  /** How long a GET took meanwhile. */
  readonly getMs: readonly number[];
}

/** Many subscribers of one topic: what a message costs, what a subscriber holds, how late each hears, how long a GET takes. */
export async function fanOut(): Promise<void> {
  const servers = serversFor(await messageBytes());
  for (const load of LOADS) {
    const rounds: Figures[][] = servers.map(() => []);
    for (let round = 0; round < load.rounds; round++)
      for (const [row, server] of servers.entries()) rounds[row]?.push(await measure(server, load));
    print(servers, load, rounds);
  }
}

function serversFor(bytes: number): Server[] {
  const bare = (how: string): Server => ({
    name: how === 'string' ? 'bare ws: a string in a loop' : 'limit: a prepared frame in a loop',
    start: (intervalMs) => startPart('bare-ws', [String(intervalMs), String(bytes), how], WITHOUT_TIDYING),
    asked: () => ({ path: '/', message: '' }),
  });
  const agent = (name: string, asked: Server['asked']): Server => ({ name, start: () => startAgent(WITHOUT_TIDYING), asked });
  const subscribe = (interval: string) => JSON.stringify({ type: 'subscribe', id: 'a', topic: 'netinfo', query: { interval } });
  return [
    bare('frame'),
    bare('string'),
    agent('hostpulse /netinfo', (ms) => ({ path: `/netinfo?interval=${ms}ms`, message: '' })),
    agent('hostpulse /stream', (ms) => ({ path: '/stream', message: subscribe(`${ms}ms`) })),
  ];
}

async function measure(server: Server, { subscribers, intervalMs, windowMs }: Load): Promise<Figures> {
  const measured = server.start(intervalMs);
  const url = await measured.ready;
  const { path, message } = server.asked(intervalMs);
  await sleep(1000);
  const prober = startPart('prober', [`${url}/health`]);
  await prober.ready;
  await sleep(500);
  const empty = await measured.usage({ afterGc: true });
  const clients = await connectAll({ url: url.replace('http', 'ws') + path, message }, subscribers);
  await sleep(SETTLE_MS);
  await clients.received();
  await prober.ask('took');
  const before = await measured.usage();
  await sleep(windowMs);
  const after = await measured.usage();
  const { messages, latenessMs } = await clients.received();
  const getMs = await prober.ask<number[]>('took');
  const full = await measured.usage({ afterGc: true });
  for (const each of [clients, prober, measured]) await each.stop();
  return {
    cpuUsPerMessage: (after.cpuUs - before.cpuUs) / messages,
    rssPerSubscriber: (full.rssBytes - empty.rssBytes) / subscribers,
    heapPerSubscriber: (full.heapBytes - empty.heapBytes) / subscribers,
    latenessMs,
    getMs,
  };
}

/** Some look at the clock and count for all; between them come the others, who only read. */
async function connectAll(asked: Asked, subscribers: number) {
  const timedCount = Math.min(subscribers, MOST_TIMED);
  const timed = { part: startPart('timed-clients', [JSON.stringify(asked)]), count: timedCount };
  const silentCount = (subscribers - timedCount) / SILENT_PROCESSES;
  const silent = Array.from({ length: SILENT_PROCESSES }, () => ({
    part: startPart('silent-clients', [JSON.stringify(asked)]),
    count: silentCount,
  }));
  const all = [...silent, timed];
  await Promise.all(all.map(({ part }) => part.ready));
  for (let step = 0; step < STEPS; step++) {
    const upTo = (count: number, steps: number) => Math.round((count * steps) / STEPS);
    for (const { part, count } of all) await part.ask(`connect ${upTo(count, step + 1) - upTo(count, step)}`);
  }
  return {
    received: async (): Promise<Received> => {
      const { messages, latenessMs } = await timed.part.ask<Received>('received');
      return { messages: (messages * subscribers) / timedCount, latenessMs };
    },
    stop: async () => {
      for (const { part } of all) await part.stop();
    },
  };
}

function print(servers: readonly Server[], { subscribers, intervalMs, rounds }: Load, figures: readonly Figures[][]): void {
  const middle = (row: number, of: (figures: Figures) => number) => median((figures[row] as Figures[]).map(of));
  const bareWs = servers.findIndex(({ name }) => name.startsWith('bare ws'));
  const perSubscriber = (bytes: number) => (subscribers > 1 ? bytes / 1024 : null);
  printTable(
    `fan-out: ${subscribers} subscriber${subscribers > 1 ? 's' : ''} at ${intervalMs} ms (median of ${rounds})`,
    ['server', 'CPU us/message', 'to bare ws', 'RSS kB/subscriber', 'heap kB/subscriber'],
    servers.map(({ name }, row) => [
      name,
      middle(row, (of) => of.cpuUsPerMessage),
      ratio(
        middle(row, (of) => of.cpuUsPerMessage),
        middle(bareWs, (of) => of.cpuUsPerMessage),
      ),
      perSubscriber(middle(row, (of) => of.rssPerSubscriber)),
      perSubscriber(middle(row, (of) => of.heapPerSubscriber)),
    ]),
  );
  const spread = (values: readonly number[]) => [0.5, 0.99, 1].map((share) => quantile(values, share));
  printTable(
    "  milliseconds from the sample's timestamp to the client, and that a GET of /health took meanwhile",
    ['server', 'late p50', 'p99', 'max', 'GET p50', 'p99', 'max'],
    servers.map(({ name }, row) => {
      const of = figures[row] as Figures[];
      return [name, ...spread(of.flatMap(({ latenessMs }) => latenessMs)), ...spread(of.flatMap(({ getMs }) => getMs))];
    }),
  );
}

async function messageBytes(): Promise<number> {
  const agent = startAgent();
  const url = await agent.ready;
  await sleep(500);
  const { length } = await body(`${url}/netinfo`);
  await agent.stop();
  return length;
}
