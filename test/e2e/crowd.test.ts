import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Socket, connect as tcp } from 'node:net';
import { describe, test } from 'node:test';
import { NEVER, Subject } from 'rxjs';
import type { WebSocket } from 'ws';
import type { RecordedTopic } from '../../src/core/topic.ts';
import { type Cleanup, type ListeningAgent, startAgent, until, within } from '../helpers/build-agent.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';
const EVENTS = 'Accept: text/event-stream';

interface SessionsState {
  readonly open: number;
  readonly behind: number;
  readonly bufferedBytes: number;
  readonly mostBufferedBytes: number;
  readonly dropped: number;
  readonly closedAsSlow: number;
  readonly refused: number;
}

async function sessions(agent: ListeningAgent): Promise<SessionsState> {
  return ((await (await fetch(`${agent.url}/plugins`)).json()) as { sessions: SessionsState }).sessions;
}

/** A client that is bytes only. */
async function rawClient(t: Cleanup, agent: ListeningAgent, path: string, headers: string): Promise<Socket> {
  const socket = tcp(agent.port, '127.0.0.1');
  t.after(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${headers}\r\n\r\n`);
  return socket;
}

describe('a crowd that comes and goes', () => {
  /** How clients leave. */
  const LEAVES: Readonly<Record<string, (socket: Socket) => unknown>> = {
    'with a closing handshake': (socket) => socket.write(Buffer.from([0x88, 0x80, 0, 0, 0, 0])),
    'in the midst of a message': (socket) => socket.end(Buffer.from([0x81, 0xfe, 0x10])),
    'by a reset': (socket) => socket.resetAndDestroy(),
    'by closing the connection': (socket) => socket.destroy(),
    'by closing its half of it': (socket) => socket.end(),
  };

  test('leaves nothing behind, however it leaves, and disturbs nobody', async (t) => {
    const source = new Subject<unknown>();
    const { observable, counts } = counted(source);
    const plugins = { fed: pluginOf('fed', { topics: () => ({ a: observable }) }) };
    const agent = await startAgent(t, { plugins, values: { limits: { heldMs: 1 } } });
    const steady = await connectWs(t, `${agent.wsUrl}/fed`);
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const timersBefore = timers();
    let n = 0;
    for (let round = 0; round < 4; round++) {
      for (const leave of Object.values(LEAVES)) {
        const crowd = await Promise.all(
          Array.from({ length: 20 }, (_, i) => rawClient(t, agent, `/fed?round=${i % 3}`, i % 4 === 3 ? EVENTS : UPGRADE)),
        );
        await Promise.all(crowd.map((socket) => once(socket, 'data')));
        source.next(n++);
        for (const socket of crowd) leave(socket);
        // An event stream has no handshake to end it by.
        for (const socket of crowd) if (!socket.destroyed) setTimeout(() => socket.destroy(), 20);
      }
    }
    await until(async () => (await sessions(agent)).open === 1, 'all have left');
    source.next(n++);
    await until(() => steady.messages.length === n, 'the one that stays is sent everything');
    assert.deepEqual(
      steady.messages,
      Array.from({ length: n }, (_, i) => String(i)),
    );
    await until(() => counts.running === 1, 'nothing is held for the others any more');
    await until(() => timers() <= timersBefore + 1, 'no timer is left');
  });

  test('on /stream subscribes and unsubscribes a thousand times and leaves nothing behind', async (t) => {
    const { observable, counts } = counted(NEVER);
    const agent = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ a: observable }) }) } });
    const client = await connectWs(t, `${agent.wsUrl}/stream`);
    for (let i = 0; i < 1000; i++) {
      client.say({ type: 'subscribe', id: `${i % 7}`, topic: 'fed', query: { x: i % 3, ...(i % 2 ? { since: 0 } : {}) } });
      client.say({ type: 'unsubscribe', id: `${i % 7}` });
    }
    await until(() => client.messages.length === 1000, 'each is ended');
    assert.deepEqual(new Set(client.messages.map((text) => JSON.parse(text).type)), new Set(['end']));
    assert.equal(counts.running, 0);
  });

  test('that starts at the same time is let in up to the limit, event streams, too', async (t) => {
    const agent = await startAgent(t, {
      plugins: { fed: pluginOf('fed', { topics: () => ({ a: NEVER }) }) },
      values: { limits: { sessions: 5 } },
    });
    const streams = await Promise.all(Array.from({ length: 30 }, () => listen(t, `${agent.url}/fed`)));
    const statuses = streams.map(({ response }) => response.statusCode).toSorted();
    assert.deepEqual(statuses, [...Array(5).fill(200), ...Array(25).fill(503)]);
    const { open, refused } = await sessions(agent);
    assert.deepEqual([open, refused], [5, 25]);
  });
});

describe('a client that leaves while its question is opened', () => {
  // A path into a value is looked at before it is granted: there is none, so that takes a second.
  for (const [how, headers] of Object.entries({ 'for a socket': UPGRADE, 'for an event stream': EVENTS })) {
    test(`${how} lets go of it`, async (t) => {
      const { observable, counts } = counted(NEVER);
      const agent = await startAgent(t, { plugins: { silent: pluginOf('silent', { topics: () => ({ a: observable }) }) } });
      const socket = await rawClient(t, agent, '/silent/into/it', headers);
      await until(() => counts.running === 1, 'it is asked');
      socket.destroy();
      await until(() => counts.running === 0, 'it is let go of');
      assert.equal((await sessions(agent)).open, 0);
    });
  }
});

describe('who resumes from long ago', () => {
  const SAMPLE = 'x'.repeat(10_000);
  const LIMITS = { highWaterBytes: 50_000, slowConsumerMs: 1500 };

  /** A topic with a long past, of which it is known how much was taken. */
  function longPast() {
    const taken = { samples: 0, isReturned: false };
    const topic: RecordedTopic = {
      values: () => NEVER,
      past: () => ({
        values: (function* () {
          try {
            for (let sequence = 1; sequence < 100_000; sequence++) {
              taken.samples++;
              yield { sequence, SAMPLE };
            }
          } finally {
            taken.isReturned = true;
          }
        })(),
        completeAfter: 0,
        newest: 100_000,
      }),
    };
    return { taken, plugins: { long: pluginOf('long', { topics: () => ({ a: topic }) }) } };
  }

  for (const [how, headers] of Object.entries({ 'on a socket': UPGRADE, 'on an event stream': EVENTS })) {
    test(`${how} and does not read, is sent no more than fits, told of in /plugins, and given up`, async (t) => {
      const { taken, plugins } = longPast();
      const agent = await startAgent(t, { plugins, values: { limits: LIMITS } });
      const socket = await rawClient(t, agent, '/long?since=0', headers);
      socket.pause();
      let told = await sessions(agent);
      await until(async () => {
        told = await sessions(agent);
        return told.behind === 1;
      }, 'it is behind');
      const { bufferedBytes, mostBufferedBytes } = told;
      for (const bytes of [bufferedBytes, mostBufferedBytes]) {
        assert.ok(bytes > LIMITS.highWaterBytes && bytes < LIMITS.highWaterBytes + 2 * SAMPLE.length, `${bytes} bytes`);
      }
      const { samples } = taken;
      await until(() => taken.isReturned, 'it is given up');
      assert.equal(taken.samples, samples);
      await until(async () => (await sessions(agent)).open === 0, 'its session is over');
      assert.equal((await sessions(agent)).closedAsSlow, 1);
    });
  }

  test('and dies, frees what it was to be sent at once', async (t) => {
    const { taken, plugins } = longPast();
    const agent = await startAgent(t, { plugins, values: { limits: { ...LIMITS, slowConsumerMs: 60_000 } } });
    const socket = await rawClient(t, agent, '/long?since=0', UPGRADE);
    socket.pause();
    await until(async () => (await sessions(agent)).behind === 1, 'it is behind');
    socket.resetAndDestroy();
    await until(() => taken.isReturned, 'its past is let go of');
    assert.deepEqual([(await sessions(agent)).open, (await sessions(agent)).closedAsSlow], [0, 0]);
  });

  test('and reads as fast as it can, leaves others their time', async (t) => {
    const { taken, plugins } = longPast();
    const agent = await startAgent(t, { plugins });
    const client = await connectWs(t, `${agent.wsUrl}/long?since=0`);
    let isAnswered = false;
    await fetch(`${agent.url}/health`).then(() => {
      isAnswered = !taken.isReturned;
    });
    assert.ok(isAnswered, 'between the slices of the past');
    client.socket.terminate();
    await until(() => taken.isReturned, 'its past is let go of');
  });
});

test('a socket lets go of its request, and its errors still end it', async (t) => {
  const agent = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ a: NEVER }) }) } });
  const client = await connectWs(t, `${agent.wsUrl}/fed`, { headers: { 'x-large': 'x'.repeat(5000) } });
  const [server] = [...(agent.app as unknown as { websocketServer: { clients: Set<WebSocket> } }).websocketServer.clients];
  const { _socket: connection } = server as unknown as { _socket: { _httpMessage: unknown } };
  assert.equal(connection._httpMessage, null);
  // Its errors are still noted, and end it.
  server?.emit('error', new Error('broken'));
  await within(client.closed, 'it is closed');
  await until(async () => (await sessions(agent)).open === 0, 'its session is over');
});
