import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BehaviorSubject, defer, Subject } from 'rxjs';
import type { Fields } from '../../src/core/base-plugin.ts';
import { type Cleanup, startAgent, until } from '../helpers/build-agent.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect, refusal } from '../helpers/ws-client.ts';

interface Row {
  readonly name: string;
  readonly x: number | null;
}

const FIELDS: Fields = {
  sequence: { kind: 'info', type: 'integer', description: 'rises' },
  timestampMs: { kind: 'info', type: 'integer', description: 'wall clock' },
  rows: {
    description: 'all',
    identity: 'name',
    each: { name: { kind: 'info', description: 'name' }, x: { kind: 'gauge', unit: 'bytes/s', description: 'x', nullable: true } },
  },
};

/** An agent with a plugin that says what it is fed: a sample of these rows, so many milliseconds after the one before. */
async function fedAgent(t: Cleanup, { rows = [] as readonly Row[], fields = FIELDS } = {}) {
  let timestampMs = Date.now() - 3_600_000;
  const sample = (now: readonly Row[]) => ({ sequence: timestampMs, timestampMs, rows: now });
  const source = new BehaviorSubject<unknown>(sample(rows));
  const { observable, counts } = counted(source);
  const plugin = pluginOf('fed', { fields, topics: () => ({ values: observable }) });
  const agent = await startAgent(t, { plugins: { fed: plugin } });
  const feed = (elapsedMs: number, ...now: readonly Row[]) => {
    timestampMs += elapsedMs;
    source.next(sample(now));
  };
  const running = () => counts.running;
  return { agent, url: agent.url, wsUrl: agent.wsUrl, feed, running, source };
}

interface Told {
  readonly [name: string]: unknown;
}

const brief = (messages: readonly string[]) =>
  messages.map((text) => {
    const { event, path, gap } = JSON.parse(text) as Told;
    return gap ? 'gap' : `${event} ${path}`;
  });

const a = (x: number | null) => ({ name: 'a', x });
const b = (x: number | null) => ({ name: 'b', x });

describe('when, on a socket', () => {
  test('tells what enters and leaves, and nothing else', async (t) => {
    const { wsUrl, feed } = await fedAgent(t, { rows: [a(1), b(20e6)] });
    const { messages } = await connect(t, `${wsUrl}/fed?when=x%3E10MB/s`);
    await until(() => messages.length === 1, 'what is true already is told at once');
    feed(1000, a(11e6), b(20e6));
    feed(1000, a(12e6), b(null));
    feed(1000, a(12e6), b(1));
    feed(1000, b(1));
    await until(() => messages.length === 4, 'the rest is told');
    assert.deepEqual(brief(messages), ['entered rows/b', 'entered rows/a', 'left rows/b', 'left rows/a']);
    const [, entered, left, gone] = messages.map((text) => JSON.parse(text) as Told);
    const { sequence, timestampMs, ...rest } = entered as Told;
    assert.ok((sequence as number) > (timestampMs as number));
    assert.deepEqual(rest, { event: 'entered', condition: 'x > 10MB/s', path: 'rows/a', values: { x: 11e6 }, forMs: 0 });
    assert.equal(left?.timestampMs, (timestampMs as number) + 2000);
    assert.deepEqual([gone?.reason, gone?.values], ['gone', {}]);
  });

  test('whoever comes later is told what is in, and equal questions are judged once', async (t) => {
    const { wsUrl, feed, running } = await fedAgent(t, { rows: [a(11), b(11)] });
    const first = await connect(t, `${wsUrl}/fed?when=x>10`);
    await until(() => first.messages.length === 2, 'both are in');
    feed(1000, a(11), b(9));
    feed(1000, a(11), b(12));
    await until(() => first.messages.length === 4, 'one has come back');
    const second = await connect(t, `${wsUrl}/fed/values?when=++x%20%20%3E10`);
    await until(() => second.messages.length === 2, 'both are told');
    assert.equal(running(), 1);
    // The same bytes that the first one got.
    assert.deepEqual([...second.messages], [first.messages[0], first.messages[3]]);
    feed(1000, a(1), b(12));
    await until(() => second.messages.length === 3 && first.messages.length === 5, 'both are told');
    assert.equal(second.messages[2], first.messages[4]);
    first.socket.close();
    second.socket.close();
    await until(() => running() === 0, 'nobody asks any more');
  });

  test('of thousands that turn at once each is told, also to whoever comes later', async (t) => {
    const many = (x: number) => Array.from({ length: 3000 }, (_, n) => ({ name: `row-${n}`, x }));
    const { wsUrl, url, feed } = await fedAgent(t, { rows: many(1) });
    const first = await connect(t, `${wsUrl}/fed?when=x>10`);
    feed(1000, ...many(11));
    await until(() => first.messages.length === 3000, 'all have entered');
    const second = await listen(t, `${url}/fed?when=x>10`);
    await until(() => second.events.length === 3000, 'all are told');
    assert.deepEqual(
      second.events.map(({ data }) => data),
      first.messages,
    );
    feed(1000, ...many(1));
    await until(() => first.messages.length === 6000 && second.events.length === 6000, 'all have left');
    assert.deepEqual(
      brief(first.messages.slice(3000)),
      brief(first.messages.slice(0, 3000)).map((text) => text.replace('entered', 'left')),
    );
    assert.equal(new Set(first.messages).size, 6000);
  });

  test('time is that of the samples', async (t) => {
    const { wsUrl, feed } = await fedAgent(t, { rows: [a(11)] });
    const { messages, socket } = await connect(t, `${wsUrl}/fed?when=x>10+for+5s`);
    assert.equal(socket.readyState, socket.OPEN);
    // These come at once: what the samples say of their time cannot be, and does not count.
    for (let n = 0; n < 10; n++) feed(1000, a(11));
    assert.deepEqual(messages, []);
  });

  test('also on a path to a list, to an element, to a value', async (t) => {
    const { wsUrl, feed } = await fedAgent(t, { rows: [a(1), b(1)] });
    const [list, element, value] = await Promise.all(
      ['rows?when=x>10', 'rows/a?when=x>10', 'rows/a/x?when=value>10'].map((path) => connect(t, `${wsUrl}/fed/${path}`)),
    );
    feed(1000, a(11), b(11));
    feed(1000, b(11));
    for (const [client, told] of [
      [list, ['entered a', 'entered b', 'left a']],
      [element, ['entered ', 'left ']],
      [value, ['entered ', 'left ']],
    ] as const) {
      await until(() => client?.messages.length === told.length, told.join());
      assert.deepEqual(brief(client?.messages ?? []), told);
    }
    assert.deepEqual((JSON.parse(value?.messages[0] ?? '') as Told).values, { value: 11 });
  });

  test('a wrong one is refused with the place, before the upgrade', async (t) => {
    const { wsUrl, url } = await fedAgent(t);
    for (const [question, message] of [
      ['fed?when=x>10MB/x', /when has an error at 5: 'MB\/x' is no unit of bytes\/s; allowed: B\/s, kB\/s/],
      ['fed?when=y>10', /at 1: there is no field 'y'/],
      ['fed?when=x>', /at 3: the end comes where a value is expected/],
    ] as const) {
      const { status, body } = await refusal(`${wsUrl}/${question}`);
      assert.deepEqual([status, JSON.parse(body).code], [400, 'HOSTPULSE_ERR_BAD_VARIABLE']);
      assert.match(JSON.parse(body).message, message);
      const events = await fetch(`${url}/${question}`, { headers: { accept: 'text/event-stream' } });
      assert.equal(events.status, 400);
    }
    assert.equal((await refusal(`${wsUrl}/fed/rows/c?when=x>10`)).status, 404);
  });
});

test('on /stream, several conditions of one topic', async (t) => {
  const { wsUrl, feed } = await fedAgent(t, { rows: [a(5)] });
  const client = await connect(t, `${wsUrl}/stream`);
  client.say({ type: 'subscribe', id: 'high', topic: 'fed', query: { when: 'x > 10' } });
  client.say({ type: 'subscribe', id: 'low', topic: 'fed', query: { when: 'x < 6 until > 8' } });
  client.say({ type: 'subscribe', id: 'wrong', topic: 'fed', query: { when: 'x > > 10' } });
  await until(() => client.messages.length === 2, 'one is in, one is refused');
  feed(1000, a(7));
  feed(1000, a(11));
  await until(() => client.messages.length === 4, 'they turn');
  const told = client.messages.map((text) => JSON.parse(text) as Told);
  const data = told.filter(({ type }) => type === 'data').map(({ id, data }) => `${id} ${(data as Told).event}`);
  assert.deepEqual(data.sort(), ['high entered', 'low entered', 'low left']);
  const refused = told.find(({ type }) => type === 'error');
  assert.equal(refused?.id, 'wrong');
  assert.match(String(refused?.message), /^when has an error at 5: '>' comes where a value is expected/);
});

describe('who was cut off', () => {
  test('is told what it has missed while others kept looking', async (t) => {
    const { url, feed } = await fedAgent(t, { rows: [a(1), b(1)] });
    const stays = await listen(t, `${url}/fed?when=x>10`);
    const goes = await listen(t, `${url}/fed?when=x>10`);
    feed(1000, a(11), b(1));
    const { id } = await goes.next();
    goes.vanish();
    feed(1000, a(1), b(11));
    await until(() => stays.events.length === 3, 'it goes on');
    const back = await listen(t, `${url}/fed?when=x>10`, { headers: { 'last-event-id': String(id) } });
    await until(() => back.events.length === 2, 'the missed ones have come');
    assert.deepEqual(back.events, stays.events.slice(1));
    const since = await connect(t, `${url.replace('http', 'ws')}/fed?when=x>10&since=${id}`);
    feed(1000, a(1), b(1));
    await until(() => since.messages.length === 3, 'and what comes');
    assert.deepEqual(brief(since.messages), ['left rows/a', 'entered rows/b', 'left rows/b']);
  });

  test('is told of the gap where nobody looked, then all that is in', async (t) => {
    const { wsUrl, feed, running } = await fedAgent(t, { rows: [a(11), b(1)] });
    const first = await connect(t, `${wsUrl}/fed?when=x>10`);
    const { sequence } = await first.nextJson();
    first.socket.close();
    await until(() => running() === 0, 'it has gone');
    feed(1000, a(1), b(11));
    const back = await connect(t, `${wsUrl}/fed?when=x>10&since=${sequence}`);
    await until(() => back.messages.length === 2, 'the gap and the state');
    assert.deepEqual(brief(back.messages), ['gap', 'entered rows/b']);
    assert.equal(((JSON.parse(back.messages[0] as string) as Told).gap as Told).reason, 'history');
  });

  test('and has the newest, is told nothing twice', async (t) => {
    const { wsUrl, feed } = await fedAgent(t, { rows: [a(11)] });
    const first = await connect(t, `${wsUrl}/fed?when=x>10`);
    const { sequence } = await first.nextJson();
    const back = await connect(t, `${wsUrl}/fed?when=x>10&since=${sequence}`);
    feed(1000, a(1));
    await until(() => back.messages.length > 0, 'what comes');
    assert.deepEqual(brief(back.messages), ['left rows/a']);
  });

  test('or asks for all that is kept, gets also what entered before', async (t) => {
    const { wsUrl, url } = await fedAgent(t, { rows: [a(11)] });
    const first = await connect(t, `${wsUrl}/fed?when=x>10`);
    await first.next();
    for (const question of ['since=0', 'last=1ms']) {
      const other = await connect(t, `${wsUrl}/fed?when=x>10&${question}`);
      await until(() => other.messages.length === 1, question);
      assert.equal(other.messages[0], first.messages[0]);
    }
    const past = await (await fetch(`${url}/fed/values?when=x>10&since=0`)).json();
    assert.deepEqual(past, [JSON.parse(first.messages[0] as string)]);
  });
});

test('who polls misses nothing in between, of several conditions', async (t) => {
  const { url, feed } = await fedAgent(t, { rows: [a(11), b(1)] });
  const headers = { accept: 'application/vnd.hostpulse.samples+json' };
  const poll = (question: string) => fetch(`${url}/fed?when=${question}`, { headers });
  const have: Record<string, string> = {};
  for (const question of ['x>10', 'x<10']) {
    const response = await poll(question);
    have[question] = response.headers.get('hostpulse-sequence') ?? '';
    assert.deepEqual(brief([await response.text()]), [question === 'x>10' ? 'entered rows/a' : 'entered rows/b']);
  }
  for (const [question, told] of [
    ['x>10', ['left rows/a', 'entered rows/b', 'left rows/b']],
    ['x<10', ['entered rows/a', 'left rows/b', 'entered rows/b']],
  ] as const) {
    if (question === 'x>10') {
      feed(1000, a(1), b(11));
      feed(1000, a(1), b(1));
    }
    const response = await poll(`${question}&since=${have[question]}`);
    assert.equal(response.headers.get('hostpulse-gap'), null);
    assert.deepEqual(brief(((await response.json()) as object[]).map((each) => JSON.stringify(each))), told);
  }
});

describe('a GET', () => {
  test('answers of what it is true now', async (t) => {
    const { url, feed } = await fedAgent(t, { rows: [a(11), b(1)] });
    const get = async (path: string) => {
      const response = await fetch(`${url}/${path}`);
      return [response.status, await response.json()] as const;
    };
    const [status, state] = await get('fed/values?when=x>10');
    assert.equal(status, 200);
    assert.deepEqual(
      (state as Told[]).map(({ sequence, ...rest }) => rest),
      [{ path: 'rows/a', values: { x: 11 } }],
    );
    feed(1000, a(1));
    assert.deepEqual((await get('fed/values?when=x>10'))[1], []);
    assert.equal((await get('fed/values?when=x>>10'))[0], 400);
    assert.equal((await get('fed/values/rows/c?when=x>10'))[0], 404);
  });

  test('cannot tell how long it was so', async (t) => {
    const { url } = await fedAgent(t, { rows: [a(11)] });
    for (const condition of ['x > 10 for 5s', 'x > 10 until <8']) {
      const response = await fetch(`${url}/fed/values?when=${encodeURIComponent(condition)}`);
      assert.equal(response.status, 400);
      assert.match(((await response.json()) as Told).message as string, /allowed: a condition without for and until/);
    }
  });
});

describe('plugins', () => {
  test('that declare nothing are looked at as they speak', async (t) => {
    const { wsUrl, feed } = await fedAgent(t, { rows: [a(1)], fields: {} });
    assert.match((await refusal(`${wsUrl}/fed?when=y>10`)).body, /there is no field 'y'; did you mean x/);
    const { messages } = await connect(t, `${wsUrl}/fed?when=x>10`);
    feed(1000, a(11));
    await until(() => messages.length === 1, 'it enters');
    assert.deepEqual(brief(messages), ['entered rows/0']);
  });

  test('that have said nothing yet are waited for; where it does not fit then, that is said once', async (t) => {
    const source = new Subject<unknown>();
    const { wsUrl } = await startAgent(t, { plugins: { late: pluginOf('late', { topics: () => ({ values: source }) }) } });
    const { messages } = await connect(t, `${wsUrl}/late?when=x>10`);
    for (const value of [{ y: 1 }, { y: 2 }, { x: 11 }, { x: 12 }]) source.next(value);
    await until(() => messages.length === 2, 'the refusal and what came then');
    const [refused, entered] = messages.map((text) => JSON.parse(text) as Told);
    assert.deepEqual([refused?.statusCode, entered?.event], [400, 'entered']);
    assert.match(refused?.message as string, /there is no field 'x'/);
  });

  test('that take a variable of that name have it for themselves', async (t) => {
    const plugin = pluginOf('own', { topics: () => ({ values: ({ when }: Told) => new BehaviorSubject({ when }) }) });
    Object.assign(plugin, { variables: { when: { description: 'own' } } });
    const { wsUrl } = await startAgent(t, { plugins: { own: plugin } });
    const client = await connect(t, `${wsUrl}/own?when=noon`);
    assert.deepEqual(await client.nextJson(), { when: 'noon' });
  });

  test('that are reloaded keep what is in', async (t) => {
    let life = 0;
    const source = new BehaviorSubject<unknown>({ x: 11 });
    const values = defer(() => {
      life++;
      return source;
    });
    const plugin = pluginOf('again', { topics: () => ({ values }) });
    const agent = await startAgent(t, { plugins: { again: plugin } });
    const { messages } = await connect(t, `${agent.wsUrl}/again?when=x>10`);
    await until(() => messages.length === 1, 'it enters');
    const before = life;
    await fetch(`${agent.url}/reload/again`, { method: 'POST' });
    await until(() => life > before, 'the new one is asked');
    source.next({ x: 12 });
    source.next({ x: 1 });
    await until(() => messages.length === 2, 'it leaves');
    assert.deepEqual(brief(messages), ['entered ', 'left ']);
  });
});

test('the events of a topic are judged like any value', async (t) => {
  const source = new Subject<unknown>();
  const plugin = pluginOf('door', { topics: () => ({ state: new Subject(), events: source }) });
  const { wsUrl } = await startAgent(t, { plugins: { door: plugin } });
  const { messages } = await connect(t, `${wsUrl}/door/events?when=event%20%3D%20opened`);
  for (const event of ['closed', 'opened', 'opened', 'closed']) source.next({ event });
  await until(() => messages.length === 2, 'it enters and leaves');
  assert.deepEqual(
    messages.map((text) => [(JSON.parse(text) as Told).event, (JSON.parse(text) as Told).values]),
    [
      ['entered', { event: 'opened' }],
      ['left', { event: 'closed' }],
    ],
  );
});
