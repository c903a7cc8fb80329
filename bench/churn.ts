import { type Measured, sleep, startPart } from './kit/process.ts';
import { body } from './kit/requests.ts';
import { median } from './kit/rounds.ts';
import { printTable, ratio } from './kit/table.ts';
import { startSoakAgent } from './soak-agent.ts';
import { type Counts, type Pace, QUESTION_NAMES } from './soak-clients.ts';

const NOTHING: Pace = { subscribes: 0, connects: 0, polls: 0, deaf: 0 };
const ALONE_MS = 3000;
const ROUNDS = 3;

/** What it costs to come and go: one WebSocket, one subscription. */
export async function churn(): Promise<void> {
  const agent = startSoakAgent();
  const url = await agent.ready;
  await sleep(2000);
  const bytes = (await body(`${url}/netinfo`)).length;
  const bare = (how: string) => startPart('bare-upgrades', [how, String(bytes)]);
  const upgrades = [
    { name: 'bare ws, one message', server: bare('ws'), path: '/' },
    { name: 'bare @fastify/websocket, one message', server: bare('fastify'), path: '/' },
    { name: 'hostpulse /netinfo', server: agent, path: '/netinfo' },
    { name: 'hostpulse /stream', server: agent, path: '/stream' },
  ];
  const connects = await inTurns(upgrades.map(({ server, path }) => ({ server, pace: { connects: 200, path }, of: 'connects' as const })));
  printTable(
    `churn: one WebSocket, opened and closed (median of ${ROUNDS})`,
    ['server', 'CPU us', 'to bare ws'],
    upgrades.map(({ name }, row) => [name, connects[row] as number, ratio(connects[row] as number, connects[0] as number)]),
  );
  const questions = QUESTION_NAMES.map((question) => ({ server: agent, pace: { subscribes: 1000, question }, of: 'subscribes' as const }));
  const subscribes = await inTurns(questions);
  printTable(
    `churn: one subscribe and unsubscribe on /stream, at 1,000 a second (median of ${ROUNDS})`,
    ['question', 'CPU us', '% of a core'],
    QUESTION_NAMES.map((name, row) => [name, subscribes[row] as number, (subscribes[row] as number) / 10]),
  );
  for (const { server } of upgrades) await server.stop();
}

interface Turn {
  readonly server: Measured;
  readonly pace: Partial<Pace>;
  readonly of: 'connects' | 'subscribes';
}

async function inTurns(turns: readonly Turn[]): Promise<number[]> {
  const taken: number[][] = turns.map(() => []);
  // The first one is for the compiler.
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [row, turn] of turns.entries()) {
      const us = await costOf(turn);
      if (round > 0) taken[row]?.push(us);
    }
  }
  return taken.map(median);
}

async function costOf({ server, pace, of }: Turn): Promise<number> {
  const clients = startPart('soak-clients', [await server.ready]);
  await clients.ready;
  const us = await server.cpuUsDuring(async () => {
    await clients.ask(`go ${JSON.stringify({ ...NOTHING, ...pace })}`);
    await sleep(ALONE_MS);
    await clients.ask('stop');
  });
  const counts = await clients.ask<Counts>('counts');
  await clients.stop();
  return us / counts[of];
}
