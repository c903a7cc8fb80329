import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { ReplaySubject, Subject } from 'rxjs';
import { AgentError, type Client } from '../../src/client/index.ts';
import { type Cleanup, startAgent, until } from '../helpers/build-agent.ts';
import { ChaosProxy } from '../helpers/chaos-proxy.ts';
import { freePort } from '../helpers/free-port.ts';
import { clientOf, heard } from '../helpers/heard.ts';
import { httpProxy } from '../helpers/http-proxy.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

const QUICK = { connectMs: 500, climbMs: 40, pollMs: 20 };

async function fedAgent(t: Cleanup, port = 0) {
  const source = new Subject<unknown>();
  const plugins = { fed: pluginOf('fed', { topics: () => ({ values: source }) }) };
  const agent = await startAgent(t, { plugins, values: { network: { port } } });
  await connectWs(t, `${agent.wsUrl}/fed`);
  let sequence = 0;
  const feed = () => source.next({ sequence: ++sequence });
  return { ...agent, agent, feed };
}

const transport = ({ state }: Client) => ('transport' in state && state.status === 'connected' ? state.transport : state.status);
const counts = (told: readonly unknown[]) => told.map((value) => (value as { sequence: number }).sequence);

describe('a proxy that does not let WebSockets through', () => {
  test('is got around by event streams, and sockets are used once it does, with nothing lost in between', async (t) => {
    const { port, feed } = await fedAgent(t);
    const proxy = await httpProxy(t, port, { passesUpgrades: false });
    const client = clientOf(t, proxy.url, QUICK);
    const told = heard(t, client.topic('fed', { since: 0 }));
    await until(() => transport(client) === 'sse', 'it falls');
    feed();
    await until(() => told.length === 1, 'it is told');
    await sleep(200);
    assert.equal(transport(client), 'sse');
    proxy.passesUpgrades = true;
    const feeding = setInterval(feed, 2);
    await until(() => transport(client) === 'websocket', 'it climbs');
    const before = told.length;
    await until(() => told.length > before + 10, 'it is told on');
    clearInterval(feeding);
    assert.deepEqual(
      counts(told),
      told.map((_, at) => at + 1),
    );
  });

  test('nor event streams, is got around by polling', async (t) => {
    const { port, feed } = await fedAgent(t);
    const proxy = await httpProxy(t, port, { passesUpgrades: false, passesStreams: false });
    const client = clientOf(t, proxy.url, QUICK);
    const told = heard(t, client.topic('fed', { since: 0 }));
    const feeding = setInterval(feed, 5);
    await until(() => transport(client) === 'polling' && told.length > 20, 'it polls');
    proxy.passesStreams = true;
    await until(() => transport(client) === 'sse', 'it climbs');
    proxy.passesUpgrades = true;
    await until(() => transport(client) === 'websocket', 'it climbs');
    const before = told.length;
    await until(() => told.length > before + 10, 'it is told on');
    clearInterval(feeding);
    assert.deepEqual(
      counts(told),
      told.map((_, at) => at + 1),
    );
  });

  test('nor event streams, is polled through without a pause while it is tried again', async (t) => {
    const { port, feed } = await fedAgent(t);
    const proxy = await httpProxy(t, port, { passesUpgrades: false, passesStreams: false });
    const client = clientOf(t, proxy.url, { ...QUICK, transports: ['sse', 'polling'], connectMs: 1000 });
    const states = heard(t, client.state$);
    const told = heard(t, client.topic('fed', { since: 0 }));
    const feeding = setInterval(feed, 5);
    t.after(() => clearInterval(feeding));
    await until(() => transport(client) === 'polling', 'it falls');
    const fallen = states.length;
    const tried = proxy.held;
    await until(() => proxy.held >= tried + 3, 'an event stream is tried again');
    await until(() => told.length > 20, 'it is told on');
    assert.deepEqual(states.slice(fallen), []);
  });

  test('or lets them through and passes nothing on, is got around, too', async (t) => {
    const { port, feed } = await fedAgent(t);
    const proxy = await ChaosProxy.start(t, port);
    // As long as the handshake's answer, and no longer.
    const handshake = 129;
    proxy.fates = Array.from({ length: 3 }, () => ({ silentAfterBytes: handshake }));
    const client = clientOf(t, proxy.url, { ...QUICK, silenceMs: 60, climbMs: 60_000 });
    const told = heard(t, client.topic('fed', { since: 0 }));
    feed();
    await until(() => transport(client) === 'sse' && told.length === 1, 'it falls');
  });
});

for (const way of ['sse', 'polling'] as const) {
  test(`over ${way}, a topic whose answers are cut off is asked again, and the others are let alone`, async (t) => {
    const values = new ReplaySubject<unknown>(1);
    values.next({ sequence: 1 });
    const [good, bad] = [counted(values), new Subject<unknown>()];
    const plugins = {
      good: pluginOf('good', { topics: () => ({ values: () => good.observable }) }),
      bad: pluginOf('bad', { topics: () => ({ values: bad }) }),
    };
    const { port } = await startAgent(t, { plugins });
    const proxy = await httpProxy(t, port);
    const client = clientOf(t, proxy.url, { ...QUICK, transports: [way] });
    const states = heard(t, client.state$);
    heard(t, client.topic('good'));
    await until(() => client.state.status === 'connected', 'it is connected');
    proxy.cuts = '/bad';
    const told = heard(t, client.topic('bad', { since: 0 }));
    const cuts = proxy.cutOff;
    await until(() => proxy.cutOff >= cuts + 4, 'it is asked again');
    proxy.cuts = null;
    let sequence = 0;
    await until(() => {
      if (bad.observed) bad.next({ sequence: ++sequence });
      return told.length > 0;
    }, 'it is told');
    assert.deepEqual(
      states.map(({ status }) => status),
      ['idle', 'connecting', 'connected'],
    );
    if (way === 'sse') assert.equal(good.counts.started, 1);
  });
}

describe('an agent that is not there', () => {
  test('is waited for with growing pauses, and is not fallen back from', async (t) => {
    const port = await freePort();
    const client = clientOf(t, `http://127.0.0.1:${port}`, QUICK);
    const states = heard(t, client.state$);
    const told = heard(t, client.topic('fed', { since: 0 }));
    await until(() => states.filter(({ status }) => status === 'waiting').length > 3, 'it waits');
    const waits = states.flatMap((state) => (state.status === 'waiting' ? [state] : []));
    assert.deepEqual(
      waits.slice(0, 3).map(({ retry }) => retry),
      [1, 2, 3],
    );
    assert.match(waits[0]?.reason ?? '', /ECONNREFUSED/);
    const { feed } = await fedAgent(t, port);
    await until(() => transport(client) === 'websocket', 'it connects');
    feed();
    await until(() => told.length === 1, 'it is told');
  });

  test('behind a proxy that says so is waited for; what is no agent at all is told', async (t) => {
    const { port } = await fedAgent(t);
    const proxy = await httpProxy(t, port, { status: 502, passesUpgrades: false });
    const client = clientOf(t, proxy.url, QUICK);
    const waits = heard(t, client.state$);
    heard(t, client.topic('fed'));
    await until(() => waits.filter(({ status }) => status === 'waiting').length > 2, 'it waits');
    proxy.status = 404;
    const failure = new Promise<unknown>((error) => void client.topic('other').subscribe({ error }));
    const error = await failure;
    assert.ok(error instanceof AgentError);
    assert.deepEqual([error.code, error.statusCode], [null, 404]);
    assert.match(error.message, /\/stream answered 404, and not as a hostpulse agent does/);
    assert.equal(client.state.status, 'idle');
  });

  test('and answers that are cut off say nothing of what would be refused', async (t) => {
    const answer = 'HTTP/1.1 426 Upgrade Required\r\ncontent-type: application/json\r\ncontent-length: 200\r\n\r\n{"statusCode":';
    const half = createServer((socket) => {
      socket.on('error', () => {}).once('data', () => socket.end(answer));
    }).listen(0, '127.0.0.1');
    t.after(() => void half.close());
    await until(() => half.listening, 'it listens');
    const client = clientOf(t, `http://127.0.0.1:${(half.address() as { port: number }).port}`, QUICK);
    const states = heard(t, client.state$);
    const failures: unknown[] = [];
    client.topic('fed').subscribe({ error: (error: unknown) => failures.push(error) });
    await until(() => states.filter(({ status }) => status === 'waiting').length > 2, 'it waits');
    assert.deepEqual(failures, []);
  });
});

test('an agent that shuts down is come back to', async (t) => {
  const port = await freePort();
  for (const way of ['websocket', 'sse', 'polling'] as const) {
    const first = await fedAgent(t, port);
    const client = clientOf(t, first.url, { ...QUICK, transports: [way] });
    const told = heard(t, client.topic('fed', { since: 0 }));
    first.feed();
    await until(() => told.length === 1, `it is told over ${way}`);
    await first.agent.close();
    const second = await fedAgent(t, port);
    // The new one counts from one again.
    await until(() => {
      second.feed();
      return told.length > 1;
    }, `it is told again over ${way}`);
    client.close();
    await second.agent.close();
  }
});
