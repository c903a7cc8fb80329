import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diskCollectors } from '../../src/plugins/disks/metrics.ts';
import { DiskSource } from '../../src/plugins/disks/source.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { samples } from '../helpers/told-metrics.ts';

test('devices are told in node_exporter’s words, without its defaults of what is left out', async (t) => {
  const tree = new RecordedTree(t, 'raspberry-pi-4');
  tree.write('proc/1/root/run/udev/data/b179:0', 'S:disk/by-id/x\nE:ID_SERIAL_SHORT=0xa"1\nE:ID_MODEL=SD 64\nE:ID_PATH=platform-mmc\n');
  const lines = await samples(diskCollectors(new DiskSource(tree), tree), 'diskstats');
  const ofCard = lines.filter((line) => line.includes('device="mmcblk0"')).map((line) => line.replace('node_disk_', ''));
  assert.deepEqual(ofCard, [
    'info{device="mmcblk0",major="179",minor="0",path="platform-mmc",wwn="",model="SD 64",serial="0xa\\"1",revision=""} 1',
    'reads_completed_total{device="mmcblk0"} 31223',
    'reads_merged_total{device="mmcblk0"} 9120',
    'read_bytes_total{device="mmcblk0"} 1183766528',
    'read_time_seconds_total{device="mmcblk0"} 118.022',
    'writes_completed_total{device="mmcblk0"} 20112',
    'writes_merged_total{device="mmcblk0"} 18221',
    'written_bytes_total{device="mmcblk0"} 466544640',
    'write_time_seconds_total{device="mmcblk0"} 402.21',
    'io_now{device="mmcblk0"} 0',
    'io_time_seconds_total{device="mmcblk0"} 160.112',
    'io_time_weighted_seconds_total{device="mmcblk0"} 523.344',
    ...['discards_completed', 'discards_merged', 'discarded_sectors', 'discard_time_seconds'].map(
      (name) => `${name}_total{device="mmcblk0"} 0`,
    ),
    'flush_requests_total{device="mmcblk0"} 1811',
    'flush_requests_time_seconds_total{device="mmcblk0"} 3.112',
  ]);
  assert.deepEqual(
    lines.filter((line) => /"(ram|loop)/.test(line)),
    [],
  );
});

test('what an old kernel does not count is not told, and new devices are at the next scrape', async (t) => {
  const tree = new RecordedTree(t);
  const collectors = diskCollectors(new DiskSource(tree), tree);
  tree.write('proc/diskstats', '   8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n');
  const names = (lines: string[]) => lines.map((line) => /^node_disk_(\w+)\{device="(\w+)/.exec(line)?.slice(1).join(' '));
  const old = names(await samples(collectors, 'diskstats'));
  assert.equal(old.length, 12);
  tree.write('proc/diskstats', '   8 0 sda 1 2 3 4 5 6 7 8 9 10 11\n   8 16 sdb 1 2 3 4 5 6 7 8 9 10 11\n');
  const both = names(await samples(collectors, 'diskstats'));
  assert.equal(both.filter((name) => name?.endsWith(' sdb')).length, 12);
});
