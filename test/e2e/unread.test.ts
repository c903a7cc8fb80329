import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BehaviorSubject, NEVER } from 'rxjs';
import type { RecordedTopic } from '../../src/core/topic.ts';
import { type ListeningAgent, startAgent, until } from '../helpers/build-agent.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

const SAMPLE = 'x'.repeat(10_000);

/** A past that no buffer holds. */
const long: RecordedTopic = {
  values: () => NEVER,
  past: () => ({
    values: (function* () {
      for (let sequence = 1; sequence < 100_000; sequence++) yield { sequence, SAMPLE };
    })(),
    completeAfter: 0,
    newest: 100_000,
  }),
};

async function behind(agent: ListeningAgent): Promise<number> {
  return ((await (await fetch(`${agent.url}/plugins`)).json()) as { sessions: { behind: number } }).sessions.behind;
}

test('who asks on /stream for something else before it has read what it asked for, is told of that, too', async (t) => {
  const { observable, counts } = counted(new BehaviorSubject(1));
  const plugins = {
    long: pluginOf('long', { topics: () => ({ a: long }) }),
    fed: pluginOf('fed', { topics: () => ({ a: observable }) }),
  };
  const agent = await startAgent(t, { plugins, values: { limits: { highWaterBytes: 50_000, slowConsumerMs: 60_000 } } });
  const client = await connectWs(t, `${agent.wsUrl}/stream`);
  client.socket.pause();
  client.say({ type: 'subscribe', id: 'long', topic: 'long', query: { since: 0 } });
  await until(async () => (await behind(agent)) === 1, 'it is behind');
  client.say({ type: 'subscribe', id: 'else', topic: 'fed' });
  await until(() => counts.running === 1, 'it is heard');
  client.socket.resume();
  while ((await client.nextJson()).id !== 'else');
  // And is listened to again.
  client.say({ type: 'ping', id: 'still there' });
  while ((await client.nextJson()).type !== 'pong');
  assert.equal(client.socket.readyState, client.socket.OPEN);
});
