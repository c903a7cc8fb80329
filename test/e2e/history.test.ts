import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { of, Subject } from 'rxjs';
import type { PluginClass } from '../../src/core/running/plugin-class.ts';
import NetInfo from '../../src/plugins/netinfo/plugin.ts';
import { buildAgent, until } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';

const LOCAL = { host: '127.0.0.1:9192' };
const series = (response: { json: () => unknown }) => (response.json() as { series: Record<string, { mean: (number | null)[] }> }).series;

/** An agent with a plugin from outside that publishes what it is fed on two topics. */
async function fedAgent(t: Parameters<typeof buildAgent>[0], more: Parameters<typeof pluginOf>[1] = {}) {
  const [first, second] = [new Subject<unknown>(), new Subject<unknown>()];
  const fed = pluginOf('fed', { topics: () => ({ ticks: first, tocks: second }), answer: () => [200, { history: { own: 1 } }], ...more });
  const agent = await buildAgent(t, { plugins: { fed } });
  const follow = async (...path: string[]) => (await agent.registry.get('fed').ask(path, {})).live.subscribe();
  const get = (url: string, method: 'GET' | 'POST' = 'GET', payload?: object) =>
    agent.app.inject({ method, url, headers: LOCAL, ...(payload ? { payload } : {}) });
  return { agent, first, second, follow, get };
}

describe('the history of a topic', () => {
  test('of a plugin from outside is what was published while somebody listened', async (t) => {
    const { first, second, follow, get } = await fedAgent(t);
    const listening = [await follow(), await follow('tocks')];
    const nowMs = Date.now();
    for (let n = 0; n < 4; n++) {
      first.next({ n, timestampMs: nowMs - 4000 + n * 1000 });
      second.next({ m: n });
    }
    assert.deepEqual(series(await get('/fed/history')).n?.mean, [0, 1, 2, 3]);
    const { fromTimestampMs, toTimestampMs } = (await get('/fed/tocks/history')).json() as {
      fromTimestampMs: number;
      toTimestampMs: number;
    };
    assert.ok(fromTimestampMs <= toTimestampMs);
    assert.deepEqual(Object.keys(series(await get('/fed/ticks/history'))), ['n']);
    assert.deepEqual(Object.keys(series(await get('/fed/tocks/history'))), ['m']);
    for (const each of listening) each.unsubscribe();
    const columns = await get('/fed/history?step=2s&fields=n', 'POST', { fields: 'n' });
    assert.equal(columns.statusCode, 200);
    assert.deepEqual((columns.json() as { stepMs: number }).stepMs, 2000);
    const wrong = await get('/fed/history?fields=x');
    assert.deepEqual([wrong.statusCode, (wrong.json() as { message: string }).message], [400, "fields is 'x'; allowed: n"]);
  });

  test('has nothing of what says nothing', async (t) => {
    const { first, follow, get } = await fedAgent(t);
    const listening = await follow();
    for (const value of [null, { n: 1 }, null, 'text']) first.next(value);
    assert.deepEqual(Object.keys(series(await get('/fed/history'))), ['n']);
    listening.unsubscribe();
  });

  test('that a plugin puts together wrongly is its failure, and its log says so', async (t) => {
    for (const wrong of [null, { value: { n: 1 }, timestampMs: Number.NaN }, { value: { n: 1 } }]) {
      const { get, agent } = await fedAgent(t, { topics: () => ({ ticks: { values: () => new Subject(), history: () => [wrong] } }) });
      const { code } = (await get('/fed/history')).json() as { code: string };
      assert.equal(code, 'HOSTPULSE_ERR_PLUGIN_FAILED');
      assert.match(agent.registry.get('fed').statistics.lastError?.message ?? '', /no \{ value, timestampMs \}/);
    }
  });

  test('is the plugin’s own where it has something of that name', async (t) => {
    const declared = {
      fields: { history: { description: '', fields: { own: { kind: 'gauge', unit: 'things', description: '' } } } },
    } as const;
    const { get } = await fedAgent(t, declared);
    assert.deepEqual((await get('/fed/history')).json(), { own: 1 });
    const topic = await fedAgent(t, { topics: () => ({ ticks: of(1), history: of(2) }) });
    assert.equal((await topic.get('/fed/history')).body, '2');
  });

  test('of what there is not is answered as any other path', async (t) => {
    const { get } = await fedAgent(t, { answer: () => [200, { a: 1 }] });
    assert.equal((await get('/fed/nothing/history')).statusCode, 404);
    assert.equal((await get('/nobody/history')).statusCode, 404);
    const { app } = await buildAgent(t, { plugins: { mute: pluginOf('mute', {}) } });
    assert.equal((await app.inject({ url: '/mute/history', headers: LOCAL })).statusCode, 404);
  });

  test('of netinfo is of the interfaces that are asked for, and wrong variables are refused by whose they are', async (t) => {
    const values = { plugins: { netinfo: { intervalMs: 100 } } };
    const { app } = await buildAgent(t, { plugins: { netinfo: NetInfo as unknown as PluginClass }, values });
    const get = (query: string) => app.inject({ url: `/netinfo/history?${query}`, headers: LOCAL });
    const tell = async () => series(await get('last=1m&iface=lo&fields=interfaces/rxBytesPerSecond,rxBytes'));
    // A step in which the machine stood still has no value.
    const means = async () => (await tell())['interfaces/lo/rxBytes']?.mean.filter((mean) => mean !== null) ?? [];
    await until(async () => (await means()).length >= 4, 'four have come');
    assert.deepEqual(Object.keys(await tell()).sort(), ['interfaces/lo/rxBytes', 'interfaces/lo/rxBytesPerSecond']);
    const told = await means();
    assert.ok(
      told.every((mean, at) => at === 0 || Number(mean) >= Number(told[at - 1])),
      told.join(),
    );
    for (const [query, message] of [
      ['iface=', /^iface is ''/],
      ['window=5s', /^window is '5s'/],
      ['unknown=1', /^variable is 'unknown'/],
      ['fields=mac', /^fields is 'mac'; allowed: intervalMs, rxBytes, /],
    ] as const) {
      const refused = await get(query);
      assert.equal(refused.statusCode, 400);
      assert.match((refused.json() as { message: string }).message, message);
    }
  });

  test('needs the same key as the plugin', async (t) => {
    const values = { plugins: { fed: { apiKey: 'secret-of-the-plugin' } } };
    const fed = pluginOf('fed', { topics: () => ({ ticks: of({ n: 1 }) }) });
    const { app } = await buildAgent(t, { plugins: { fed }, values });
    assert.equal((await app.inject({ url: '/fed/history', headers: LOCAL })).statusCode, 401);
    assert.equal((await app.inject({ url: '/fed/history?apikey=secret-of-the-plugin', headers: LOCAL })).statusCode, 200);
  });
});
