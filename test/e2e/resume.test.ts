import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { of, ReplaySubject, Subject } from 'rxjs';
import type { PastStart, Query } from '../../src/core/base-plugin.ts';
import { startAgent, until } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

interface Json {
  readonly [key: string]: unknown;
}

/** An agent with a plugin that publishes what it is fed, numbered from `first`; kept while somebody listens. */
async function fedAgent(t: Parameters<typeof startAgent>[0], { first = 1, isNumbered = true } = {}) {
  const source = new Subject<unknown>();
  const agent = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) } });
  let sequence = first;
  const feed = (count: number) => {
    for (let n = 0; n < count; n++) source.next(isNumbered ? { sequence: sequence++ } : { n: sequence++ });
  };
  const watcher = await connectWs(t, `${agent.wsUrl}/fed`);
  const subscribers = async () => {
    const { plugins } = (await (await fetch(`${agent.url}/plugins`)).json()) as { plugins: [{ statistics: { subscribers: number } }] };
    return plugins[0].statistics.subscribers;
  };
  return { ...agent, agent, source, feed, watcher, subscribers };
}

const behindGap = async (client: { nextJson(): Promise<unknown> }) => {
  const { gap } = (await client.nextJson()) as { gap?: Json };
  return { gap, sequence: ((await client.nextJson()) as Json).sequence };
};

const numbers = (messages: readonly unknown[]) => messages.map((each) => (each as Json).sequence);

describe('who says what it has, is sent what it has missed, then what comes', () => {
  test('on a socket', async (t) => {
    const { wsUrl, feed } = await fedAgent(t);
    feed(5);
    const client = await connectWs(t, `${wsUrl}/fed?since=2`);
    await until(() => client.messages.length === 3, 'the past has come');
    feed(2);
    await until(() => client.messages.length === 5, 'the present has come');
    assert.deepEqual(numbers(client.messages.map((text) => JSON.parse(text))), [3, 4, 5, 6, 7]);
  });

  test('on an event stream, by the URL or by the header that browsers send', async (t) => {
    const { url, feed, subscribers } = await fedAgent(t);
    feed(5);
    const byUrl = await listen(t, `${url}/fed?since=3`);
    const byHeader = await listen(t, `${url}/fed?since=1`, { headers: { 'last-event-id': '4' } });
    await until(async () => (await subscribers()) === 3, 'both listen');
    feed(1);
    for (const [client, ids] of [
      [byUrl, ['4', '5', '6']],
      [byHeader, ['5', '6']],
    ] as const) {
      await until(() => client.events.length === ids.length, 'all has come');
      assert.deepEqual(
        client.events.map(({ id }) => id),
        ids,
      );
    }
  });

  test('on /stream', async (t) => {
    const { wsUrl, feed } = await fedAgent(t);
    feed(5);
    const client = await connectWs(t, `${wsUrl}/stream`);
    client.say({ type: 'subscribe', id: 'a', topic: 'fed', query: { since: 3 } });
    client.say({ type: 'subscribe', id: 'b', topic: 'fed', query: { last: '1h' } });
    await until(() => client.messages.length === 7, 'the past has come');
    const messages = client.messages.map((text) => JSON.parse(text) as { id: string; type: string; data: Json });
    const of = (id: string) => numbers(messages.filter((message) => message.id === id && message.type === 'data').map(({ data }) => data));
    assert.deepEqual(
      [of('a'), of('b')],
      [
        [4, 5],
        [1, 2, 3, 4, 5],
      ],
    );
    client.say({ type: 'subscribe', id: 'c', topic: 'fed', query: { since: 'x' } });
    await until(() => client.messages.length === 8, 'the wrong one is answered');
    assert.match(
      client.messages[7] as string,
      /^\{"type":"error","id":"c","code":"HOSTPULSE_ERR_BAD_VARIABLE","message":"since is 'x'; allowed/,
    );
  });

  test('by a GET, all at once as an array', async (t) => {
    const { url, feed } = await fedAgent(t);
    feed(5);
    const get = async (path: string) => fetch(url + path);
    assert.equal(await (await get('/fed/values?since=3')).text(), '[{"sequence":4},{"sequence":5}]');
    assert.equal(
      await (await get('/fed/values?last=1h')).text(),
      '[{"sequence":1},{"sequence":2},{"sequence":3},{"sequence":4},{"sequence":5}]',
    );
    assert.equal(await (await get('/fed/values?since=5')).text(), '[]');
    const wrong = await get('/fed/values?last=soon');
    assert.deepEqual([wrong.status, ((await wrong.json()) as Json).code], [400, 'HOSTPULSE_ERR_BAD_VARIABLE']);
  });

  test('by a GET of a path, which is not found where it has led nowhere and does not now', async (t) => {
    const source = new ReplaySubject<unknown>(1);
    const agent = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) } });
    const watchers = [await connectWs(t, `${agent.wsUrl}/fed`), listen(t, `${agent.url}/fed/gone`), listen(t, `${agent.url}/fed/here`)];
    await until(async () => agent.registry.get('fed').topics.listeners.count >= watchers.length, 'all listen');
    const ask = async (path: string) => {
      const response = await fetch(`${agent.url}/fed/values/${path}?since=0`);
      return [response.status, ((await response.json()) as { code?: string }).code ?? 'none'];
    };
    source.next({ sequence: 1, gone: 1, here: 1 });
    source.next({ sequence: 2, here: 2 });
    assert.deepEqual(await ask('here'), [200, 'none']);
    assert.deepEqual(await ask('gone'), [200, 'none']);
    assert.deepEqual(await ask('never'), [404, 'HOSTPULSE_ERR_NO_SUCH_PATH']);
  });

  test('also where its values carry no number: the ids of an event stream do', async (t) => {
    const { url, feed } = await fedAgent(t, { isNumbered: false });
    const first = await listen(t, `${url}/fed`);
    feed(2);
    await until(() => first.events.length === 2, 'two have come');
    feed(2);
    const again = await listen(t, `${url}/fed`, { headers: { 'last-event-id': first.events[0]?.id ?? '' } });
    await until(() => again.events.length === 3, 'the past has come');
    assert.deepEqual(
      again.events.map(({ data }) => data),
      ['{"n":2}', '{"n":3}', '{"n":4}'],
    );
  });
});

describe('a plugin that remembers itself', () => {
  const remembering = (past: (query: Query, start: PastStart) => unknown) =>
    pluginOf('own', { topics: () => ({ values: { values: (query: Query) => of({ sequence: 9, ...query }), past } }) });

  test('is asked for its past, with the query and where to begin', async (t) => {
    const asked: unknown[] = [];
    const past = (query: Query, start: PastStart) => {
      asked.push([{ ...query }, start]);
      return { values: [{ sequence: 7 }, { sequence: 8 }], completeAfter: 5, newest: 9 };
    };
    const { wsUrl, url } = await startAgent(t, { plugins: { own: remembering(past) } });
    const client = await connectWs(t, `${wsUrl}/own?since=6&zone=UTC`);
    assert.deepEqual(
      [await client.nextJson(), await client.nextJson(), await client.nextJson()],
      [{ sequence: 7 }, { sequence: 8 }, { sequence: 9, zone: 'UTC' }],
    );
    assert.deepEqual(asked, [[{ zone: 'UTC' }, { afterSequence: 6, fromTimestampMs: 0 }]]);
    assert.equal(await (await fetch(`${url}/own/values/sequence?since=6`)).text(), '[7,8]');
    assert.equal((await fetch(`${url}/own/values?since=4`)).headers.get('hostpulse-gap')?.includes('"nextSequence":7'), true);
  });

  test('leaves the past of some questions to the agent, which keeps what it sees', async (t) => {
    const source = new Subject<unknown>();
    const past = () => ({ values: [{ sequence: 1 }], completeAfter: 0, newest: 1 });
    const remembers = ({ fine }: Query) => fine === undefined;
    const own = pluginOf('own', { topics: () => ({ values: { values: () => source, past, remembers } }) });
    const { wsUrl, url } = await startAgent(t, { plugins: { own } });
    const client = await connectWs(t, `${wsUrl}/own?fine=1`);
    source.next({ sequence: 2 });
    await client.nextJson();
    assert.equal(await (await fetch(`${url}/own/values?fine=1&since=0`)).text(), '[{"sequence":2}]');
    assert.equal(await (await fetch(`${url}/own/values?since=0`)).text(), '[{"sequence":1}]');
  });

  function* failing() {
    yield { sequence: 7 };
    throwing();
  }
  for (const [what, past] of [
    ['throws', throwing],
    ['throws in the midst', () => ({ values: failing(), completeAfter: 0, newest: null })],
    ['is none', () => null],
  ] as const) {
    test(`and whose past ${what} fails that question only, with no word of why`, async (t) => {
      const { wsUrl, url } = await startAgent(t, { plugins: { own: remembering(past) } });
      const failed = await fetch(`${url}/own/values?since=6`);
      assert.deepEqual([failed.status, ((await failed.json()) as Json).code], [500, 'HOSTPULSE_ERR_PLUGIN_FAILED']);
      const client = await connectWs(t, `${wsUrl}/own?since=6`);
      assert.equal((await client.closed).code, 1011);
      assert.ok(!client.messages.join().includes('hunter2'));
      const stream = await connectWs(t, `${wsUrl}/stream`);
      stream.say({ type: 'subscribe', id: 'a', topic: 'own', query: { since: 6 } });
      await until(() => stream.messages.some((text) => text.includes('HOSTPULSE_ERR_PLUGIN_FAILED')), 'it is told');
      assert.equal(await (await fetch(`${url}/own/values`)).text(), '{"sequence":9}');
    });
  }
});

describe('a plugin whose past has no end', () => {
  function* endless(value: (n: number) => object) {
    for (let n = 1; ; n++) yield value(n);
  }
  const endlessly = (value: (n: number) => object) => {
    const past = () => ({ values: endless(value), completeAfter: 0, newest: null });
    return pluginOf('own', { topics: () => ({ values: { values: () => of({ sequence: 9, x: 1 }), past } }) });
  };

  test('is told of by its history, which then is no more work', async (t) => {
    const { url } = await startAgent(t, { plugins: { own: endlessly((n) => ({ sequence: n, timestampMs: Date.now(), x: n })) } });
    const answer = await fetch(`${url}/own/history?last=1h`);
    const { code, message } = (await answer.json()) as Json;
    assert.deepEqual([answer.status, code], [400, 'HOSTPULSE_ERR_BAD_VARIABLE']);
    assert.equal(message, "last is '1h'; allowed: a time in which there are no more than 250000 samples");
  });

  test('is asked for in parts, and where there is nothing to tell of, others have their turn meanwhile', async (t) => {
    const { url } = await startAgent(t, { plugins: { own: endlessly((n) => ({ sequence: n })) } });
    let isAnswered = false;
    const nowhere = fetch(`${url}/own/values/y?since=0`).finally(() => {
      isAnswered = true;
    });
    await fetch(`${url}/health`);
    assert.equal(isAnswered, false);
    assert.equal((await nowhere).status, 404);
    const part = await fetch(`${url}/own/values?since=0`);
    assert.equal(part.headers.get('hostpulse-sequence'), '50000');
  });
});

function throwing(): never {
  throw new Error('hunter2');
}

describe('what is gone', () => {
  test('is said first: since when, until when, and for how long', async (t) => {
    const startMs = Date.now();
    const { wsUrl, url, feed } = await fedAgent(t, { first: startMs });
    feed(3);
    const since = Math.ceil(performance.timeOrigin) + 1;
    const gap = { sinceSequence: since, nextSequence: startMs, gapMs: startMs - since, reason: 'history' };
    const client = await connectWs(t, `${wsUrl}/fed?since=${since}`);
    assert.deepEqual(await client.nextJson(), { gap });
    assert.deepEqual(await client.nextJson(), { sequence: startMs });
    const events = await listen(t, `${url}/fed?since=${since}`);
    assert.equal((await events.next()).data, JSON.stringify({ gap }));
    const stream = await connectWs(t, `${wsUrl}/stream`);
    stream.say({ type: 'subscribe', id: 'a', topic: 'fed', query: { since } });
    assert.deepEqual(await stream.nextJson(), { type: 'gap', id: 'a', gap });
    const polled = await fetch(`${url}/fed/values?since=${since}`);
    assert.deepEqual(JSON.parse(polled.headers.get('hostpulse-gap') ?? 'null'), gap);
  });

  test('is said to be so by a restart, or by a clock that was set back, where it is', async (t) => {
    const { wsUrl, feed } = await fedAgent(t, { first: Date.now() });
    feed(1);
    const client = (since: number) => connectWs(t, `${wsUrl}/fed?since=${since}`);
    const told = async (since: number) => ((await (await client(since)).nextJson()) as { gap?: Json }).gap;
    const before = Math.floor(performance.timeOrigin) - 60_000;
    assert.equal((await told(before))?.reason, 'restart');
    const ahead = Date.now() + 3_600_000;
    const { gap, sequence } = await behindGap(await client(ahead));
    assert.deepEqual(gap, { sinceSequence: ahead, nextSequence: sequence, gapMs: null, reason: 'clock' });
  });

  test('is followed by all of a new count where a plugin that was loaded anew counts from one again', async (t) => {
    const { url, wsUrl, watcher, source, feed } = await fedAgent(t, { first: 20 });
    feed(3);
    for (const n of [1, 2]) source.next({ sequence: n });
    await until(() => watcher.messages.length === 6, 'all has come, and the gap between');
    const { gap, sequence } = await behindGap(await connectWs(t, `${wsUrl}/fed?since=22`));
    assert.deepEqual([gap, sequence], [{ sinceSequence: 22, nextSequence: 1, gapMs: null, reason: 'restart' }, 1]);
    const polled = await fetch(`${url}/fed/values?since=22`);
    assert.deepEqual([numbers((await polled.json()) as Json[]), polled.headers.get('hostpulse-sequence')], [[1, 2], '2']);
    // This one may be of the count before: that cannot be known.
    const doubtful = await fetch(`${url}/fed/values?since=1`);
    assert.ok(doubtful.headers.get('hostpulse-gap'));
    assert.deepEqual(numbers((await doubtful.json()) as Json[]), [2]);
  });

  test('is not taken for a restart where a plugin’s own count says nothing of when', async (t) => {
    const { url, feed } = await fedAgent(t, { first: 20 });
    feed(3);
    const { headers } = await fetch(`${url}/fed/values?since=5`);
    const gap = { sinceSequence: 5, nextSequence: 20, gapMs: null, reason: 'history' };
    assert.deepEqual(JSON.parse(headers.get('hostpulse-gap') ?? 'null'), gap);
    const columns = await fetch(`${url}/fed/history?since=5`);
    assert.deepEqual(JSON.parse(columns.headers.get('hostpulse-gap') ?? 'null'), gap);
    assert.equal((await fetch(`${url}/fed/history?since=21`)).headers.get('hostpulse-gap'), null);
  });

  test('is told on an open connection, too, where a plugin begins to count anew', async (t) => {
    const { url, wsUrl, watcher, source, feed, subscribers } = await fedAgent(t, { first: 20 });
    const events = await listen(t, `${url}/fed`);
    const stream = await connectWs(t, `${wsUrl}/stream`);
    stream.say({ type: 'subscribe', id: 'a', topic: 'fed' });
    await until(async () => (await subscribers()) === 3, 'all listen');
    feed(1);
    source.next({ sequence: 1 });
    const gap = { sinceSequence: 20, nextSequence: 1, gapMs: null, reason: 'restart' };
    await until(() => watcher.messages.length === 3 && events.events.length === 3 && stream.messages.length === 3, 'all has come');
    assert.deepEqual(JSON.parse(watcher.messages[1] as string), { gap });
    assert.deepEqual(events.events[1], { id: null, data: JSON.stringify({ gap }) });
    assert.deepEqual(JSON.parse(stream.messages[1] as string), { type: 'gap', id: 'a', gap });
    // Its first and its second twenty-first look alike: who has the first has missed all of the second count.
    for (let n = 2; n <= 25; n++) source.next({ sequence: n });
    assert.ok((await fetch(`${url}/fed/values?since=20`)).headers.get('hostpulse-gap'));
    assert.equal((await fetch(`${url}/fed/values?since=21`)).headers.get('hostpulse-gap'), null);
  });

  test('is not missed by who asks for all that is kept', async (t) => {
    const { wsUrl, feed } = await fedAgent(t, { first: Date.now() });
    feed(2);
    const client = await connectWs(t, `${wsUrl}/fed?since=0`);
    assert.ok('sequence' in (await client.nextJson()));
  });
});
