import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { concatMap, filter, firstValueFrom, type Observable, take, toArray } from 'rxjs';
import type { Query } from '../../src/core/base-plugin.ts';
import Sockets from '../../src/plugins/sockets/plugin.ts';
import { stateFields } from '../../src/plugins/sockets/schema.ts';
import { until } from '../helpers/build-agent.ts';
import { conformanceProblems } from '../helpers/conformance.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { type SampledStage, setStage, type Told } from '../helpers/sampled-stage.ts';

const states = ({ plugin }: SampledStage, query: Query = {}) =>
  (plugin.observables?.()?.states as (query: Query) => Observable<Told>)?.(query);
const snmp = (sent: number, again: number) =>
  `Tcp: MaxConn OutSegs RetransSegs CurrEstab\nTcp: -1 ${sent} ${again} 4\nUdp: InDatagrams InErrors\nUdp: ${sent} 0\n`;

test('a recorded host is told as it was', async (t) => {
  const { get } = await setStage(t, Sockets, new RecordedTree(t, 'linux-3.10'));
  const { tcp, udp, udp6, other, status } = await get();
  assert.deepEqual([tcp.established, tcp.inUse, tcp.inUse6, tcp.orphaned, tcp.timeWait, tcp.memoryPages], [48, 61, 9, 2, 130, 44]);
  assert.deepEqual(
    [tcp.retransmittedSegments, tcp.listenOverflows, tcp.listenDrops, tcp.timeouts, tcp.backlogDrops],
    [40112, 811, 812, 9012, 33],
  );
  assert.deepEqual(
    [udp.receivedDatagrams, udp.receiveBufferErrors, udp.inUse, udp6.receivedDatagrams, udp6.inUse],
    [811223, 30, 12, 44, 5],
  );
  assert.deepEqual([other.used, other.raw, other.fragmentBytes6, status], [812, 1, 4608, 'ok']);
  // This kernel does not tell them.
  assert.deepEqual([tcp.retransmittedSyns, udp.checksumErrors, udp6.receiveBufferErrors], [null, null, null]);
});

test('rates and the share of what was sent again follow the counters', async (t) => {
  const host = new RecordedTree(t);
  host.write('proc/net/snmp', snmp(1000, 10));
  const { topic } = await setStage(t, Sockets, host);
  const next = firstValueFrom(topic().pipe(filter(({ tcp, rateStatus }) => rateStatus === 'ok' && tcp.sentSegments > 1000)));
  host.write('proc/net/snmp', snmp(1090, 20));
  const { tcp, udp, udp6, intervalMs } = await next;
  assert.equal(tcp.retransmittedRatio, 0.1);
  assert.ok(Math.abs((tcp.sentSegmentsPerSecond * intervalMs) / 90_000 - 1) < 0.001);
  assert.deepEqual([udp.receivedDatagrams, udp6.receivedDatagrams, tcp.inUse, tcp.listenDrops], [1090, null, null, null]);
});

test('a counter that runs backwards makes rates unknown, not negative', async (t) => {
  const host = new RecordedTree(t);
  host.write('proc/net/snmp', snmp(1000, 10));
  const { topic } = await setStage(t, Sockets, host);
  const next = firstValueFrom(topic().pipe(filter(({ rateStatus }) => rateStatus === 'reset')));
  host.write('proc/net/snmp', snmp(5, 0));
  const { tcp } = await next;
  assert.deepEqual([tcp.sentSegmentsPerSecond, tcp.retransmittedRatio, tcp.sentSegments], [null, null, 5]);
});

test('what is pushed and what is asked for are one object, per interval and view', async (t) => {
  const { get, topic } = await setStage(t, Sockets, new RecordedTree(t, 'linux-3.10'));
  for (const query of [{}, { interval: '60ms' }, { fields: 'udp' }]) {
    const pairs = await firstValueFrom(
      topic(query).pipe(
        concatMap(async (pushed) => [pushed, await get(query)]),
        take(3),
        toArray(),
      ),
    );
    for (const [pushed, asked] of pairs) assert.equal(asked, pushed);
  }
});

test('states are counted for who asks', async (t) => {
  const stage = await setStage(t, Sockets, new RecordedTree(t, 'linux-3.10'));
  const told = await firstValueFrom(states(stage));
  assert.deepEqual(conformanceProblems(stateFields, told), []);
  const { listen, established, timeWait, closeWait, newSynReceived, closing } = told.tcp;
  assert.deepEqual([listen, established, timeWait, closeWait, newSynReceived, closing], [3, 3, 1, 1, 1, 0]);
  const two = await firstValueFrom(states(stage, { interval: '60ms' }).pipe(take(2), toArray()));
  assert.ok(two[1].sequence > two[0].sequence);
  const without = await setStage(t, Sockets, new RecordedTree(t));
  assert.equal((await firstValueFrom(states(without))).tcp, null);
});

test('what is not understood is refused, by its name', async (t) => {
  const stage = await setStage(t, Sockets, new RecordedTree(t, 'linux-3.10'));
  for (const query of [{ field: 'tcp' }, { fields: 'tcp4' }, { interval: '1ms' }, { window: '9s' }]) {
    const [name] = Object.keys(query);
    await assert.rejects(stage.get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message: new RegExp(name as string) });
  }
  for (const query of [{ fields: 'tcp' }, { interval: 'x' }])
    assert.throws(() => states(stage, query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('a file that is cut is a gap that is said once, and the stream goes on', async (t) => {
  const host = new RecordedTree(t, 'linux-3.10');
  const { topic, logged } = await setStage(t, Sockets, host);
  host.cut('proc/1/net/snmp', 60);
  await until(() => logged.length > 0, 'it is told');
  await setTimeout(250);
  assert.deepEqual(logged, ['sockets could not be read; trying again at every tick']);
  host.write('proc/1/net/snmp', snmp(7, 7));
  await firstValueFrom(topic().pipe(filter(({ tcp }) => tcp.sentSegments === 7)));
});

test('where there are no such files, nothing is told, and why', async (t) => {
  for (const host of [new RecordedTree(t), new RecordedTree(t, 'linux-3.10', 'darwin')]) {
    const { get, logged } = await setStage(t, Sockets, host);
    const { tcp, status } = await get();
    assert.deepEqual([status, tcp.inUse, tcp.sentSegments, logged], ['unsupported', null, null, []]);
  }
});
