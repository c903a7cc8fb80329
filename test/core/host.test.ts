import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { FileReader, Host } from '../../src/core/host.ts';

function folder(t: { after(end: () => void): void }): string {
  const path = mkdtempSync(join(tmpdir(), 'hostpulse-host-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

const text = ({ bytes, length }: { bytes: Buffer; length: number }) => bytes.toString('utf8', 0, length);

test('a file is read whole however large it is, also at the first read and after it has grown', (t) => {
  const path = join(folder(t), 'file');
  const reader = new FileReader(path, 64);
  t.after(() => reader.close());
  for (const size of [0, 1, 63, 64, 65, 128, 16_384, 100_000]) {
    writeFileSync(path, 'x'.repeat(size));
    assert.equal(text(reader.read()), 'x'.repeat(size), `${size} bytes`);
  }
  writeFileSync(path, 'shorter');
  assert.equal(text(reader.read()), 'shorter');
});

test('a recorded file that is replaced is read anew; the kernel’s are kept open', {
  skip: process.platform === 'linux' ? false : 'needs /proc',
}, (t) => {
  const path = join(folder(t), 'dev');
  const reader = new FileReader(path);
  t.after(() => reader.close());
  writeFileSync(path, 'one');
  assert.equal(text(reader.read()), 'one');
  writeFileSync(`${path}.new`, 'two');
  renameSync(`${path}.new`, path);
  assert.equal(text(reader.read()), 'two');
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  const kernels = new FileReader('/proc/self/net/dev');
  kernels.read();
  assert.equal(open(), before + 1);
  kernels.close();
  assert.equal(open(), before);
});

test('/proc/self/status, which has no size, is read to its end', { skip: process.platform === 'linux' ? false : 'needs /proc' }, (t) => {
  const reader = new FileReader('/proc/self/status', 16);
  t.after(() => reader.close());
  assert.match(text(reader.read()), /^Name:.*nonvoluntary_ctxt_switches:\t\d+\n$/s);
});

test('a file that cannot be read says why, and is read again once it is there', (t) => {
  const path = join(folder(t), 'late');
  const reader = new FileReader(path);
  t.after(() => reader.close());
  assert.throws(() => reader.read(), { code: 'ENOENT' });
  writeFileSync(path, 'now');
  assert.equal(text(reader.read()), 'now');
});

test('of a mounted procfs the network of its process 1 is read', (t) => {
  const procfs = folder(t);
  const host = new Host({ procfs, sysfs: '/sys' });
  mkdirSync(join(procfs, 'net'));
  assert.equal(host.procNet('dev'), `${procfs}/net/dev`, 'a recorded tree without processes');
  mkdirSync(join(procfs, 'self'));
  assert.equal(host.procNet('dev'), `${procfs}/1/net/dev`, 'a live one that hides process 1 must not show our own network instead');
  assert.equal(new Host({ procfs: '/proc', sysfs: '/sys' }).procNet('dev'), '/proc/self/net/dev');
});

test("the host's root is where it is said to be, else what its procfs shows of it, else our own", () => {
  const prefix = (roots: { procfs?: string; rootfs?: string }) => new Host({ procfs: '/proc', sysfs: '/sys', ...roots }).rootPrefix;
  assert.equal(prefix({}), '');
  assert.equal(prefix({ procfs: '/host/proc' }), '/host/proc/1/root');
  assert.equal(prefix({ procfs: '/host/proc', rootfs: '/host/' }), '/host');
  assert.equal(prefix({ rootfs: '/host' }), '/host');
});

test('a small file gives its first line, or null for what is missing, empty or a folder', (t) => {
  const path = folder(t);
  writeFileSync(join(path, 'mtu'), '1500\nmore\n');
  writeFileSync(join(path, 'empty'), '');
  const host = new Host({ procfs: '/proc', sysfs: path });
  assert.equal(host.readLine(join(path, 'mtu')), '1500');
  for (const name of ['empty', 'missing', '']) assert.equal(host.readLine(join(path, name)), null, name);
});
