import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryCollectors } from '../../src/plugins/memory/metrics.ts';
import Memory from '../../src/plugins/memory/plugin.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { samples, told } from '../helpers/told-metrics.ts';

test('every line of meminfo is told under its name, kB as bytes', async (t) => {
  const tree = new RecordedTree(t, 'linux-3.10');
  const { collectors } = new MemoryCollectors(tree);
  const lines = await samples(collectors, 'meminfo');
  for (const line of [
    'node_memory_Active_anon_bytes 1845493760',
    'node_memory_HugePages_Rsvd 1',
    'node_memory_Hugepagesize_bytes 2097152',
  ]) {
    assert.ok(lines.includes(line), line);
  }
  assert.match(
    await told(collectors, 'meminfo'),
    /^# HELP node_memory_HugePages_Rsvd Memory information field HugePages_Rsvd\.\n# TYPE node_memory_HugePages_Rsvd gauge$/m,
  );
  tree.write('proc/meminfo', 'MemTotal: 1 kB\nNew-Thing(a):  7\nNoNumber:\n');
  assert.deepEqual(await samples(collectors, 'meminfo'), ['node_memory_MemTotal_bytes 1024', 'node_memory_New_Thing_a 7']);
});

test('vmstat tells node_exporter’s choice of lines', async (t) => {
  const tree = new RecordedTree(t, 'linux-3.10');
  const { collectors } = new MemoryCollectors(tree);
  assert.deepEqual(await samples(collectors, 'vmstat'), [
    'node_vmstat_pgpgin 88112233',
    'node_vmstat_pgpgout 120112233',
    'node_vmstat_pswpin 4021',
    'node_vmstat_pswpout 25012',
    'node_vmstat_pgfault 9911223344',
    'node_vmstat_pgmajfault 220113',
  ]);
  assert.match(
    await told(collectors, 'vmstat'),
    /^# HELP node_vmstat_pgpgin \/proc\/vmstat information field pgpgin\.\n# TYPE node_vmstat_pgpgin untyped$/m,
  );
  tree.write('proc/vmstat', 'pgpgin 1\noom_kill 2\nnr_free_pages 3\npgpg');
  await assert.rejects(samples(collectors, 'vmstat'), /middle of a line/);
  tree.remove('proc/vmstat');
  await assert.rejects(samples(collectors, 'vmstat'), /ENOENT/);
});

test('only Linux has these files', () => {
  assert.equal(new Memory({ parameters: {} } as never).collectors(), null);
});
