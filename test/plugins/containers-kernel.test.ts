import assert from 'node:assert/strict';
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { filter, firstValueFrom } from 'rxjs';
import { Host } from '../../src/core/host.ts';
import Containers from '../../src/plugins/containers/plugin.ts';
import { until, within } from '../helpers/build-agent.ts';
import { setStage, type Told } from '../helpers/sampled-stage.ts';

const CONTROLLERS = ['cpu', 'cpuacct', 'memory', 'pids', 'blkio', 'freezer'];
const folderOf = (controller: string) => `/sys/fs/cgroup/${controller}`;
const MEGABYTE = 1024 * 1024;
/** Keeps a processor busy and 64 MB of memory in use. */
const BUSY = `const held = Buffer.alloc(${64 * MEGABYTE}, 1); console.log('ready'); for (;;) held[0]++`;

const skip =
  process.getuid?.() !== 0
    ? 'needs root, to make control groups'
    : CONTROLLERS.every((controller) => existsSync(`${folderOf(controller)}/cgroup.procs`)) || 'needs the controllers of cgroup v1';

test("a container of this kernel's own", { skip: skip === true ? false : skip }, async (t) => {
  const id = randomBytes(32).toString('hex');
  const shortId = id.slice(0, 12);
  const groups = makeGroups(id);
  const busy = busyProcess();
  // In this order: a group with a process in it cannot be removed.
  t.after(async () => {
    await end(busy);
    await removeGroups(groups);
  });
  writeFileSync(`${folderOf('cpu')}/docker/${id}/cpu.cfs_quota_us`, '10000');
  writeFileSync(`${folderOf('memory')}/docker/${id}/memory.limit_in_bytes`, String(256 * MEGABYTE));
  await putToWork(busy, groups);
  const { get, topic, plugin } = await setStage(t, Containers, new Host({ procfs: '/proc', sysfs: '/sys' }), { socketPath: '' });
  const told = topic({ container: shortId, interval: '500ms' });
  const known = await within(
    firstValueFrom(
      told.pipe(filter(({ containers: [own] }) => own?.rateStatus === 'ok' && own.cpuRatio > 0 && own.cpuThrottledPeriods > 0)),
    ),
    'rates of one that is held back',
  );
  const own: Told = known.containers[0];
  // One that never rests, held to a tenth of a core, which it is given on a busy machine, too: ahead by a few periods at most.
  assert.ok(own.cpuRatio < 0.5, `${own.cpuRatio} of a core`);
  assert.ok(own.memoryUsedBytes > 64 * MEGABYTE && own.memoryUsedBytes < 256 * MEGABYTE, `${own.memoryUsedBytes} bytes`);
  assert.deepEqual([own.cpuLimitCores, own.memoryLimitBytes, own.state, own.runtime], [0.1, 256 * MEGABYTE, 'running', 'docker']);
  assert.equal(own.networkReason, "it uses the host's network");
  assert.ok(own.pids >= 1);

  const gone = firstValueFrom(told.pipe(filter(({ containers }) => containers.length === 0)));
  await end(busy);
  await removeGroups(groups);
  await within(gone, 'it is gone');
  assert.deepEqual((await get({ container: shortId })).containers, []);
  plugin.terminate?.();
});

function makeGroups(id: string): string[] {
  return CONTROLLERS.flatMap((controller) => {
    const parent = `${folderOf(controller)}/docker`;
    const isNew = !existsSync(parent);
    mkdirSync(`${parent}/${id}`, { recursive: true });
    return isNew ? [`${parent}/${id}`, parent] : [`${parent}/${id}`];
  });
}

function busyProcess(): ChildProcessWithoutNullStreams {
  return spawn(process.execPath, ['--input-type=module', '-e', `process.stdin.once('data', () => { ${BUSY} })`]);
}

async function putToWork(child: ChildProcessWithoutNullStreams, groups: readonly string[]): Promise<void> {
  for (const group of groups.filter((path) => !path.endsWith('/docker'))) writeFileSync(`${group}/cgroup.procs`, String(child.pid));
  const ready = new Promise((resolve) => child.stdout.once('data', resolve));
  child.stdin.write('go\n');
  await within(ready, 'the process is at work');
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}

/** The kernel lets go of a group a moment after its last process has ended. */
async function removeGroups(groups: readonly string[]): Promise<void> {
  for (const group of groups)
    await until(() => {
      try {
        if (existsSync(group)) rmdirSync(group);
        return true;
      } catch {
        // What others have made there since is theirs.
        return group.endsWith('/docker');
      }
    }, `${group} can be removed`);
}
