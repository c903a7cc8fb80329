import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { concatMap, firstValueFrom, take, toArray } from 'rxjs';
import { PART_NAMES } from '../../src/plugins/kernel/parts/all.ts';
import Kernel from '../../src/plugins/kernel/plugin.ts';
import { buildAgent } from '../helpers/build-agent.ts';
import { collected, samplesOf } from '../helpers/collected.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { setStage, type Told } from '../helpers/sampled-stage.ts';

const stageOf = (t: TestContext, host: RecordedTree) => setStage(t, Kernel, host, { textfileDirectory: '' });
const treeOf = (t: TestContext, name: string) => new RecordedTree(t, `../kernel/${name}`);
const reasonOf = (answer: Told, part: string) => answer.unknown.find((one: Told) => one.part === part)?.reason;

test('what is pushed and what is asked for are one object, per interval and parts; what is not understood is refused', async (t) => {
  const { get, topic } = await stageOf(t, treeOf(t, 'server'));
  for (const query of [{}, { interval: '60ms' }, { parts: 'softnet,conntrack' }, { interval: '60ms', parts: ['arp'] }]) {
    const pairs = await firstValueFrom(
      topic(query).pipe(
        concatMap(async (pushed) => [pushed, await get(query)]),
        take(3),
        toArray(),
      ),
    );
    for (const [pushed, asked] of pairs) assert.equal(asked, pushed);
    assert.equal(new Set(pairs.map(([pushed]) => pushed.sequence)).size, 3);
  }
  assert.deepEqual(Object.keys(await get({ parts: 'softnet,conntrack' })), ['sequence', 'timestampMs', 'conntrack', 'softnet', 'unknown']);
  for (const query of [{ part: 'arp' }, { parts: 'arps' }, { parts: '' }, { window: '1s' }, { interval: '1ms' }])
    await assert.rejects(get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('a question is answered with a reading of that moment, and nothing is read while nobody asks', async (t) => {
  const host = treeOf(t, 'server');
  const { get, plugin } = await stageOf(t, host);
  const fileHandles = async () => (await get()).fileHandles.allocated;
  assert.equal(await fileHandles(), 2592);
  host.write('proc/sys/fs/file-nr', '2600\t0\t100\n');
  await setTimeout(20);
  assert.equal(await fileHandles(), 2600);
  assert.deepEqual(await samplesOf(plugin, 'filefd'), ['node_filefd_allocated 2600', 'node_filefd_maximum 100']);
});

test('a host that has nothing of all this says of each part why, and tells no sample', async (t) => {
  const { get, plugin, logged } = await stageOf(t, new RecordedTree(t));
  const answer = await get();
  const { selinux, ...parts } = answer;
  assert.deepEqual(selinux, { isEnabled: false, mode: null, configuredMode: null });
  assert.deepEqual(
    PART_NAMES.filter((name) => name !== 'selinux' && parts[name] !== null),
    [],
  );
  assert.deepEqual(
    answer.unknown.map((one: Told) => one.part),
    PART_NAMES.filter((name) => name !== 'selinux'),
  );
  const told = await Promise.all(Object.keys(plugin.collectors?.() ?? {}).map((name) => samplesOf(plugin, name)));
  assert.deepEqual(told.flat(), ['node_selinux_enabled 0', 'node_textfile_scrape_error 0']);
  assert.deepEqual(logged, []);
});

test('elsewhere than on Linux all is unknown', async (t) => {
  const { get } = await stageOf(t, new RecordedTree(t, '../kernel/server', 'darwin'));
  const answer = await get();
  assert.deepEqual(new Set(PART_NAMES.map((name) => answer[name])), new Set([null]));
  assert.deepEqual(new Set(answer.unknown.map((one: Told) => one.reason)), new Set(['only told on Linux']));
});

const DAMAGED = [
  ['proc/net/arp', 'arp', 'arp'],
  ['proc/net/softnet_stat', 'softnet', 'softnet'],
  ['proc/net/stat/nf_conntrack', 'conntrack', 'conntrack'],
  ['proc/schedstat', 'schedstat', 'schedstat'],
  ['proc/net/udp', 'udpQueues', 'udp_queues'],
  ['proc/mdstat', 'raid', 'mdadm'],
] as const;

test('a file that is half written leaves its part unknown and its collector failed, and no other', async (t) => {
  const host = treeOf(t, 'server');
  const { get, plugin } = await stageOf(t, host);
  const whole = await get();
  for (const [path, part, collector] of DAMAGED) {
    const before = readFileSync(`${host.root}/${path}`);
    host.write(path, before.subarray(0, before.length - 3));
    await setTimeout(10);
    const { unknown, ...told } = await get();
    assert.equal(told[part], null, path);
    assert.match(reasonOf({ unknown }, part), /ends in the middle of a line/, path);
    await assert.rejects(collected(plugin, collector), /ends in the middle of a line/, path);
    assert.deepEqual({ ...told, [part]: whole[part], sequence: 0, timestampMs: 0 }, { ...rest(whole), sequence: 0, timestampMs: 0 });
    host.write(path, before);
    await setTimeout(10);
    assert.deepEqual((await get())[part], whole[part]);
  }
});

function rest({ unknown: _, ...told }: Told): Told {
  return told;
}

test('files that are empty or full of something else are no numbers', async (t) => {
  const host = treeOf(t, 'server');
  const { get } = await stageOf(t, host);
  for (const text of ['', '\n', 'a\tb\tc\n', '-1\t0\t5\n', '\0\0\0\n', '{"no":"numbers"}\n', `${'9'.repeat(5000)}x\n`]) {
    for (const file of ['fs/file-nr', 'kernel/random/entropy_avail', 'net/netfilter/nf_conntrack_max'])
      host.write(`proc/sys/${file}`, text);
    for (const file of ['softnet_stat', 'stat/nf_conntrack', 'udp', 'arp']) host.write(`proc/net/${file}`, text);
    for (const file of ['schedstat', 'mdstat']) host.write(`proc/${file}`, text);
    await setTimeout(10);
    // Held against what is declared by the stage.
    const { fileHandles, entropy, unknown } = await get();
    assert.deepEqual([fileHandles, entropy], [null, null], text);
    assert.match(reasonOf({ unknown }, 'fileHandles'), /where a number should be/);
  }
});

test('what may not be read says so', { skip: process.getuid?.() === 0 ? 'root may read everything' : false }, async (t) => {
  const host = treeOf(t, 'server');
  chmodSync(`${host.root}/proc/sys/fs/file-nr`, 0);
  const { get, plugin } = await stageOf(t, host);
  assert.match(reasonOf(await get(), 'fileHandles'), /EACCES/);
  await assert.rejects(collected(plugin, 'filefd'), /EACCES/);
});

test('what cannot be read fails its collector and says why, until it can be', async (t) => {
  const host = treeOf(t, 'server');
  const { get, plugin } = await stageOf(t, host);
  host.remove('proc/sys/fs/file-nr');
  mkdirSync(`${host.root}/proc/sys/fs/file-nr`);
  assert.match(reasonOf(await get(), 'fileHandles'), /EISDIR/);
  await assert.rejects(collected(plugin, 'filefd'), /EISDIR/);
  host.remove('proc/sys/fs/file-nr');
  assert.deepEqual(await samplesOf(plugin, 'filefd'), []);
  host.write('proc/sys/fs/file-nr', '1\t0\t2\n');
  assert.deepEqual(await samplesOf(plugin, 'filefd'), ['node_filefd_allocated 1', 'node_filefd_maximum 2']);
});

test('over HTTP the path leads to a part and into it, and some collectors work only where they are named', async (t) => {
  const host = treeOf(t, 'server');
  const paths = { procfs: host.procfs, sysfs: host.sysfs };
  const { app } = await buildAgent(t, { plugins: { kernel: Kernel }, values: { paths } });
  assert.equal((await app.inject('/kernel/bonding/bond0/activeSlaves')).body, '1');
  assert.equal((await app.inject('/kernel/memoryErrors/0/csrows/10/correctable?parts=memoryErrors')).body, '1');
  assert.equal((await app.inject('/kernel/raid')).statusCode, 200);
  assert.equal((await app.inject('/kernel/bonding/bond7')).statusCode, 404);
  assert.equal((await app.inject('/kernel?parts=bonds')).statusCode, 400);
  const all = (await app.inject('/metrics')).body;
  assert.match(all, /^node_edac_correctable_errors_total\{controller="0"\} 5$/m);
  assert.doesNotMatch(all, /node_interrupts_total|node_tcp_connection_states/);
  assert.doesNotMatch(all, /node_scrape_collector_success\{.*\} 0/);
  const some = (await app.inject('/metrics?collect[]=interrupts&collect[]=tcpstat')).body;
  assert.match(some, /^node_interrupts_total\{cpu="3",devices="",info="Local timer interrupts",type="LOC"\} 712345678$/m);
  assert.match(some, /^node_tcp_connection_states\{state="listen"\} 2$/m);
});
