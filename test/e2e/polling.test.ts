import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Subject } from 'rxjs';
import { type Cleanup, startAgent } from '../helpers/build-agent.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';

const SAMPLES = { accept: 'application/vnd.hostpulse.samples+json' };

async function fedAgent(t: Cleanup) {
  const source = new Subject<unknown>();
  const { observable, counts } = counted(source);
  const parts = { topics: () => ({ values: observable }), answer: () => [200, ['an answer of its own']] };
  const agent = await startAgent(t, { plugins: { fed: pluginOf('fed', parts) } });
  const poll = async (query = '') => {
    const response = await fetch(`${agent.url}/fed${query}`, { headers: SAMPLES });
    return [response.headers.get('hostpulse-sequence'), response.status === 204 ? null : ((await response.json()) as unknown)];
  };
  return { source, counts, poll, url: agent.url };
}

describe('who polls and says so', () => {
  test('is told what the topic publishes, not what the plugin answers, and where to go on', async (t) => {
    const { source, poll, url } = await fedAgent(t);
    assert.deepEqual(await poll(), [null, null]);
    source.next({ n: 1 });
    const [sequence, value] = await poll();
    assert.deepEqual(value, { n: 1 });
    assert.deepEqual(await poll(`?since=${sequence}`), [sequence, []]);
    assert.deepEqual(await (await fetch(`${url}/fed?since=${sequence}`)).json(), ['an answer of its own']);
  });

  test('misses nothing in between, though nobody else listens and the values carry no sequence', async (t) => {
    const { source, counts, poll } = await fedAgent(t);
    await poll();
    source.next({ n: 1 });
    const [sequence] = await poll();
    source.next({ n: 2 });
    source.next({ n: 3 });
    const [next, values] = await poll(`?since=${sequence}`);
    assert.deepEqual(values, [{ n: 2 }, { n: 3 }]);
    assert.ok(Number(next) > Number(sequence));
    assert.deepEqual(counts, { started: 1, running: 1 });
  });
});
