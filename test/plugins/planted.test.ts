import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, symlinkSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { FileReader } from '../../src/core/host.ts';

const CHILD = fileURLToPath(new URL('../helpers/planted-child.js', import.meta.url));
/** Who is not through by then hangs. */
const PATIENCE_MS = 60_000;

/** All recorded hosts in one tree, with everything that any plugin reads. */
function tree(t: TestContext): { readonly root: string; readonly files: string[] } {
  const root = mkdtempSync(join(tmpdir(), 'hostpulse-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const host of ['hosts/raspberry-pi-4', 'hosts/debian-12', 'kernel/laptop', 'kernel/server']) {
    cpSync(`test/fixtures/${host}`, root, { recursive: true, verbatimSymlinks: true, force: true });
  }
  mkdirSync(`${root}/root`, { recursive: true });
  const found = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  // Since Node 22 also what links lead to: one file by several names.
  const files = [...new Set(found.map(({ parentPath, name }) => realpathSync(join(parentPath, name))))];
  assert.ok(files.length > 150);
  return { root, files };
}

async function run(root: string): Promise<{ readonly asked: number; readonly memory: { arrayBuffers: number; rss: number } }> {
  const { stdout } = await promisify(execFile)(process.execPath, [CHILD, root], { timeout: PATIENCE_MS, killSignal: 'SIGKILL' });
  const lines = stdout.trim().split('\n');
  return { asked: lines.length - 1, memory: JSON.parse(lines.at(-1) ?? '') };
}

test('pipes in place of all files hold up no plugin, no scrape and no thread', async (t) => {
  const { root, files } = tree(t);
  for (const file of files) rmSync(file);
  for (let at = 0; at < files.length; at += 500) execFileSync('mkfifo', files.slice(at, at + 500));
  assert.ok((await run(root)).asked > 30);
});

test('devices that never end, in place of all files, fill no memory', async (t) => {
  const { root, files } = tree(t);
  for (const file of files) {
    rmSync(file);
    symlinkSync('/dev/zero', file);
  }
  const { memory } = await run(root);
  assert.ok(memory.arrayBuffers < 40_000_000, `${memory.arrayBuffers} bytes`);
});

test('huge files in place of all others fill no memory', async (t) => {
  const { root, files } = tree(t);
  // Of holes: they take no room.
  for (const file of files) truncateSync(file, 2 ** 40);
  const { memory } = await run(root);
  assert.ok(memory.arrayBuffers < 40_000_000, `${memory.arrayBuffers} bytes`);
});

test('what is no file says so, and what is too large; the buffer is not kept', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hostpulse-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  execFileSync('mkfifo', [`${folder}/pipe`]);
  assert.throws(() => new FileReader(`${folder}/pipe`).read(), /pipe is a pipe, a socket or a device, and no file$/);
  assert.throws(() => new FileReader('/dev/zero').read(), /\/dev\/zero is a pipe, a socket or a device/);
  assert.throws(() => new FileReader('/proc/self/environ', 1, 0).read(), /larger than 0 bytes/);
  assert.throws(() => new FileReader(folder).read(), { code: 'EISDIR' });
});
