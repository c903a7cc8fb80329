import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstValueFrom, of, ReplaySubject, Subject, take, toArray } from 'rxjs';
import { WebSocket as Socket } from 'ws';
import { AgentError, type SocketConstructor, type TransportName } from '../../src/client/index.ts';
import { HostpulseError } from '../../src/core/errors.ts';
import { startAgent, until, within } from '../helpers/build-agent.ts';
import { clientOf, heard } from '../helpers/heard.ts';
import { counted, pluginOf } from '../helpers/plugins.ts';

const WAYS: readonly TransportName[] = ['websocket', 'sse', 'polling'];

for (const way of WAYS) {
  describe(`over ${way}`, () => {
    const options = { transports: [way], pollMs: 20 };

    test('a topic is told from its newest value on', async (t) => {
      const source = new ReplaySubject<unknown>(1);
      const { url } = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) } });
      const keeper = heard(t, clientOf(t, url).topic('fed'));
      await until(() => source.observed, 'somebody listens');
      source.next({ sequence: 7 });
      source.next({ sequence: 8 });
      const client = clientOf(t, url, options);
      const values = heard(t, client.topic('fed'));
      await until(() => values.length === 1, 'the newest comes');
      assert.deepEqual(client.state, { status: 'connected', transport: way });
      source.next({ sequence: 9 });
      await until(() => values.length === 2, 'the next one comes');
      assert.deepEqual(values, [{ sequence: 8 }, { sequence: 9 }]);
      await until(() => keeper.length === 3, 'the first one has all');
    });

    test('what is wrong for good ends a topic with the words of the agent, and no other topic', async (t) => {
      const source = new ReplaySubject<unknown>(1);
      source.next({ a: { n: 1 } });
      const refuse = () => {
        throw new HostpulseError('HOSTPULSE_ERR_BAD_VARIABLE', 'interval is wrong');
      };
      const plugin = pluginOf('fed', { topics: () => ({ values: source, picky: refuse }), answer: () => [200, { a: { n: 1 } }] });
      const { url } = await startAgent(t, { plugins: { fed: plugin } });
      const client = clientOf(t, url, options);
      const values = heard(t, client.topic('fed/values'));
      const failure = (topic: string) => within(firstValueFrom(client.topic(topic)), topic).catch((error: unknown) => error as AgentError);
      for (const [topic, code, statusCode] of [
        ['nothing', 'HOSTPULSE_ERR_NO_SUCH_PLUGIN', 404],
        ['fed/picky', 'HOSTPULSE_ERR_BAD_VARIABLE', 400],
        ['fed/values/a/b', 'HOSTPULSE_ERR_NO_SUCH_PATH', 404],
      ]) {
        const error = await failure(topic as string);
        assert.ok(error instanceof AgentError, String(error));
        assert.deepEqual([error.code, error.statusCode], [code, statusCode], topic as string);
      }
      await until(() => values.length === 1, 'the right one is told');
      source.next({ a: { n: 2 } });
      await until(() => values.length === 2, 'and told on');
    });

    test('equal questions are asked once, and let go of when nobody listens', async (t) => {
      const { observable, counts } = counted(new Subject<unknown>());
      const { url } = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ values: () => observable }) }) } });
      const client = clientOf(t, url, { ...options, transports: way === 'polling' ? ['sse'] : [way] });
      const first = client.topic('fed', { a: 1, b: 'x' }).subscribe();
      const second = client.topic('/fed', { b: 'x', a: 1 }).subscribe();
      await until(() => counts.running === 1, 'it is asked');
      first.unsubscribe();
      assert.equal(counts.running, 1);
      second.unsubscribe();
      await until(() => counts.running === 0 && client.state.status === 'idle', 'it is let go of');
      assert.equal(counts.started, 1);
    });

    test('a topic whose plugin is taken away fails with what the agent says then', async (t) => {
      const source = new ReplaySubject<unknown>(1);
      source.next({ n: 1 });
      const { url, registry } = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) } });
      const told: unknown[] = [];
      clientOf(t, url, options)
        .topic('fed')
        .subscribe({ next: (value) => told.push(value), error: (error) => told.push(error), complete: () => told.push('complete') });
      await until(() => told.length === 1, 'it is told');
      const fed = registry.get('fed');
      registry.remove(fed);
      await fed.terminate();
      await until(() => told.length === 2, 'it is told why');
      assert.ok(told[1] instanceof AgentError && told[1].code === 'HOSTPULSE_ERR_NO_SUCH_PLUGIN', String(told[1]));
    });

    test('a wrong key ends every topic; the right one opens', async (t) => {
      const source = new ReplaySubject<unknown>(1);
      source.next({ n: 1 });
      const { url } = await startAgent(t, {
        plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) },
        values: { auth: { apiKey: 'a/key+with=signs' } },
      });
      for (const apiKey of [undefined, 'wrong']) {
        const client = clientOf(t, url, { ...options, ...(apiKey === undefined ? {} : { apiKey }) });
        const error = await within(firstValueFrom(client.topic('fed')), 'it is refused').catch((error: unknown) => error);
        assert.ok(error instanceof AgentError && error.code === 'HOSTPULSE_ERR_UNAUTHORIZED', String(error));
      }
      const client = clientOf(t, url, { ...options, apiKey: 'a/key+with=signs' });
      assert.deepEqual(await within(firstValueFrom(client.topic('fed')), 'it is let in'), { n: 1 });
    });

    test('what is asked from the past comes whole and in order', async (t) => {
      const source = new Subject<unknown>();
      const { url } = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) } });
      heard(t, clientOf(t, url).topic('fed'));
      await until(() => source.observed, 'somebody listens');
      for (let sequence = 1; sequence <= 5; sequence++) source.next({ sequence });
      const client = clientOf(t, url, options);
      const from = client.topic<{ sequence: number }>('fed', { since: 2 }).pipe(take(3), toArray());
      assert.deepEqual(
        (await within(firstValueFrom(from), 'three')).map(({ sequence }) => sequence),
        [3, 4, 5],
      );
    });
  });
}

test('a client that is closed holds nothing, and its topics have ended', async (t) => {
  const source = new ReplaySubject<unknown>(1);
  source.next({ n: 1 });
  const agent = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) } });
  // For who polls the agent itself listens for a while longer.
  for (const way of ['websocket', 'sse'] as const) {
    const client = clientOf(t, agent.url, { transports: [way] });
    const states: string[] = [];
    client.state$.subscribe({ next: ({ status }) => states.push(status), complete: () => states.push('end') });
    const ended = new Promise<void>((complete) => void client.topic('fed').subscribe({ next: () => client.close(), complete }));
    await within(ended, 'the topic ends');
    assert.deepEqual(states, ['idle', 'connecting', 'connected', 'closed', 'end']);
    await assert.rejects(firstValueFrom(client.topic('fed')), /the client is closed/);
    await assert.rejects(client.get('fed'), /the client is closed/);
  }
  await until(() => !source.observed, 'nobody listens');
});

test('a program that reads slowly is told each value where it asks for that, and the newest where it does not', async (t) => {
  const sockets: Socket[] = [];
  class Kept extends Socket {
    constructor(url: string, protocols: string[]) {
      super(url, protocols);
      sockets.push(this);
    }
  }
  const source = new Subject<unknown>();
  const { url, registry } = await startAgent(t, {
    plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) },
    values: { limits: { historyBytes: 100_000_000, slowConsumerMs: 600_000 } },
  });
  const client = clientOf(t, url, { WebSocket: Kept as unknown as SocketConstructor, silenceMs: 600_000 });
  const [all, newest] = [{ conflate: false }, {}].map((query) => heard(t, client.topic<{ n: number }>('fed', query)));
  await until(() => registry.get('fed').topics.listeners.count === 2, 'both listen');
  sockets[0]?.pause();
  const text = 'x'.repeat(100_000);
  // More than the system keeps for a socket that nobody reads.
  const last = 300;
  for (let n = 1; n <= last; n++) {
    source.next({ n, text });
    await new Promise(setImmediate);
  }
  sockets[0]?.resume();
  await until(() => all?.at(-1)?.n === last && newest?.at(-1)?.n === last, 'both have the last one');
  assert.deepEqual(
    all?.map(({ n }) => n),
    Array.from({ length: last }, (_, at) => at + 1),
  );
  assert.ok((newest?.length ?? 0) < last, 'it was slow');
});

test('a topic that has come to its end is at its end', async (t) => {
  const { url } = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ values: of(1, 2, 3) }) }) } });
  const values = clientOf(t, url, { transports: ['websocket'] }).topic('fed');
  assert.equal((await within(firstValueFrom(values.pipe(toArray())), 'it ends')).at(-1), 3);
});

test('get answers what a GET answers', async (t) => {
  const { url } = await startAgent(t, { plugins: { fed: pluginOf('fed', { answer: (data) => [200, { given: data.given, list: [1] }] }) } });
  const client = clientOf(t, url);
  assert.deepEqual(await client.get('fed', { given: 'a&b' }), { given: 'a&b', list: [1] });
  assert.equal(await client.get('/fed/list/0'), 1);
  await assert.rejects(client.get('other'), { name: 'AgentError', code: 'HOSTPULSE_ERR_NO_SUCH_PLUGIN', statusCode: 404 });
});
