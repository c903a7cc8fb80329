import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as tcp } from 'node:net';
import { describe, test } from 'node:test';
import { NEVER, ReplaySubject } from 'rxjs';
import type { WebSocket } from 'ws';
import { type Cleanup, type ListeningAgent, startAgent, until, within } from '../helpers/build-agent.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';
import { CLOSE, COMPRESSED, CONTINUATION, closedOf, FINAL, frame, PING, rawClient, TEXT, upgrade } from '../helpers/raw-ws.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

/** What a client may send on a WebSocket, and what becomes of it: nobody else is harmed, and memory is bounded. */
const URLS = ['/quiet', '/stream'] as const;
async function sessions(agent: ListeningAgent): Promise<number> {
  return ((await (await fetch(`${agent.url}/plugins`)).json()) as { sessions: { open: number } }).sessions.open;
}

/** With somebody who behaves. */
async function startWithGuest(t: Cleanup, values: Readonly<Record<string, object>> = {}) {
  const source = new ReplaySubject<unknown>(1);
  const plugins = {
    quiet: pluginOf('quiet', { topics: () => ({ a: NEVER }) }),
    fed: pluginOf('fed', { topics: () => ({ a: source }) }),
  };
  const agent = await startAgent(t, { plugins, values });
  const guest = await connectWs(t, `${agent.wsUrl}/fed`);
  let n = 0;
  const isServed = async () => {
    source.next(++n);
    assert.equal(await guest.next(), String(n));
  };
  await isServed();
  return { agent, isServed };
}

describe('a client that floods', () => {
  for (const path of URLS) {
    test(`${path} with pings and reads no answer, is cut off`, async (t) => {
      const { agent, isServed } = await startWithGuest(t);
      const { socket } = await rawClient(t, agent.port, path);
      socket.pause();
      const pings = Buffer.concat(Array.from({ length: 1000 }, () => frame(FINAL | PING, 'p'.repeat(125))));
      const [server] = [...(agent.app as unknown as { websocketServer: { clients: Set<WebSocket> } }).websocketServer.clients].slice(-1);
      let most = 0;
      while ((await sessions(agent)) > 1) {
        if (socket.writableLength < 1_000_000) socket.write(pings);
        most = Math.max(most, server?.bufferedAmount ?? 0);
      }
      assert.ok(most < 200_000, `${most} bytes were waiting`);
      await isServed();
    });

    test(`${path} with a message that never ends, is told that it is too much`, async (t) => {
      const { agent, isServed } = await startWithGuest(t);
      const { socket, closed } = await rawClient(t, agent.port, path);
      socket.write(frame(TEXT, 'x'));
      // A byte at a time, and nothing at a time.
      const parts = Buffer.concat(Array.from({ length: 20_000 }, (_, i) => frame(CONTINUATION, i % 2 ? 'x' : '')));
      socket.write(parts);
      // Where it goes on after that, it may be reset before it has read why.
      const code = await closed;
      assert.ok([1008, 1009, null].includes(code), String(code));
      await isServed();
      await until(async () => (await sessions(agent)) === 1, 'it is let go of');
    });

    test(`${path} with a message in parts that together are too large, is told so`, async (t) => {
      const { agent } = await startWithGuest(t, { limits: { messageBytes: 1000 } });
      const { socket, closed } = await rawClient(t, agent.port, path);
      socket.write(Buffer.concat([frame(TEXT, 'x'.repeat(600)), frame(FINAL | CONTINUATION, 'x'.repeat(600))]));
      assert.equal(await closed, 1009);
    });
  }

  test('/stream with ten thousand subscriptions in one write, has as many as are allowed and an answer to each', async (t) => {
    const { agent, isServed } = await startWithGuest(t, { limits: { subscriptions: 3, highWaterBytes: 4_000_000 } });
    const client = await connectWs(t, `${agent.wsUrl}/stream`);
    const COUNT = 10_000;
    for (let i = 0; i < COUNT; i++) client.say({ type: 'subscribe', id: `s${i}`, topic: 'fed' });
    await until(() => client.messages.length === COUNT || client.socket.readyState !== client.socket.OPEN, 'all are answered');
    const told = client.messages.map((text) => JSON.parse(text) as { type: string; id: string });
    // A value has its turn, an error is said at once.
    const types = new Map(told.map(({ id, type }) => [id, type]));
    assert.deepEqual(
      Array.from({ length: COUNT }, (_, i) => types.get(`s${i}`)),
      [...Array(3).fill('data'), ...Array(COUNT - 3).fill('error')],
    );
    await isServed();
  });
});

describe('a client that breaks the protocol', () => {
  const wrong: readonly (readonly [what: string, bytes: Buffer, code: number])[] = [
    ['deflates what was not agreed upon', frame(FINAL | COMPRESSED | TEXT, Buffer.from('aa5604', 'hex')), 1002],
    ['continues what it has not begun', frame(FINAL | CONTINUATION, 'x'), 1002],
    ['begins anew in the midst of a message', Buffer.concat([frame(TEXT, 'a'), frame(FINAL | TEXT, 'b')]), 1002],
    ['pings in parts', frame(PING, 'p'), 1002],
    ['pings with too much', frame(FINAL | PING, 'p'.repeat(126)), 1002],
    [
      'ends a letter in another part that is none',
      Buffer.concat([frame(TEXT, Buffer.from([0xc3])), frame(FINAL | CONTINUATION, 'a')]),
      1007,
    ],
  ];
  for (const [what, bytes, code] of wrong) {
    test(`and ${what}, is told so by code ${code}, in whatever pieces it comes`, async (t) => {
      const { agent, isServed } = await startWithGuest(t);
      for (const path of URLS) {
        for (const pieceBytes of [bytes.length, 1]) {
          const { socket, closed } = await rawClient(t, agent.port, path);
          socket.setNoDelay(true);
          let isTold = false;
          socket.once('data', () => {
            isTold = true;
          });
          for (let at = 0; at < bytes.length && !isTold; at += pieceBytes) {
            socket.write(bytes.subarray(at, at + pieceBytes));
            await new Promise(setImmediate);
          }
          assert.equal(await closed, code, path);
        }
      }
      await isServed();
      await until(async () => (await sessions(agent)) === 1, 'all are let go of');
    });
  }

  test('by half a handshake, many times, takes no session, holds up nobody, nor the end', async (t) => {
    const { agent, isServed } = await startWithGuest(t);
    const sockets = await Promise.all(
      Array.from({ length: 200 }, async (_, i) => {
        const socket = tcp(agent.port, '127.0.0.1');
        t.after(() => void socket.destroy());
        socket.on('error', () => {});
        await within(once(socket, 'connect'), 'it connects');
        const text = upgrade(URLS[i % 2] as string);
        socket.write(text.slice(0, i % text.length));
        return socket;
      }),
    );
    const ended = sockets.map((socket) => closedOf(socket.resume()));
    assert.equal(await sessions(agent), 1);
    await isServed();
    await within(agent.close(), 'the agent closes');
    await within(Promise.all(ended), 'all are cut off');
  });
});

test('a client that takes leave and does not hang up, is hung up on, and its topic let go of', async (t) => {
  const { observable, counts } = counted(NEVER);
  const agent = await startAgent(t, { plugins: { silent: pluginOf('silent', { topics: () => ({ a: observable }) }) } });
  const socket = tcp({ port: agent.port, host: '127.0.0.1', allowHalfOpen: true });
  t.after(() => void socket.destroy());
  socket.on('error', () => {});
  socket.write(upgrade('/silent'));
  await within(once(socket, 'data'), 'it is granted');
  await until(() => counts.running === 1, 'it listens');
  socket.resume().write(frame(FINAL | CLOSE, Buffer.from([0x03, 0xe8])));
  await until(async () => (await sessions(agent)) === 0, 'its session is over', 20_000);
  assert.equal(counts.running, 0);
});
