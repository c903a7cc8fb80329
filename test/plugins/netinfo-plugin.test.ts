import assert from 'node:assert/strict';
import { truncateSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { concatMap, filter, firstValueFrom, type Observable, take, toArray } from 'rxjs';
import type { Query, RequestData } from '../../src/core/base-plugin.ts';
import type { Change } from '../../src/plugins/netinfo/events.ts';
import NetInfo from '../../src/plugins/netinfo/plugin.ts';
import type { Snapshot } from '../../src/plugins/netinfo/snapshot.ts';
import type { PluginEvent } from '../../src/plugins/shared/event-topic.ts';
import { until } from '../helpers/build-agent.ts';
import { contextOf } from '../helpers/plugins.ts';
import { device, link, RecordedHost } from '../helpers/sysfs-tree.ts';

interface Stage {
  readonly host: RecordedHost;
  readonly netinfo: NetInfo;
  readonly get: (query?: Query) => Promise<Snapshot>;
  readonly rates: (query?: Query) => Observable<Snapshot>;
  readonly event: (wanted: string, query?: Query) => Promise<PluginEvent<Change>>;
  readonly logged: string[];
}

const request = (query: Query): RequestData => ({ requestHeaders: {}, subpath: '', method: 'GET', clientIp: '127.0.0.1', ...query });

async function set(t: TestContext, rows: Parameters<RecordedHost['count']>[0] = { eth0: [1000, 1000] }): Promise<Stage> {
  const host = new RecordedHost(t);
  host.plug('eth0', device({ device: link('../../../virtio1') }, 2));
  host.count(rows);
  const logged: string[] = [];
  const note = (fields: object | string, message?: string) => logged.push(message ?? String(fields));
  const log = { debug: note, info: note, warn: note, error: note };
  const parameters = { intervalMs: 100, shortestIntervalMs: 50, historyMs: 5000, historyBytes: 1_000_000 };
  const netinfo = new NetInfo(contextOf(parameters, { log, host }));
  await netinfo.initialize();
  t.after(() => netinfo.terminate());
  const topics = netinfo.observables();
  const get = async (query: Query = {}) => {
    const [status, body] = await netinfo.requestHandler(request(query));
    assert.equal(status, 200);
    return body as Snapshot;
  };
  const event = (wanted: string, query: Query = {}) =>
    firstValueFrom(topics.events.values(query).pipe(filter((one) => one.event === wanted)));
  return { host, netinfo, get, rates: (query: Query = {}) => topics.rates.values(query), event, logged };
}

test('the first question is answered at once, and soon the rates are known', async (t) => {
  const { get } = await set(t);
  const first = await get();
  assert.deepEqual(
    first.interfaces.map(({ iface, kind, index }) => [iface, kind, index]),
    [['eth0', 'physical', 2]],
  );
  await until(async () => (await get()).interfaces[0]?.rateStatus === 'ok', 'rates are known');
});

test('what is pushed and what is asked for are one object, per interval and view', async (t) => {
  const { get, rates } = await set(t);
  for (const query of [{}, { interval: '60ms' }, { fields: 'iface,rx', interval: '60ms' }]) {
    const ask = concatMap(async (pushed: Snapshot) => ({ pushed, asked: await get(query) }));
    const pairs = await firstValueFrom(rates(query).pipe(ask, take(4), toArray()));
    for (const { pushed, asked } of pairs) assert.equal(asked, pushed);
    assert.equal(new Set(pairs.map(({ pushed }) => pushed)).size, 4);
  }
});

test('views of one sample differ, and have its sequence', async (t) => {
  const { get } = await set(t);
  const [whole, narrow, bits] = await Promise.all([get(), get({ fields: 'iface' }), get({ unit: 'bits' })]);
  assert.deepEqual(narrow.interfaces, [{ iface: 'eth0' }]);
  assert.deepEqual([narrow.sequence, bits.sequence], [whole.sequence, whole.sequence]);
});

test('sequences rise strictly from sample to sample', async (t) => {
  const { rates } = await set(t);
  const sequences = (await firstValueFrom(rates({ interval: '50ms' }).pipe(take(8), toArray()))).map(({ sequence }) => sequence);
  assert.equal(new Set(sequences).size, 8);
  assert.deepEqual(
    sequences,
    sequences.toSorted((a, b) => a - b),
  );
});

test('a window is an average over the past; it is for questions, not for subscriptions', async (t) => {
  const { get, rates } = await set(t);
  // Long enough a past for it.
  await firstValueFrom(rates().pipe(take(5), toArray()));
  const snapshot = await get({ window: '200ms' });
  assert.ok((snapshot.intervalMs ?? 0) >= 200);
  assert.throws(() => rates({ window: '1s' }), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message: /^window .*interval, for a subscription/ });
  await assert.rejects(get({ window: '6s' }), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('what is not understood is refused, in questions and in subscriptions', async (t) => {
  const { get, rates, netinfo } = await set(t);
  for (const query of [{ face: 'eth0' }, { interval: '10ms' }, { kind: 'ethernet' }, { iface: '' }]) {
    await assert.rejects(get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
    assert.throws(() => rates(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
  }
  assert.throws(() => netinfo.observables().events.values({ kind: 'physical' }), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('an interface that comes is shown with all that is known of it from its first sample on', async (t) => {
  const { host, rates, event } = await set(t);
  const added = event('added');
  const shown = firstValueFrom(rates().pipe(filter(({ interfaces }) => interfaces.length === 2)));
  host.plug('wg0', device({ uevent: 'wireguard', type: 65534 }, 9));
  host.count({ eth0: [1000, 1000], wg0: [5, 5] });
  const { interfaces } = await shown;
  assert.deepEqual([interfaces[1]?.kind, interfaces[1]?.index, interfaces[1]?.rateStatus], ['wireguard', 9, 'first']);
  const { iface, index, kind, sequence, timestampMs } = await added;
  assert.deepEqual([iface, index, kind], ['wg0', 9, 'wireguard']);
  assert.ok(sequence > 0 && timestampMs > 0);
});

test('a sample shows the states of its own time, whenever it is looked at', async (t) => {
  const { host, get, rates } = await set(t);
  const slow = rates({ interval: '1h' }).subscribe();
  t.after(() => slow.unsubscribe());
  // Its second sample comes soon, for the rates; the third in an hour.
  await until(async () => (await get({ interval: '1h' })).interfaces[0]?.rateStatus === 'ok', 'rates are known');
  const { sequence } = await get({ interval: '1h' });
  host.write('eth0', 'operstate', 'down');
  await firstValueFrom(rates().pipe(filter(({ interfaces }) => interfaces[0]?.operstate === 'down')));
  const old = await get({ interval: '1h', fields: 'operstate' });
  assert.deepEqual([old.sequence, old.interfaces], [sequence, [{ operstate: 'up' }]]);
});

test('counters that begin anew are a reset in the samples and an event', async (t) => {
  const { host, rates, event } = await set(t);
  await firstValueFrom(rates().pipe(filter(({ interfaces }) => interfaces[0]?.rateStatus === 'ok')));
  const [reset, told] = [firstValueFrom(rates().pipe(filter(({ interfaces }) => interfaces[0]?.rateStatus === 'reset'))), event('reset')];
  host.count({ eth0: [10, 10] });
  const [sample, { iface }] = await Promise.all([reset, told]);
  assert.deepEqual(
    [sample.interfaces[0]?.rx, sample.interfaces[0]?.rxBytesPerSecond, sample.totals.physical.rxBytesPerSecond],
    ['n/a', null, null],
  );
  assert.equal(iface, 'eth0');
});

test('a file that cannot be read is a gap, said once in the log, and the stream goes on when it can', async (t) => {
  const { host, rates, event, logged } = await set(t);
  await firstValueFrom(rates().pipe(filter(({ interfaces }) => interfaces[0]?.rateStatus === 'ok')));
  const gap = event('gap');
  host.count({});
  const file = `${host.root}/proc/1/net/dev`;
  // Kept open, the file is read on as it was; cut short, it is no file that could be believed.
  truncateSync(file, 10);
  assert.match(String((await gap).reason), /has no header/);
  await setTimeout(350);
  assert.equal(logged.filter((line) => /could not be read/.test(line)).length, 1, logged.join('\n'));
  host.count({ eth0: [2000, 2000] });
  await firstValueFrom(rates().pipe(filter(({ interfaces }) => interfaces[0]?.rxBytes === 2000)));
});

test('a filter of events holds back the others', async (t) => {
  const { host, netinfo } = await set(t);
  const heard: string[] = [];
  const listening = netinfo
    .observables()
    .events.values({ event: 'added', iface: 'tap*' })
    .subscribe(({ event, iface }) => heard.push(`${event} ${iface}`));
  t.after(() => listening.unsubscribe());
  host.plug('tun1', device({ tun_flags: '0x1001' }, 11));
  host.plug('tap1', device({ tun_flags: '0x1002' }, 12));
  host.count({ eth0: [1000, 1000], tun1: [1, 1], tap1: [1, 1] });
  await until(() => heard.length > 0, 'it is told');
  assert.deepEqual(heard, ['added tap1']);
});

test('after terminate its topics end, and questions are told that it is not running', async (t) => {
  const { netinfo, get } = await set(t);
  const ended = firstValueFrom(netinfo.observables().events.values({ event: 'down' }).pipe(toArray()));
  netinfo.terminate();
  netinfo.terminate();
  assert.deepEqual(await ended, []);
  await assert.rejects(get(), { code: 'HOSTPULSE_ERR_PLUGIN_NOT_READY' });
});
