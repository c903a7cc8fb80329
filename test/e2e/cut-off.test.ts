import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Subject } from 'rxjs';
import { type Cleanup, type ListeningAgent, startAgent, until, within } from '../helpers/build-agent.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect } from '../helpers/ws-client.ts';

interface Json {
  readonly [key: string]: unknown;
}

/** So long that no test sees its end. */
const HELD = { heldMs: 600_000 };

/** An agent with a plugin from outside that publishes what it is fed, and remembers none of it. */
async function fedAgent(t: Cleanup, limits: Readonly<Record<string, number>> = {}) {
  const source = new Subject<unknown>();
  const { observable, counts } = counted(source);
  const fed = pluginOf('fed', { topics: () => ({ values: observable }) });
  const agent = await startAgent(t, { plugins: { fed }, values: { limits: { ...HELD, ...limits } } });
  const feed = (...numbers: readonly number[]) => {
    for (const sequence of numbers) source.next({ sequence, x: sequence });
  };
  const { listeners } = agent.registry.get('fed').topics;
  const untilAway = (held: number) => until(() => listeners.count === 0 && listeners.held === held, `nobody listens, ${held} are held`);
  return { agent, feed, counts, listeners, untilAway, source };
}

interface Follower {
  /** What it has been told: sequences, and `gap`. */
  told(): unknown[];
  cut(): void;
}

const brief = (value: Json) => ('gap' in value ? 'gap' : value.sequence);

/** A client that goes on behind what it has. */
type Follow = (t: Cleanup, agent: ListeningAgent, since: string, query?: string) => Promise<Follower>;

const onSocket: Follow = async (t, { wsUrl }, since, query = '') => {
  const { messages, socket } = await connect(t, `${wsUrl}/fed?${query}${since && `&since=${since}`}`);
  return { told: () => messages.map((text) => brief(JSON.parse(text))), cut: () => socket.terminate() };
};

const onEventStream: Follow = async (t, { url }, since, query = '') => {
  const { events, vanish } = await listen(t, `${url}/fed?${query}`, since ? { headers: { 'last-event-id': since } } : {});
  return { told: () => events.map(({ data }) => brief(JSON.parse(data))), cut: vanish };
};

const onStream: Follow = async (t, { wsUrl }, since, query = '') => {
  const { messages, socket, say } = await connect(t, `${wsUrl}/stream`);
  const asked = { ...Object.fromEntries(new URLSearchParams(query)), ...(since && { since }) };
  say({ type: 'subscribe', id: 'a', topic: 'fed', query: asked });
  const told = () => messages.map((text) => JSON.parse(text) as Json).map(({ data, ...rest }) => brief((data as Json) ?? rest));
  return { told, cut: () => socket.terminate() };
};

const WAYS = Object.entries({ 'on a socket': onSocket, 'on an event stream': onEventStream, 'on /stream': onStream });

describe('the only one who asks, cut off, comes back to all that was published meanwhile', () => {
  for (const [way, follow] of WAYS) {
    test(way, async (t) => {
      const { agent, feed, counts, listeners, untilAway } = await fedAgent(t);
      const first = await follow(t, agent, '');
      await until(() => listeners.count === 1, 'it listens');
      feed(1, 2, 3);
      await until(() => first.told().length === 3, 'three have come');
      first.cut();
      await untilAway(1);
      feed(4, 5);
      const second = await follow(t, agent, '3');
      await until(() => second.told().length === 2, 'what it has missed has come');
      // Cut off once more, before anything is published: its place is as it was.
      second.cut();
      await untilAway(1);
      feed(6);
      const third = await follow(t, agent, '5');
      await until(() => third.told().length === 1, 'and that, too');
      feed(7);
      await until(() => third.told().length === 2, 'and what comes');
      assert.deepEqual([...first.told(), ...second.told(), ...third.told()], [1, 2, 3, 4, 5, 6, 7]);
      assert.deepEqual(counts, { started: 1, running: 1 });
    });

    test(`${way}, where it has a place and nothing has come since`, async (t) => {
      const { agent, feed, untilAway, listeners } = await fedAgent(t);
      const first = await follow(t, agent, '');
      await until(() => listeners.count === 1, 'it listens');
      feed(1);
      await until(() => first.told().length === 1, 'one has come');
      first.cut();
      await untilAway(1);
      (await follow(t, agent, '1')).cut();
      await untilAway(1);
      feed(2);
      const third = await follow(t, agent, '1');
      await until(() => third.told().length === 1, 'the next one has come');
      assert.deepEqual(third.told(), [2]);
    });

    test(`${way}, also to what entered and left`, async (t) => {
      const { agent, feed, untilAway, listeners, source } = await fedAgent(t);
      const fields = await connect(t, `${agent.wsUrl}/fed`);
      await until(() => listeners.count === 1, 'there is a value for the condition to be judged by');
      feed(1);
      await fields.next();
      const turns = 'when=x>10';
      const first = await follow(t, agent, '', turns);
      await until(() => listeners.count === 2, 'it listens');
      source.next({ x: 11 });
      await until(() => first.told().length === 1, 'it has entered');
      const [entered] = first.told();
      fields.socket.close();
      first.cut();
      await untilAway(1);
      for (const x of [1, 12, 2]) source.next({ x });
      const second = await follow(t, agent, String(entered), turns);
      await until(() => second.told().length === 3, 'it has left, entered and left');
      const sequences = [entered, ...second.told()] as number[];
      assert.deepEqual(sequences, [...new Set(sequences)].sort(), 'in order, and no gap');
    });
  }

  test('with each of its subscriptions', async (t) => {
    const { agent, untilAway, listeners } = await fedAgent(t);
    const client = await connect(t, `${agent.wsUrl}/stream`);
    for (const n of [1, 2, 3]) client.say({ type: 'subscribe', id: `${n}`, topic: 'fed', query: { n } });
    await until(() => listeners.count === 3, 'it listens');
    client.socket.terminate();
    await untilAway(3);
  });

  test('where it was silent, and given up by the heartbeat', async (t) => {
    const { agent, untilAway } = await fedAgent(t, { heartbeatMs: 100 });
    const dead = await connect(t, `${agent.wsUrl}/fed`, { autoPong: false });
    assert.equal((await within(dead.closed, 'it is given up')).code, 1006);
    await untilAway(1);
  });

  test('where it read too slowly and was told to come again', async (t) => {
    const filler = 'x'.repeat(100_000);
    const limits = { highWaterBytes: 1000, slowConsumerMs: 100, historyBytes: 100_000_000 };
    const { agent, source, listeners } = await fedAgent(t, limits);
    const slow = await connect(t, `${agent.wsUrl}/fed`);
    await until(() => listeners.count === 1, 'it listens');
    slow.socket.pause();
    let sequence = 0;
    await until(() => {
      source.next({ sequence: ++sequence, filler });
      return listeners.held === 1;
    }, 'it is given up');
    source.next({ sequence: ++sequence });
    slow.socket.resume();
    await within(slow.closed, 'it is closed');
    const told = slow.messages.map((text) => brief(JSON.parse(text)) as number);
    const back = await connect(t, `${agent.wsUrl}/fed?since=${told.at(-1) ?? 0}`);
    // What was left out for the slow one before is told as everything else: to who has the one before it.
    const from = told.at(-1) ?? 0;
    await until(() => back.messages.length >= sequence - from, 'the rest has come');
    const rest = back.messages.map((text) => brief(JSON.parse(text)));
    assert.deepEqual(
      rest,
      Array.from({ length: sequence - from }, (_, n) => from + 1 + n),
    );
  });
});

describe('nothing is held', () => {
  for (const [how, leave] of Object.entries<(socket: Awaited<ReturnType<typeof connect>>['socket']) => void>({
    'who takes leave': (socket) => socket.close(1000),
    'who goes away': (socket) => socket.close(1001),
    'who says no reason': (socket) => socket.close(),
  })) {
    test(`for ${how}`, async (t) => {
      const { agent, counts, untilAway, listeners } = await fedAgent(t);
      for (const path of ['fed', 'stream']) {
        const client = await connect(t, `${agent.wsUrl}/${path}`);
        if (path === 'stream') client.say({ type: 'subscribe', id: 'a', topic: 'fed' });
        await until(() => listeners.count === 1, 'it listens');
        leave(client.socket);
        await untilAway(0);
        assert.equal(counts.running, 0);
      }
    });
  }

  test('for who unsubscribes', async (t) => {
    const { agent, counts, listeners, untilAway } = await fedAgent(t);
    const client = await connect(t, `${agent.wsUrl}/stream`);
    client.say({ type: 'subscribe', id: 'a', topic: 'fed' });
    await until(() => listeners.count === 1, 'it listens');
    client.say({ type: 'unsubscribe', id: 'a' });
    await untilAway(0);
    client.socket.terminate();
    await until(
      async () => ((await (await fetch(`${agent.url}/plugins`)).json()) as { sessions: Json }).sessions.open === 0,
      'it has gone',
    );
    assert.deepEqual([counts.running, listeners.held], [0, 0]);
  });

  test('for an event stream that has told nothing', async (t) => {
    const { agent, counts, listeners, untilAway } = await fedAgent(t);
    const client = await listen(t, `${agent.url}/fed`);
    await until(() => listeners.count === 1, 'it listens');
    client.vanish();
    await untilAway(0);
    assert.equal(counts.running, 0);
  });

  test('of what its plugin remembers itself', async (t) => {
    const { observable, counts } = counted(new Subject<unknown>());
    const past = () => ({ values: [], completeAfter: 0, newest: null });
    const own = pluginOf('own', { topics: () => ({ values: { values: () => observable, past } }) });
    const agent = await startAgent(t, { plugins: { own }, values: { limits: HELD } });
    const { listeners } = agent.registry.get('own').topics;
    const client = await connect(t, `${agent.wsUrl}/own`);
    await until(() => listeners.count === 1, 'it listens');
    client.socket.terminate();
    await until(() => listeners.count === 0, 'it has gone');
    assert.deepEqual([counts.running, listeners.held], [0, 0]);
  });

  test('when its time is over', async (t) => {
    const { agent, counts, listeners, feed, untilAway } = await fedAgent(t, { heldMs: 50 });
    const client = await connect(t, `${agent.wsUrl}/fed`);
    await until(() => listeners.count === 1, 'it listens');
    feed(1);
    client.socket.terminate();
    await untilAway(0);
    assert.equal(counts.running, 0);
    feed(2);
    const back = await onSocket(t, agent, '1');
    await until(() => back.told().length === 1, 'it is told');
    assert.deepEqual(back.told(), ['gap']);
  });
});

describe('what is held', () => {
  async function heldAgent(t: Cleanup) {
    const fed = await fedAgent(t);
    const client = await connect(t, `${fed.agent.wsUrl}/fed`);
    await until(() => fed.listeners.count === 1, 'it listens');
    client.socket.terminate();
    await fed.untilAway(1);
    assert.equal(fed.counts.running, 1);
    return fed;
  }

  test('is shown in /plugins, and is no subscriber', async (t) => {
    const { agent } = await heldAgent(t);
    const { plugins } = (await (await fetch(`${agent.url}/plugins`)).json()) as { plugins: [{ statistics: Json }] };
    const { subscribers, held } = plugins[0].statistics;
    assert.deepEqual({ subscribers, held }, { subscribers: 0, held: 1 });
  });

  test('is let go of when its plugin terminates, or the agent closes', async (t) => {
    const { agent, counts, listeners } = await heldAgent(t);
    await agent.registry.get('fed').terminate();
    assert.deepEqual([counts.running, listeners.held], [0, 0]);
    const other = await heldAgent(t);
    await other.agent.close();
    assert.deepEqual([other.counts.running, other.listeners.held], [0, 0]);
  });

  test('goes on through a reload, of which the old instance keeps nothing', async (t) => {
    const { agent, counts, listeners, feed } = await heldAgent(t);
    feed(1);
    await fetch(`${agent.url}/reload/fed`, { method: 'POST' });
    assert.deepEqual([counts.started, counts.running, listeners.held], [2, 1, 1]);
    feed(2);
    const back = await onSocket(t, agent, '1');
    await until(() => back.told().length === 1, 'it is told');
    assert.deepEqual(back.told(), [2]);
  });
});
