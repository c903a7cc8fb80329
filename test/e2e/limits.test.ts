import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Socket, connect as tcp } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { interval, map, NEVER, ReplaySubject } from 'rxjs';
import type { WebSocket } from 'ws';
import { type Cleanup, type ListeningAgent, recordingLog, startAgent, until, within } from '../helpers/build-agent.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

/** Large, and numbered: {"n":0,"filler":"xxx..."} */
const FILLER = 'x'.repeat(64 * 1024);
const flood = pluginOf('flood', { topics: () => ({ a: interval(5).pipe(map((n) => ({ n, filler: FILLER }))) }) });
const LIMITS = { highWaterBytes: 256 * 1024, slowConsumerMs: 600 };

/** Sockets as the agent has them. */
const serverSockets = (agent: ListeningAgent) => [
  ...(agent.app as unknown as { websocketServer: { clients: Set<WebSocket> } }).websocketServer.clients,
];

interface SessionsState {
  readonly open: number;
  readonly dropped: number;
  readonly closedAsSlow: number;
}

async function sessions(agent: ListeningAgent): Promise<SessionsState> {
  return ((await (await fetch(`${agent.url}/plugins`)).json()) as { sessions: SessionsState }).sessions;
}

/** Asks by hand and then reads nothing until told to. */
async function deafClient(t: Cleanup, port: number, head: string): Promise<{ socket: Socket; read: () => Promise<Buffer> }> {
  const socket = tcp(port, '127.0.0.1');
  t.after(() => void socket.destroy());
  socket.on('error', () => {});
  await once(socket, 'connect');
  socket.pause();
  socket.write(`GET ${head}\r\nHost: 127.0.0.1\r\n\r\n`);
  return {
    socket,
    read: async () => {
      const chunks: Buffer[] = [];
      socket.on('data', (chunk: Buffer) => chunks.push(chunk));
      socket.resume();
      await within(once(socket, 'close'), 'the agent hangs up');
      return Buffer.concat(chunks);
    },
  };
}

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==';

describe('a reader that is too slow', () => {
  test('costs no more memory than its high-water mark and a value, is closed with 1013, and others do not notice', async (t) => {
    const agent = await startAgent(t, { plugins: { flood }, values: { limits: LIMITS } });
    const deaf = await deafClient(t, agent.port, `/flood HTTP/1.1\r\n${UPGRADE}`);
    await until(() => serverSockets(agent).length === 1, 'it is connected');
    const [server] = serverSockets(agent) as [WebSocket];
    const quick = await connectWs(t, `${agent.wsUrl}/flood`);
    let most = 0;
    const watch = setInterval(() => {
      most = Math.max(most, server.bufferedAmount);
    }, 5);
    t.after(() => clearInterval(watch));
    await until(() => server.readyState !== server.OPEN, 'it is closed');
    // What it now reads ends with a close frame: opcode 8, then the code.
    const bytes = await deaf.read();
    const closeFrame = bytes.lastIndexOf(Buffer.from([0x03, 0xf5]));
    assert.equal((bytes[closeFrame - 2] ?? 0) & 0x0f, 8);
    assert.match(bytes.subarray(closeFrame + 2).toString(), /^read too slowly for 600 ms/);
    assert.ok(most > 0 && most <= LIMITS.highWaterBytes + 2 * FILLER.length, `${most} bytes were waiting`);
    await until(async () => (await sessions(agent)).open === 1, 'its session is over');
    assert.ok((await sessions(agent)).dropped > 0);
    const numbers = quick.messages.map((text) => JSON.parse(text).n as number);
    assert.ok(numbers.length > 5);
    assert.deepEqual(
      numbers,
      numbers.map((_, i) => (numbers[0] as number) + i),
      'the other one was sent every value',
    );
  });

  test('that reads again in time is sent the newest, and the gap shows', async (t) => {
    const source = new ReplaySubject<object>(1);
    const plugins = { fed: pluginOf('fed', { topics: () => ({ a: source }) }) };
    const agent = await startAgent(t, { plugins, values: { limits: { highWaterBytes: 1024 * 1024, slowConsumerMs: 60_000 } } });
    const client = await connectWs(t, `${agent.wsUrl}/fed`);
    client.socket.pause();
    let n = 0;
    while ((await sessions(agent)).dropped < 20) {
      source.next({ sequence: n++, filler: FILLER });
      if (n % 10 === 0) await sleep(1);
    }
    source.next({ sequence: n });
    client.socket.resume();
    await until(() => client.messages.at(-1) === JSON.stringify({ sequence: n }), 'the newest has come');
    assert.ok(client.messages.length < n, 'some were left out');
  });

  test('of an event stream is cut off, and lets go of its topic', async (t) => {
    const { observable, counts } = counted(interval(5).pipe(map((value) => ({ value, filler: FILLER }))));
    const plugins = { flood: pluginOf('flood', { topics: () => ({ a: observable }) }) };
    const agent = await startAgent(t, { plugins, values: { limits: { ...LIMITS, heldMs: 1 } } });
    const deaf = await deafClient(t, agent.port, '/flood HTTP/1.1\r\nAccept: text/event-stream');
    await until(() => counts.running === 1, 'it is connected');
    await until(async () => (await sessions(agent)).open === 0 && counts.running === 0, 'it is cut off');
    assert.match((await deaf.read()).toString(), /^HTTP\/1\.1 200 OK/);
  });

  test('on /stream that talks without reading is closed with 1013', async (t) => {
    const agent = await startAgent(t, { plugins: { flood }, values: { limits: { ...LIMITS, highWaterBytes: 10_000 } } });
    const client = await connectWs(t, `${agent.wsUrl}/stream`);
    const [server] = serverSockets(agent) as [WebSocket];
    client.socket.pause();
    const isClosed = () => server.readyState !== server.OPEN;
    const garbage = '"garbage"'.repeat(100);
    while (!isClosed()) {
      for (let i = 0; i < 2000 && client.socket.bufferedAmount < 1_000_000; i++) client.say(garbage);
      await sleep(1);
    }
    assert.ok(server.bufferedAmount < 100_000, `${server.bufferedAmount} bytes were waiting`);
    client.socket.resume();
    // Whether it still reads so far before it is cut off, is up to the machine.
    assert.ok([1013, 1006].includes((await within(client.closed, 'the client is told')).code));
    await until(async () => (await sessions(agent)).open === 0, 'its session is over');
    assert.equal((await sessions(agent)).closedAsSlow, 1);
  });
});

describe('limits', () => {
  test('of sessions: one more socket is closed with 1013, one more event stream answered with 503, until one leaves', async (t) => {
    const plugins = { quiet: pluginOf('quiet', { topics: () => ({ a: NEVER }) }) };
    const agent = await startAgent(t, { plugins, values: { limits: { sessions: 2 } } });
    const [first] = [await connectWs(t, `${agent.wsUrl}/quiet`), await listen(t, `${agent.url}/quiet`)];
    for (const path of ['/quiet', '/stream']) {
      const { code, reason } = await (await connectWs(t, agent.wsUrl + path)).closed;
      assert.deepEqual([code, reason], [1013, '2 sessions are open, the most allowed (limits.sessions)']);
    }
    const refused = await fetch(`${agent.url}/quiet`, { headers: { accept: 'text/event-stream' } });
    assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [503, 'HOSTPULSE_ERR_TOO_MANY']);
    first.socket.close();
    await until(async () => (await sessions(agent)).open === 1, 'one has left');
    assert.equal((await listen(t, `${agent.url}/quiet`)).response.statusCode, 200);
  });

  test('of a message: a larger one closes the socket with 1009, on any URL', async (t) => {
    const plugins = { quiet: pluginOf('quiet', { topics: () => ({ a: NEVER }) }) };
    const agent = await startAgent(t, { plugins, values: { limits: { messageBytes: 100 } } });
    for (const path of ['/quiet', '/stream']) {
      const client = await connectWs(t, agent.wsUrl + path);
      client.say('x'.repeat(100));
      client.say('x'.repeat(101));
      assert.equal((await within(client.closed, 'the socket is closed')).code, 1009);
    }
    await until(async () => (await sessions(agent)).open === 0, 'all is let go of');
  });

  test('of the protocol: garbage frames close the socket with a reason, and the agent goes on', async (t) => {
    const plugins = { quiet: pluginOf('quiet', { topics: () => ({ a: NEVER }) }) };
    const log = recordingLog();
    const agent = await startAgent(t, { plugins, log });
    const masked = (first: number, ...payload: number[]) => Buffer.from([first, 0x80 | payload.length, 0, 0, 0, 0, ...payload]);
    const frames: [Buffer, number][] = [
      [masked(0xf1, 1), 1002], // reserved bits
      [masked(0x83, 1), 1002], // an opcode that does not exist
      [Buffer.from([0x81, 0x01, 0x41]), 1002], // not masked
      [masked(0x81, 0xff, 0xfe), 1007], // not UTF-8
      [masked(0x88, 0x00), 1002], // half a close code
      [Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), 1009], // 2^64 bytes to come
    ];
    for (const path of ['/quiet', '/stream']) {
      for (const [frame, code] of frames) {
        const deaf = await deafClient(t, agent.port, `${path} HTTP/1.1\r\n${UPGRADE}`);
        await until(() => serverSockets(agent).length === 1, 'it is connected');
        deaf.socket.write(frame);
        const bytes = await deaf.read();
        const answer = bytes.subarray(bytes.indexOf('\r\n\r\n') + 4);
        assert.deepEqual([answer[0], answer.readUInt16BE(2)], [0x88, code], frame.toString('hex'));
        await until(() => serverSockets(agent).length === 0, 'it is gone');
      }
    }
    assert.equal((await sessions(agent)).open, 0);
    // A client's fault is not the agent's: nobody may fill its log with errors.
    assert.equal(log.lines.filter(({ level }) => level === 'error').length, 0);
    assert.equal(log.lines.filter(({ message }) => message === 'a socket failed').length, 2 * frames.length);
  });

  test('of time: a request must have come within half a minute', async (t) => {
    const { server } = (await startAgent(t)).app;
    assert.deepEqual([server.requestTimeout, server.headersTimeout <= 60_000], [30_000, true]);
  });
});

describe('the heartbeat', () => {
  test('pings sockets and keeps those that answer; a dead peer is cut off and lets go of its topic', async (t) => {
    const { observable, counts } = counted(NEVER);
    const plugins = { quiet: pluginOf('quiet', { topics: () => ({ a: observable }) }) };
    const agent = await startAgent(t, { plugins, values: { limits: { heartbeatMs: 100, heldMs: 1 } } });
    const alive = await connectWs(t, `${agent.wsUrl}/stream`);
    let pings = 0;
    alive.socket.on('ping', () => pings++);
    const dead = await connectWs(t, `${agent.wsUrl}/quiet`, { autoPong: false });
    await until(() => counts.running === 1, 'it is subscribed');
    assert.equal((await within(dead.closed, 'the dead peer is cut off')).code, 1006);
    await until(() => counts.running === 0, 'its topic is let go of');
    await until(() => pings >= 4, 'the other one is pinged on');
    assert.equal(alive.socket.readyState, alive.socket.OPEN);
    assert.equal((await sessions(agent)).open, 1);
  });

  test('comments on event streams, which keeps proxies from closing them', async (t) => {
    const plugins = { quiet: pluginOf('quiet', { topics: () => ({ a: NEVER }) }) };
    const agent = await startAgent(t, { plugins, values: { limits: { heartbeatMs: 50 } } });
    const events = await listen(t, `${agent.url}/quiet`);
    await until(() => events.comments() >= 3, 'comments come');
    assert.deepEqual(events.events, []);
  });
});

describe('what is no proper HTTP', () => {
  const send = async (t: Cleanup, port: number, text: string) => {
    const socket = tcp(port, '127.0.0.1');
    t.after(() => void socket.destroy());
    let answer = '';
    socket.on('error', () => {});
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      answer += chunk;
    });
    socket.write(text);
    await within(once(socket, 'close'), 'the agent hangs up');
    return answer;
  };

  test('is refused in the one shape, and nothing of it is repeated', async (t) => {
    const agent = await startAgent(t, { plugins: { quiet: pluginOf('quiet', { topics: () => ({ a: NEVER }) }) } });
    const host = 'Host: 127.0.0.1\r\n';
    const wrong = [
      'hello\r\n\r\n',
      `GET /hunter2 HTTP/9.9\r\n${host}\r\n`,
      `GET / HTTP/1.1\r\n${host}Bad Header hunter2\r\n\r\n`,
      `GET /${'x'.repeat(20_000)}?apikey=hunter2 HTTP/1.1\r\n${host}\r\n`,
      `POST / HTTP/1.1\r\n${host}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nhunter2`,
      `GET /%zz?apikey=hunter2 HTTP/1.1\r\n${host}Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n`,
    ];
    for (const text of wrong) {
      const answer = await send(t, agent.port, text);
      assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\n/);
      assert.match(answer, /x-content-type-options: nosniff/);
      const body = JSON.parse(answer.slice(answer.indexOf('\r\n\r\n')));
      assert.deepEqual([body.statusCode, body.code, body.error], [400, 'HOSTPULSE_ERR_BAD_REQUEST', 'Bad Request']);
      assert.doesNotMatch(answer, /hunter2/);
    }
    assert.equal((await fetch(`${agent.url}/health`)).status, 200);
  });

  test('but an offer to go on in another protocol, as Java and curl make it, is answered as if it were not there', async (t) => {
    const agent = await startAgent(t, { plugins: { quiet: pluginOf('quiet', { answer: () => [200, { fine: true }] }) } });
    const offer = 'Host: 127.0.0.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n';
    const answer = await send(t, agent.port, `GET /quiet HTTP/1.1\r\n${offer}`);
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/);
    assert.match(answer, /connection: close/i);
    assert.ok(answer.endsWith('{"fine":true}'));
    // What follows an offer is no HTTP any more: of a POST the body would be lost.
    assert.match(
      await send(t, agent.port, `POST /quiet HTTP/1.1\r\nContent-Length: 2\r\n${offer}{}`),
      /^HTTP\/1\.1 404 .*HOSTPULSE_ERR_NO_TOPIC/s,
    );
    assert.match(await send(t, agent.port, `GET /nope HTTP/1.1\r\n${offer}`), /^HTTP\/1\.1 404 /);
    assert.match(await send(t, agent.port, `GET /quiet HTTP/1.1\r\n${offer.replace('127.0.0.1', 'evil.example')}`), /^HTTP\/1\.1 403 /);
  });
});

test('a body far too big is refused with 413, which also a client that sends it all before it reads gets to see', async (t) => {
  const agent = await startAgent(t, { plugins: { quiet: pluginOf('quiet', {}) } });
  const body = `{"a":"${'x'.repeat(8_000_000)}"}`;
  const head = (more: string) => `POST /quiet HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n${more}\r\n`;
  const ways = [
    head(`Content-Length: ${body.length}\r\n`) + body,
    head(`Connection: close\r\nContent-Length: ${body.length}\r\n`) + body,
    `${head('Transfer-Encoding: chunked\r\n')}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    `${head('Connection: close\r\nTransfer-Encoding: chunked\r\n')}${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
  ];
  for (const text of ways) {
    const socket = tcp(agent.port, '127.0.0.1');
    t.after(() => void socket.destroy());
    const failed = once(socket, 'error').then(([error]) => assert.fail(String(error)));
    const answered = once(socket, 'data');
    await within(Promise.race([new Promise((sent) => socket.write(text, sent)), failed]), 'all of it is sent');
    const [answer] = await within(Promise.race([answered, failed]), 'the answer comes');
    assert.match(String(answer), /^HTTP\/1\.1 413 .*larger than 65536 bytes/s);
    if (text.includes('Connection: close')) continue;
    // The connection is as good as before.
    socket.write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
    const [next] = await within(once(socket, 'data'), 'the next answer comes');
    assert.match(String(next), /^HTTP\/1\.1 200 /);
  }
});

test('connections beyond limits.connections are closed at once, and the agent goes on', async (t) => {
  const agent = await startAgent(t, { plugins: { quiet: pluginOf('quiet', {}) }, values: { limits: { connections: 2, requestMs: 7000 } } });
  const connect = () => {
    const socket = tcp(agent.port, '127.0.0.1').on('error', () => {});
    t.after(() => void socket.destroy());
    return socket;
  };
  const [first, second] = [connect(), connect()];
  await within(Promise.all([once(first, 'connect'), once(second, 'connect')]), 'two connect');
  await within(once(connect(), 'close'), 'the third is closed');
  first.write('GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n');
  const [answer] = await within(once(first, 'data'), 'the first is answered');
  assert.match(String(answer), /^HTTP\/1\.1 200 /);
  assert.equal(agent.app.server.requestTimeout, 7000);
});
