import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as tcp } from 'node:net';
import { describe, test } from 'node:test';
import { concat, interval, map, NEVER, of, ReplaySubject, Subject, throwError } from 'rxjs';
import { badVariable, type Query } from '../../src/core/base-plugin.ts';
import type { PluginClass } from '../../src/core/running/plugin-class.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { type ListeningAgent, startAgent, until, within } from '../helpers/build-agent.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect as connectWs, refusal } from '../helpers/ws-client.ts';

interface Row {
  readonly topics: string[];
  readonly statistics: { readonly subscribers: number; readonly held: number };
}

/** What the agent says is open. */
async function open(agent: ListeningAgent): Promise<{ sessions: number; subscribers: number; held: number }> {
  const { plugins, sessions } = (await (await fetch(`${agent.url}/plugins`)).json()) as { plugins: Row[]; sessions: { open: number } };
  const sum = (of: 'subscribers' | 'held') => plugins.reduce((all, { statistics }) => all + statistics[of], 0);
  return { sessions: sessions.open, subscribers: sum('subscribers'), held: sum('held') };
}

/** Who is cut off is soon given up. */
const SOON = { limits: { heldMs: 1 } };

async function untilNothingIsOpen(agent: ListeningAgent): Promise<void> {
  await until(async () => Object.values(await open(agent)).every((count) => count === 0), 'everything is let go of');
}

/** A plugin that answers and publishes the newest of what it is fed. */
function fed(route = 'fed') {
  const source = new ReplaySubject<unknown>(1);
  const { observable, counts } = counted(source);
  let newest: unknown = null;
  const feed = (value: unknown) => {
    newest = value;
    source.next(value);
  };
  const pluginClass = pluginOf(route, {
    answer: () => [200, newest],
    topics: () => ({ values: observable, asked: (query: Query) => of({ query }) }),
    fields: { list: { description: '', identity: 'id', each: {} } },
  });
  return { plugins: { [route]: pluginClass }, feed, counts, source };
}

describe('a socket on a plugin’s URL', () => {
  test('is sent the newest sample at once, then each, as the very bytes that a GET answers', async (t) => {
    const { plugins, feed } = fed();
    const agent = await startAgent(t, { plugins });
    feed({ sequence: 7, text: 'äöü "quoted"', list: [{ id: 'x' }] });
    const client = await connectWs(t, `${agent.wsUrl}/fed`);
    const polled = async () => (await fetch(`${agent.url}/fed`)).text();
    assert.equal(await client.next(), await polled());
    feed(Object.freeze({ sequence: 8 }));
    assert.equal(await client.next(), await polled());
    const events = await listen(t, `${agent.url}/fed`);
    assert.deepEqual(await events.next(), { id: '8', data: await polled() });
  });

  test('is sent netinfo’s samples as the bytes that a GET of the same question answers', async (t) => {
    const agent = await startAgent(t, { plugins: { netinfo: builtIns.netinfo as PluginClass } });
    const question = '/netinfo?interval=500ms&fields=iface,rxBytes,rx';
    const client = await connectWs(t, agent.wsUrl + question);
    let same = 0;
    for (let tries = 0; same < 2 && tries < 20; tries++) {
      const pushed = await client.next();
      const polled = await (await fetch(agent.url + question)).text();
      // Between the two a further sample may have come.
      if (JSON.parse(pushed).sequence !== JSON.parse(polled).sequence) continue;
      assert.equal(pushed, polled);
      same++;
    }
    assert.equal(same, 2);
  });

  test('carries the path into the JSON, as does an event stream, and says once that it vanished', async (t) => {
    const { plugins, feed } = fed();
    const agent = await startAgent(t, { plugins });
    feed({ list: [{ id: 'eth 0/1', n: 1 }] });
    const path = '/fed/list/eth%200%2F1/n';
    const client = await connectWs(t, agent.wsUrl + path);
    const events = await listen(t, agent.url + path);
    assert.deepEqual([await client.next(), (await events.next()).data], ['1', '1']);
    for (const value of [{ list: [] }, {}, { list: [{ id: 'eth 0/1', n: 2 }] }]) feed(value);
    const gone = JSON.parse(await client.next());
    assert.deepEqual([gone.statusCode, gone.code], [404, 'HOSTPULSE_ERR_NO_SUCH_PATH']);
    assert.equal(await client.next(), '2');
    assert.deepEqual(JSON.parse((await events.next()).data), gone);
    assert.equal((await events.next()).data, '2');
  });

  test('asks its own question by query, and is refused before the upgrade where that is wrong', async (t) => {
    const plugins = {
      strict: pluginOf('strict', {
        topics: () => ({
          a: ({ n }: Query) => {
            if (n !== '1') throw badVariable('n', n, '1');
            return concat(of({ n }), NEVER);
          },
        }),
      }),
      mute: pluginOf('mute'),
    };
    const agent = await startAgent(t, { plugins });
    assert.equal(await (await connectWs(t, `${agent.wsUrl}/strict?n=1`)).next(), '{"n":"1"}');
    const cases = [
      ['/strict?n=2', 400, 'HOSTPULSE_ERR_BAD_VARIABLE'],
      ['/strict?__proto__=1', 400, 'HOSTPULSE_ERR_RESERVED_NAME'],
      ['/strict/nope?n=1', 404, 'HOSTPULSE_ERR_NO_SUCH_PATH'],
      ['/strict/%zz', 400, 'HOSTPULSE_ERR_BAD_REQUEST'],
      ['/mute', 404, 'HOSTPULSE_ERR_NO_TOPIC'],
      ['/nope', 404, 'HOSTPULSE_ERR_NO_SUCH_PLUGIN'],
      ['/', 404, 'HOSTPULSE_ERR_NO_TOPIC'],
      ['/health', 404, 'HOSTPULSE_ERR_NO_TOPIC'],
      ['/plugins?apikey=x', 404, 'HOSTPULSE_ERR_NO_TOPIC'],
      [`/strict?x=${'x'.repeat(5000)}`, 414, 'HOSTPULSE_ERR_URL_TOO_LONG'],
    ] as const;
    for (const [path, status, code] of cases) {
      const refused = await refusal(agent.wsUrl + path);
      const body = JSON.parse(refused.body);
      assert.deepEqual(
        [refused.status, body.code, body.statusCode, refused.headers['x-content-type-options']],
        [status, code, status, 'nosniff'],
        path,
      );
      if (path === '/' || path === '/health' || path.startsWith('/plugins')) continue;
      const events = await listen(t, agent.url + path);
      assert.deepEqual(
        [events.response.statusCode, events.response.headers['content-type']],
        [status, 'application/json; charset=utf-8'],
        path,
      );
    }
    await until(async () => (await open(agent)).sessions === 1, 'only the good one is open');
    assert.equal((await open(agent)).subscribers, 1);
  });

  test('ends with 1000 where the observable completes, and the event stream ends properly', async (t) => {
    const plugins = { short: pluginOf('short', { topics: () => ({ a: of(1, 2) }) }) };
    const agent = await startAgent(t, { plugins });
    const client = await connectWs(t, `${agent.wsUrl}/short`);
    assert.deepEqual([await client.next(), await client.next(), (await client.closed).code], ['1', '2', 1000]);
    const events = await listen(t, `${agent.url}/short`);
    assert.equal(await within(events.ended, 'the event stream ends'), true);
    assert.deepEqual(
      events.events.map(({ data }) => data),
      ['1', '2'],
    );
    await untilNothingIsOpen(agent);
  });

  test('or an event stream is open before there is a value', async (t) => {
    const { plugins, feed } = fed();
    const agent = await startAgent(t, { plugins });
    const client = await connectWs(t, `${agent.wsUrl}/fed`);
    const events = await listen(t, `${agent.url}/fed`);
    assert.deepEqual([events.response.statusCode, events.response.headers['content-type']], [200, 'text/event-stream; charset=utf-8']);
    assert.equal(events.response.headers['cache-control'], 'no-store');
    feed('first');
    assert.deepEqual([await client.next(), (await events.next()).data], ['"first"', '"first"']);
  });

  test('stays where the plugin’s observable fails, and hears more once it runs again', async (t) => {
    let hasFailed = false;
    const failOnce = (n: number) => {
      if (n < 2 || hasFailed) return n;
      hasFailed = true;
      throw new Error('flaky');
    };
    const topics = () => ({ a: interval(20).pipe(map(failOnce)) });
    const agent = await startAgent(t, { plugins: { flaky: pluginOf('flaky', { topics }) } });
    const client = await connectWs(t, `${agent.wsUrl}/flaky`);
    const seen = [];
    for (let i = 0; i < 5; i++) seen.push(await client.next());
    assert.deepEqual(seen, ['0', '1', '0', '1', '2']);
  });

  test('that fails for good is closed with 1011', async (t) => {
    const trigger = new Subject<never>();
    const agent = await startAgent(t, { plugins: { bad: pluginOf('bad', { topics: () => ({ a: trigger }) }) } });
    const client = await connectWs(t, `${agent.wsUrl}/bad`);
    const events = await listen(t, `${agent.url}/bad`);
    await until(() => trigger.observed, 'the topic runs');
    trigger.error(badVariable('x', 1, 'nothing any more'));
    assert.equal((await client.closed).code, 1011);
    await within(events.ended, 'the event stream ends');
    await untilNothingIsOpen(agent);
  });

  test('is not disturbed by anything its client says', async (t) => {
    const { plugins, feed } = fed();
    const agent = await startAgent(t, { plugins });
    feed(1);
    const client = await connectWs(t, `${agent.wsUrl}/fed`);
    client.say('hello?');
    client.socket.send(Buffer.from([0, 255]));
    client.socket.ping();
    await once(client.socket, 'pong');
    feed(2);
    assert.deepEqual([await client.next(), await client.next()], ['1', '2']);
  });
});

describe('many subscribers', () => {
  test('of one question are one execution of the plugin’s observable, and none when all have left', async (t) => {
    const { plugins, feed, counts } = fed();
    const agent = await startAgent(t, { plugins, values: SOON });
    const stream = await connectWs(t, `${agent.wsUrl}/stream`);
    for (let i = 0; i < 10; i++) stream.say({ type: 'subscribe', id: `s${i}`, topic: 'fed', query: { x: '1' } });
    const clients = await Promise.all(Array.from({ length: 40 }, () => connectWs(t, `${agent.wsUrl}/fed?x=1`)));
    const events = await Promise.all(Array.from({ length: 5 }, () => listen(t, `${agent.url}/fed?x=1`)));
    await until(async () => (await open(agent)).subscribers === 55, 'all are subscribed');
    assert.deepEqual(counts, { started: 1, running: 1 });
    feed({ sequence: 1 });
    assert.deepEqual(new Set(await Promise.all(clients.map(({ next }) => next()))), new Set(['{"sequence":1}']));
    assert.deepEqual(new Set((await Promise.all(events.map(({ next }) => next()))).map(({ data }) => data)), new Set(['{"sequence":1}']));
    for (const client of clients) client.socket.close();
    for (const client of events) client.vanish();
    stream.socket.terminate();
    await untilNothingIsOpen(agent);
    assert.deepEqual(counts, { started: 1, running: 0 });
  });

  test('of different questions are an execution each', async (t) => {
    const { plugins, counts } = fed();
    const agent = await startAgent(t, { plugins });
    for (const query of ['', '?a=1', '?a=2', '?a=1&b=2', '?b=2&a=1']) await connectWs(t, `${agent.wsUrl}/fed${query}`);
    await until(async () => (await open(agent)).subscribers === 5, 'all are subscribed');
    assert.deepEqual(counts, { started: 4, running: 4 });
  });

  test('cost one encoding per sample, whatever the transport, and a GET of it none', async (t) => {
    const { plugins, feed } = fed();
    const agent = await startAgent(t, { plugins });
    const clients = await Promise.all(Array.from({ length: 10 }, () => connectWs(t, `${agent.wsUrl}/fed`)));
    const others = await Promise.all([1, 2].map((n) => connectWs(t, `${agent.wsUrl}/fed?other=${n}`)));
    const events = await listen(t, `${agent.url}/fed`);
    let encodings = 0;
    feed(Object.freeze({ toJSON: () => `encoded ${++encodings}` }));
    for (const { next } of [...clients, ...others]) assert.equal(await next(), '"encoded 1"');
    assert.equal((await events.next()).data, '"encoded 1"');
    assert.equal(await (await fetch(`${agent.url}/fed`)).text(), '"encoded 1"');
  });
});

describe('/stream', () => {
  test('carries many topics over one socket, each message under its own name', async (t) => {
    const { plugins, feed } = fed();
    const agent = await startAgent(t, { plugins });
    feed({ list: [{ id: 'x', n: 1 }] });
    const client = await connectWs(t, `${agent.wsUrl}/stream`);
    client.say({ type: 'subscribe', id: 'whole', topic: 'fed' });
    assert.equal(await client.next(), `{"type":"data","id":"whole","data":${await (await fetch(`${agent.url}/fed`)).text()}}`);
    client.say({ type: 'subscribe', id: 'part', topic: 'fed/list/x/n' });
    assert.equal(await client.next(), '{"type":"data","id":"part","data":1}');
    client.say({ type: 'subscribe', id: 'asked', topic: 'fed/asked', query: { zone: 'utc' } });
    assert.equal(await client.next(), '{"type":"data","id":"asked","data":{"query":{"zone":"utc"}}}');
    assert.equal(await client.next(), '{"type":"end","id":"asked"}');
  });

  test('lets go of a topic on unsubscribe, whose name may then be used again', async (t) => {
    const { plugins, feed, counts } = fed();
    const agent = await startAgent(t, { plugins });
    feed(1);
    const client = await connectWs(t, `${agent.wsUrl}/stream`);
    for (let round = 0; round < 2; round++) {
      client.say({ type: 'subscribe', id: 'a', topic: 'fed' });
      assert.equal(await client.next(), '{"type":"data","id":"a","data":1}');
      client.say({ type: 'unsubscribe', id: 'a' });
      assert.equal(await client.next(), '{"type":"end","id":"a"}');
      assert.equal(counts.running, 0);
    }
    feed(2);
    client.say({ type: 'unsubscribe', id: 'a' });
    assert.equal((await client.nextJson()).type, 'error');
  });

  test('answers what it does not understand with an error, and stays', async (t) => {
    const { plugins, feed } = fed();
    const agent = await startAgent(t, { plugins, values: { limits: { subscriptions: 2 } } });
    feed(1);
    const client = await connectWs(t, `${agent.wsUrl}/stream`);
    const wrong: [object | string, string | null, string][] = [
      ['garbage{', null, 'HOSTPULSE_ERR_BAD_REQUEST'],
      ['', null, 'HOSTPULSE_ERR_BAD_REQUEST'],
      ['[]', null, 'HOSTPULSE_ERR_BAD_REQUEST'],
      ['null', null, 'HOSTPULSE_ERR_BAD_REQUEST'],
      [{ type: 'subscribe', topic: 'fed' }, null, 'HOSTPULSE_ERR_BAD_REQUEST'],
      [{ type: 'subscribe', id: 7, topic: 'fed' }, null, 'HOSTPULSE_ERR_BAD_REQUEST'],
      [{ type: 'dance', id: 'a' }, 'a', 'HOSTPULSE_ERR_BAD_REQUEST'],
      [{ type: 'subscribe', id: 'a' }, 'a', 'HOSTPULSE_ERR_BAD_REQUEST'],
      [{ type: 'subscribe', id: 'a', topic: 'fed', query: [] }, 'a', 'HOSTPULSE_ERR_BAD_REQUEST'],
      [{ type: 'subscribe', id: 'a', topic: 'nope' }, 'a', 'HOSTPULSE_ERR_NO_SUCH_PLUGIN'],
      [{ type: 'subscribe', id: 'a', topic: 'fed/%zz' }, 'a', 'HOSTPULSE_ERR_BAD_REQUEST'],
      ['{"type":"subscribe","id":"a","topic":"fed","query":{"__proto__":1}}', 'a', 'HOSTPULSE_ERR_RESERVED_NAME'],
    ];
    for (const [message, id, code] of wrong) {
      client.say(message);
      const said = await client.nextJson();
      assert.deepEqual([said.type, said.id, said.code, typeof said.message], ['error', id, code, 'string'], JSON.stringify(message));
    }
    client.socket.send(Buffer.from('{"type":"subscribe","id":"a","topic":"fed"}'));
    assert.equal((await client.nextJson()).type, 'error', 'a binary message');
    for (const id of ['a', 'b']) {
      client.say({ type: 'subscribe', id, topic: 'fed' });
      assert.deepEqual(await client.nextJson(), { type: 'data', id, data: 1 });
    }
    client.say({ type: 'subscribe', id: 'a', topic: 'fed' });
    assert.match(String((await client.nextJson()).message), /'a' is taken/);
    client.say({ type: 'subscribe', id: 'c', topic: 'fed' });
    assert.match(String((await client.nextJson()).message), /limits\.subscriptions/);
  });

  test('tells one subscription’s failure on that subscription alone', async (t) => {
    const trouble = pluginOf('trouble', { topics: () => ({ a: throwError(() => badVariable('x', 1, '2')) }) });
    const { plugins, feed } = fed();
    const agent = await startAgent(t, { plugins: { ...plugins, trouble } });
    feed(1);
    const client = await connectWs(t, `${agent.wsUrl}/stream`);
    client.say({ type: 'subscribe', id: 'good', topic: 'fed' });
    client.say({ type: 'subscribe', id: 'bad', topic: 'trouble' });
    const said = [await client.nextJson(), await client.nextJson()].map(({ type, id, code }) => [id, type, code]).sort();
    assert.deepEqual(said, [
      ['bad', 'error', 'HOSTPULSE_ERR_BAD_VARIABLE'],
      ['good', 'data', undefined],
    ]);
    feed(2);
    assert.deepEqual(await client.nextJson(), { type: 'data', id: 'good', data: 2 });
  });
});

describe('a client that goes', () => {
  test('without a word leaves nothing behind, on any transport', async (t) => {
    const { plugins, counts, feed } = fed();
    const agent = await startAgent(t, { plugins, values: SOON });
    feed(1);
    const socket = await connectWs(t, `${agent.wsUrl}/fed`);
    const stream = await connectWs(t, `${agent.wsUrl}/stream`);
    stream.say({ type: 'subscribe', id: 'a', topic: 'fed' });
    const events = await listen(t, `${agent.url}/fed`);
    await Promise.all([socket.next(), stream.next(), events.next()]);
    assert.deepEqual(await open(agent), { sessions: 3, subscribers: 3, held: 0 });
    socket.socket.terminate();
    stream.socket.terminate();
    events.vanish();
    await untilNothingIsOpen(agent);
    assert.equal(counts.running, 0);
  });

  test('while its question is still being asked leaves nothing behind either', async (t) => {
    const { observable, counts } = counted(NEVER);
    const agent = await startAgent(t, { plugins: { silent: pluginOf('silent', { topics: () => ({ a: observable }) }) } });
    const head = 'GET /silent/deep HTTP/1.1\r\nHost: 127.0.0.1\r\n';
    const upgrade =
      'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';
    for (const rest of [upgrade, 'Accept: text/event-stream\r\n\r\n']) {
      counts.started = 0;
      const socket = tcp(agent.port, '127.0.0.1');
      socket.write(head + rest);
      await until(() => counts.started === 1, 'the question is asked');
      socket.destroy();
      await until(() => counts.running === 0, 'the question is let go of');
    }
    await untilNothingIsOpen(agent);
  });

  test('wrong in the middle of the handshake is told so, and its question is released', async (t) => {
    const { observable, counts } = counted(NEVER);
    const agent = await startAgent(t, { plugins: { silent: pluginOf('silent', { topics: () => ({ a: observable }) }) } });
    for (const wrong of [
      'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short',
      'Sec-WebSocket-Version: 99\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==',
    ]) {
      const socket = tcp(agent.port, '127.0.0.1');
      t.after(() => void socket.destroy());
      socket.write(`GET /silent HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n${wrong}\r\n\r\n`);
      let answer = '';
      socket.setEncoding('utf8').on('data', (text: string) => {
        answer += text;
      });
      await within(once(socket, 'close'), 'the socket is closed');
      assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
      assert.equal(JSON.parse(answer.split('\r\n\r\n')[1] ?? '').code, 'HOSTPULSE_ERR_BAD_REQUEST');
      await until(() => counts.running === 0, 'the question is let go of');
    }
    await untilNothingIsOpen(agent);
  });
});
