import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesystemCollectors } from '../../src/plugins/filesystems/metrics.ts';
import type { Mount } from '../../src/plugins/filesystems/mountinfo.ts';
import { LinuxSource } from '../../src/plugins/filesystems/source.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { samples } from '../helpers/told-metrics.ts';

const SPACE = { sizeBytes: 1000, freeBytes: 400, availableBytes: 350, inodes: 100, inodesFree: 75 };

test('mounts are told in node_exporter’s words; one that does not answer has an error and no numbers', async (t) => {
  const ask = async ({ mountpoint }: Mount) =>
    mountpoint === '/mnt/backup'
      ? ({ status: 'failed', error: 'ESTALE', space: null } as const)
      : ({ status: 'ok', error: null, space: SPACE } as const);
  const source = new LinuxSource(new RecordedTree(t, 'linux-3.10'), 500, ask);
  t.after(() => source.close());
  const lines = await samples(filesystemCollectors(source), 'filesystem');
  const of = (place: string) =>
    lines.filter((line) => line.includes(`mountpoint="${place}"`)).map((line) => line.replace(/node_filesystem_(\w+)\{.*\}/, '$1'));
  assert.deepEqual(of('/'), [
    'size_bytes 1000',
    'free_bytes 400',
    'avail_bytes 350',
    'files 100',
    'files_free 75',
    'readonly 0',
    'device_error 0',
  ]);
  assert.deepEqual(
    of('/mnt/backup').filter((line) => !line.startsWith('readonly')),
    ['device_error 1'],
  );
  assert.equal(of('/media/USB Stick\ta\\\\b').length, 7);
  assert.deepEqual(of('/dev/shm'), []);
  assert.ok(lines.every((line) => /\{device=".*",fstype=".*",mountpoint=".*"\} \d+$/.test(line)));
});
