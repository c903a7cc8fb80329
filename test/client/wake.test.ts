import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Subject } from 'rxjs';
import { onWake } from '../../src/client/wake.ts';
import { startAgent, until } from '../helpers/build-agent.ts';
import { ChaosProxy } from '../helpers/chaos-proxy.ts';
import { clientOf, heard } from '../helpers/heard.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

/** As much of a page as is asked for. */
function inPage(t: TestContext) {
  const listeners = new Map<string, () => void>();
  const target = {
    visibilityState: 'visible',
    addEventListener: (name: string, listener: () => void) => void listeners.set(name, listener),
    removeEventListener: (name: string) => void listeners.delete(name),
  };
  const page = globalThis as Record<string, unknown>;
  Object.assign(page, { ...target, document: target });
  t.after(() => {
    for (const name of [...Object.keys(target), 'document']) delete page[name];
  });
  return { listeners, target };
}

test('a page that is online again, or is looked at again, is told so', (t) => {
  const { listeners, target } = inPage(t);
  let woken = 0;
  const stop = onWake(() => woken++);
  assert.deepEqual([...listeners.keys()], ['online', 'visibilitychange']);
  listeners.get('online')?.();
  listeners.get('visibilitychange')?.();
  target.visibilityState = 'hidden';
  listeners.get('visibilitychange')?.();
  assert.equal(woken, 2);
  stop();
  assert.equal(listeners.size, 0);
});

for (const way of ['websocket', 'sse', 'polling'] as const) {
  test(`a line that died in its sleep is made anew when the page is looked at again, over ${way}`, async (t) => {
    const { listeners } = inPage(t);
    const source = new Subject<unknown>();
    const { port, wsUrl } = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) } });
    await connectWs(t, `${wsUrl}/fed`);
    const proxy = await ChaosProxy.start(t, port);
    // Without the look, another minute would pass: longer than is waited for here. A socket is asked first, and given a third of it.
    const silenceMs = way === 'websocket' ? 600 : 60_000;
    // The next poll may go over the connection of the last one, which is as dead.
    const connectMs = way === 'polling' ? 500 : 60_000;
    const client = clientOf(t, proxy.url, { transports: [way], silenceMs, connectMs, pollMs: 20 });
    const told = heard(t, client.topic('fed', { since: 0 }));
    let sequence = 0;
    await until(() => {
      source.next({ sequence: ++sequence });
      return told.length > 0;
    }, 'it is told');
    proxy.muteAll();
    const last = ++sequence;
    source.next({ sequence: last });
    const { now } = Date;
    t.mock.method(Date, 'now', () => now() + 3_600_000);
    listeners.get('visibilitychange')?.();
    await until(() => told.length === last, 'it is told on');
    assert.deepEqual(
      told,
      Array.from({ length: last }, (_, at) => ({ sequence: at + 1 })),
    );
  });
}

test('a line that is alive is kept when the page is looked at again', async (t) => {
  const { listeners } = inPage(t);
  const source = new Subject<unknown>();
  const { port } = await startAgent(t, { plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) } });
  const proxy = await ChaosProxy.start(t, port);
  const client = clientOf(t, proxy.url, { transports: ['websocket'], silenceMs: 300 });
  const states = heard(t, client.state$);
  const told = heard(t, client.topic('fed'));
  await until(() => source.observed, 'it is asked');
  for (let look = 1; look <= 5; look++) {
    listeners.get('visibilitychange')?.();
    source.next({ sequence: look });
    await until(() => told.length === look, 'it is told');
  }
  assert.deepEqual(
    states.map(({ status }) => status),
    ['idle', 'connecting', 'connected'],
  );
});
