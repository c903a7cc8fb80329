import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Subject } from 'rxjs';
import { startAgent, until } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

test('a topic that numbers only some of its values is numbered by the agent, and resumed by these numbers', async (t) => {
  const source = new Subject<unknown>();
  const { url, wsUrl } = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) } });
  const client = await listen(t, `${url}/fed`);
  await until(() => source.observed, 'it listens');
  const values = [{ sequence: 1 }, { sequence: 2 }, 'a', { sequence: 3 }, 'b', { sequence: 4 }];
  for (const value of values) source.next(value);
  await until(() => client.events.length === values.length, 'all is told');
  const ids = client.events.map(({ id }) => Number(id));
  assert.deepEqual(ids.slice(0, 2), [1, 2]);
  for (const [at, id] of ids.entries()) {
    const missed = await fetch(`${url}/fed/values?since=${id}`);
    assert.equal(missed.headers.get('hostpulse-gap'), null);
    assert.deepEqual(await missed.json(), values.slice(at + 1), `behind ${at}`);
  }
  const many = await connectWs(t, `${wsUrl}/stream`);
  many.say({ type: 'subscribe', id: 'a', topic: 'fed', query: { since: ids[2] }, sequence: true });
  await until(() => many.messages.length === 3, 'the rest is told');
  assert.deepEqual(
    many.messages.map((text) => (JSON.parse(text) as { sequence?: number }).sequence),
    ids.slice(3),
  );
});
