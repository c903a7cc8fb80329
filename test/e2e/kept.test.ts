import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Subject } from 'rxjs';
import { HostpulseError } from '../../src/core/errors.ts';
import type { Kept } from '../../src/core/topic.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { buildAgent, until } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';

const LOCAL = { host: '127.0.0.1:9192' };

type Agent = Awaited<ReturnType<typeof buildAgent>>;

async function historyOf({ app }: Agent, name: string): Promise<Kept | null | undefined> {
  const { plugins } = (await app.inject({ url: '/plugins', headers: LOCAL })).json() as {
    plugins: { name: string; history: Kept | null }[];
  };
  return plugins.find((plugin) => plugin.name === name)?.history;
}

describe('/plugins tells what is kept of the past', () => {
  test('of a plugin that samples', async (t) => {
    const { netinfo } = builtIns;
    const values = { plugins: { netinfo: { intervalMs: 20 } } };
    const agent = await buildAgent(t, { plugins: { netinfo } as typeof builtIns, values });
    await until(async () => ((await historyOf(agent, 'netinfo'))?.samples ?? 0) > 3, 'samples are kept');
    const kept = (await historyOf(agent, 'netinfo')) as Kept;
    assert.ok(kept.bytes > 100 * kept.samples && kept.spanMs > 0, JSON.stringify(kept));
  });

  test('of a plugin from outside: what the agent has seen of it, and what it says that it keeps', async (t) => {
    const source = new Subject<unknown>();
    const past = () => ({ values: [], completeAfter: 0, newest: null });
    const own = { values: () => source, past, kept: () => ({ samples: 7, bytes: 700, spanMs: 86_400_000 }) };
    const agent = await buildAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ seen: source, own }) }) } });
    assert.deepEqual(await historyOf(agent, 'fed'), { samples: 7, bytes: 700, spanMs: 86_400_000 });
    const listening = (await agent.registry.get('fed').ask(['seen'], {})).live.subscribe();
    for (let n = 1; n <= 3; n++) source.next({ n });
    const { samples, bytes, spanMs } = (await historyOf(agent, 'fed')) as Kept;
    assert.deepEqual([samples, spanMs], [10, 86_400_000]);
    assert.ok(bytes > 700, String(bytes));
    listening.unsubscribe();
  });

  for (const [what, kept] of [
    ['throws', () => assert.fail('boom')],
    ['says nothing of use', () => ({ samples: 'many' })],
    ['is not ready', () => assert.fail(new HostpulseError('HOSTPULSE_ERR_PLUGIN_NOT_READY', 'later'))],
  ] as const) {
    test(`is null of one that ${what}`, async (t) => {
      const own = { values: () => new Subject(), past: () => ({ values: [], completeAfter: 0, newest: null }), kept };
      const agent = await buildAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ own }) }) } });
      assert.equal(await historyOf(agent, 'fed'), null);
    });
  }
});
