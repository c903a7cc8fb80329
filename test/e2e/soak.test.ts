import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ReplaySubject } from 'rxjs';
import { type ListeningAgent, startAgent, until } from '../helpers/build-agent.ts';
import { ChaosProxy, type Fate } from '../helpers/chaos-proxy.ts';
import { clientOf, heard } from '../helpers/heard.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';

/** Far longer than it takes. */
const PATIENCE_MS = 120_000;

const FATES: readonly Fate[] = [
  { isRefused: true },
  { cutAfterBytes: 400 },
  { cutAfterBytes: 1500, pieceBytes: 3 },
  { cutAfterBytes: 4000, delayMs: 5, holdMs: 40 },
  { silentAfterBytes: 500 },
];

async function open(agent: ListeningAgent) {
  const { plugins, sessions } = (await (await fetch(`${agent.url}/plugins`)).json()) as {
    plugins: { statistics: { subscribers: number; held: number } }[];
    sessions: { open: number; bufferedBytes: number };
  };
  const sum = (of: 'subscribers' | 'held') => plugins.reduce((all, { statistics }) => all + statistics[of], 0);
  return { sessions: sessions.open, bufferedBytes: sessions.bufferedBytes, subscribers: sum('subscribers'), held: sum('held') };
}

// For minutes, with memory: npm run bench -- soak
test('clients on every way that are cut, refused, late and silent, leave nothing behind when they go', async (t) => {
  const source = new ReplaySubject<object>(1);
  const { observable, counts } = counted(source);
  const plugins = { fed: pluginOf('fed', { topics: () => ({ a: observable, b: () => observable }) }) };
  const agent = await startAgent(t, { plugins, values: { limits: { heldMs: 1, heartbeatMs: 500 } } });
  const proxy = await ChaosProxy.start(t, agent.port);
  proxy.fates = Array.from({ length: 30 }, (_, i) => FATES[i % FATES.length] as Fate);
  const settings = { silenceMs: 1500, connectMs: 3000, pollMs: 10, firstRetryMs: 5, mostRetryMs: 40 };
  const clients = (['websocket', 'sse', 'polling'] as const).flatMap((way) =>
    [1, 2].map((n) => {
      const client = clientOf(t, proxy.url, { ...settings, transports: [way] });
      const topics = [client.topic('fed'), client.topic('fed/b', { n }), client.topic('fed/text')];
      return { client, values: topics.map((topic) => heard(t, topic)) };
    }),
  );
  let n = 0;
  const feeding = setInterval(() => source.next({ n: ++n, text: 'x'.repeat(50) }), 5);
  t.after(() => clearInterval(feeding));
  await until(() => proxy.fates.length === 0, 'all has happened', PATIENCE_MS);
  clearInterval(feeding);
  source.next({ n: -1, text: 'last' });
  await until(() => clients.every(({ values }) => values.every((told) => isLast(told.at(-1)))), 'each hears the last one', PATIENCE_MS);
  for (const { client } of clients) client.close();
  await proxy.close();
  const nothing = { sessions: 0, bufferedBytes: 0, subscribers: 0, held: 0 };
  await until(async () => JSON.stringify(await open(agent)) === JSON.stringify(nothing), 'nothing is open', PATIENCE_MS);
  assert.deepEqual(await open(agent), nothing);
  assert.equal(counts.running, 0);
});

function isLast(value: unknown): boolean {
  return value === 'last' || (value as { n?: number } | undefined)?.n === -1;
}
