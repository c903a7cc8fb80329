import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readdirSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Host } from '../../src/core/host.ts';
import { LinuxSource } from '../../src/plugins/upgrades/source.ts';
import { AptTree, ROOT } from '../helpers/apt-tree.ts';
import type { Cleanup } from '../helpers/build-agent.ts';

/** Everything that is looked at, one of each. */
function full(t: Cleanup): { readonly host: Host; readonly root: string; readonly files: string[] } {
  const tree = new AptTree(t);
  tree.installed([{ name: 'a', version: '1' }]);
  for (const suite of ['stable', 'stable-security']) tree.list(suite, [{ name: 'a', version: '2' }]);
  for (const file of ['etc/apt/preferences', 'etc/apt/preferences.d/own', 'etc/apt/apt.conf', 'etc/apt/apt.conf.d/99own', 'run/utmp']) {
    tree.write(`${ROOT}/${file}`, '');
  }
  for (const file of ['reboot-required', 'reboot-required.pkgs']) tree.write(`${ROOT}/run/${file}`, 'x');
  const root = `${tree.root}/${ROOT}`;
  const host = new Host({ procfs: tree.procfs, sysfs: tree.sysfs, platform: 'linux', rootfs: root });
  const entries = readdirSync(root, { recursive: true, withFileTypes: true });
  return { host, root, files: entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name)) };
}

async function unknown(host: Host): Promise<string> {
  const { count, packages, reason } = await new LinuxSource(host).read();
  assert.deepEqual([count, packages], [null, null]);
  return reason ?? '';
}

test('pipes in place of all files hold up nothing, and no thread', { timeout: 60_000 }, async (t) => {
  const { host, files } = full(t);
  assert.equal((await new LinuxSource(host).read()).count, 1);
  assert.ok(files.length >= 12);
  for (const file of files) rmSync(file);
  execFileSync('mkfifo', files);
  assert.match(await unknown(host), /status cannot be read: it is no file/);
  await Promise.all([1, 2, 3, 4].map(() => stat('/')));
});

test('links to devices lead to nothing below the root, and huge files are not read', { timeout: 60_000 }, async (t) => {
  const { host, files } = full(t);
  // Of holes: they take no room.
  for (const file of files) truncateSync(file, 2 ** 40);
  assert.match(await unknown(host), /status cannot be read: it is larger than is read here/);
  for (const file of files) {
    rmSync(file);
    symlinkSync('/dev/zero', file);
  }
  assert.match(await unknown(host), /zero cannot be read: ENOENT/);
});
