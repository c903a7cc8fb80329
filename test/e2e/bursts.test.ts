import assert from 'node:assert/strict';
import { test } from 'node:test';
import NetInfo from '../../src/plugins/netinfo/plugin.ts';
import { startAgent, until } from '../helpers/build-agent.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect } from '../helpers/ws-client.ts';

const ASKED = 'interval=250ms&burst=50ms&iface=lo';
const DATA = '{"type":"data","id":"a","data":';
const sequenceOf = (text: string) => (JSON.parse(text) as { sequence: number }).sequence;

test('a burst is the same bytes on a socket, an event stream, /stream and by GET, and a path leads to its peak', async (t) => {
  const { wsUrl, url } = await startAgent(t, { plugins: { netinfo: NetInfo } });
  const socket = await connect(t, `${wsUrl}/netinfo?${ASKED}`);
  const events = await listen(t, `${url}/netinfo?burst=50ms&iface=lo&interval=250ms`);
  const stream = await connect(t, `${wsUrl}/stream`);
  stream.say({ type: 'subscribe', id: 'a', topic: 'netinfo', query: { interval: '250ms', burst: '50ms', iface: ['lo'] } });
  const got: string[] = [];
  await until(async () => {
    got.push(await (await fetch(`${url}/netinfo?${ASKED}`)).text());
    return socket.messages.length > 4 && events.events.length > 3 && stream.messages.length > 3;
  }, 'samples come');
  const bySequence = new Map(socket.messages.map((text) => [sequenceOf(text), text]));
  const told = (texts: readonly string[]) => texts.filter((text) => bySequence.has(sequenceOf(text)));
  const others = [got, events.events.map(({ data }) => data), stream.messages.map((text) => text.slice(DATA.length, -1))].map(told);
  for (const texts of others) {
    assert.ok(texts.length > 1);
    for (const text of texts) assert.equal(text, bySequence.get(sequenceOf(text)));
  }
  assert.ok(socket.messages.slice(1).every((text) => /"burst":\{"intervalMs":[\d.]+,"samples":\d/.test(text)));
  const peak = await (await fetch(`${url}/netinfo/interfaces/lo/burst/rxBytesPerSecond/max?${ASKED}`)).text();
  assert.match(peak, /^[\d.]+$/);
});

test('who was cut gets the bursts that somebody else has heard meanwhile, and is told where nobody has', async (t) => {
  const { wsUrl, url } = await startAgent(t, { plugins: { netinfo: NetInfo } });
  const watcher = await connect(t, `${wsUrl}/netinfo?${ASKED}`);
  await until(() => watcher.messages.length > 4, 'samples come');
  const kept = await (await fetch(`${url}/netinfo/rates?${ASKED}&since=${sequenceOf(watcher.messages[1] as string)}`)).text();
  // What was kept when it was asked may be on its way to the watcher still.
  const count = (JSON.parse(kept) as object[]).length;
  assert.ok(count > 1, kept);
  await until(() => watcher.messages.length >= 2 + count, 'the watcher has as much');
  assert.equal(kept, `[${watcher.messages.slice(2, 2 + count).join()}]`);
  const before = await connect(t, `${wsUrl}/netinfo?interval=250ms&burst=60ms&since=${Date.now() - 1000}`);
  assert.ok('gap' in ((await before.nextJson()) as object));
});
