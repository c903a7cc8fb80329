import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { isAsked, kindOf } from '../../src/plugins/filesystems/kind.ts';
import { type Mount, mountsBelow, parseMountinfo, representatives, visibleMounts } from '../../src/plugins/filesystems/mountinfo.ts';
import fc from '../helpers/properties.ts';

const recorded = (host: string) => parseMountinfo(readFileSync(`test/fixtures/hosts/${host}/proc/1/mountinfo`));
const parse = (text: string) => parseMountinfo(Buffer.from(text));
const kinds = (mounts: readonly Mount[]) => Object.fromEntries(mounts.map((mount) => [mount.mountpoint, kindOf(mount)]));
const places = (mounts: readonly Mount[]) => mounts.map(({ mountpoint }) => mountpoint);

test('a line is a mount, with its escapes undone', () => {
  const [stick] = recorded('linux-3.10').filter(({ device }) => device === '/dev/sdb1');
  assert.deepEqual(stick, {
    ...{ id: 44, parent: 40, major: 0, minor: 38, root: '/', type: 'vfat', device: '/dev/sdb1', readOnly: false },
    mountpoint: '/media/USB Stick\ta\\b',
    path: Buffer.from('/media/USB Stick\ta\\b'),
    options: 'rw,nosuid,nodev,relatime,fmask=0022',
  });
});

test('read-only is who is so by itself or by its file system', () => {
  const line = (own: string, ofSuper: string) => parse(`1 0 8:1 / / ${own} shared:1 - ext4 /dev/sda1 ${ofSuper}\n`)[0]?.readOnly;
  assert.deepEqual(
    [line('rw', 'rw'), line('ro,x', 'rw'), line('rw', 'rw,ro'), line('rw', 'rw,errors=remount-ro')],
    [false, true, true, false],
  );
});

test('lines without a device, without options, with several optional fields and none', () => {
  const [a, b, c] = parse(
    '1 0 0:1 / /a rw - tmpfs  rw\n2 0 0:2 / /b rw shared:1 master:2 - tmpfs none\n3 0 0:3 / /c rw unbindable - x - rw\n',
  );
  assert.deepEqual([a?.device, a?.options, b?.device, b?.options, c?.type, c?.device], ['', 'rw', 'none', 'rw', 'x', '-']);
});

test('a file that is cut or another is an error', () => {
  for (const text of [
    '1',
    '1 0 8:1 / / rw - ext4 /dev/sda1 rw',
    '\n',
    '1 0 8:1 / / rw\n',
    'x 0 8:1 / / rw - a b c\n',
    '1 0 81 / / rw - a b c\n',
  ]) {
    assert.throws(() => parse(text), /mountinfo/, JSON.stringify(text));
  }
  assert.deepEqual(parse(''), []);
});

test('whatever bytes a name has, its path is those bytes', () => {
  const name = fc
    .uint8Array({ min: 1, minLength: 1, maxLength: 40 })
    .map((bytes) => Buffer.from(bytes.map((byte) => (byte === 47 ? 48 : byte))));
  const escaped = (bytes: Buffer) =>
    Buffer.concat(
      [...bytes].map((byte) =>
        byte <= 32 || byte === 92 || byte === 35 ? Buffer.from(`\\${byte.toString(8).padStart(3, '0')}`) : Buffer.of(byte),
      ),
    );
  fc.assert(
    fc.property(fc.array(fc.tuple(name, name), { maxLength: 8 }), (names) => {
      const lines = names.map(([path, device], index) =>
        Buffer.concat([
          Buffer.from(`${index} 0 8:1 / /`),
          escaped(path),
          Buffer.from(' rw shared:1 - ext4 '),
          escaped(device),
          Buffer.from(' rw\n'),
        ]),
      );
      const mounts = parseMountinfo(Buffer.concat(lines));
      assert.deepEqual(
        mounts.map(({ path, device }) => [path, device]),
        names.map(([path, device]) => [Buffer.concat([Buffer.from('/'), path]), device.toString()]),
      );
    }),
  );
});

test('no text at all makes the parser fail otherwise than by an error, or hang', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('1 ', '0:1 ', '/ ', ' - ', 'x', '\\040', '\n', ' ', '-') }), (text) => {
      try {
        visibleMounts(parse(`${text}\n`));
      } catch (error) {
        assert.match(String(error), /mountinfo/);
      }
    }),
  );
});

test('kinds on recorded hosts', () => {
  assert.deepEqual(kinds(recorded('linux-3.10')), {
    ...{ '/sys': 'pseudo', '/proc': 'pseudo', '/dev': 'pseudo', '/dev/shm': 'memory', '/run': 'memory', '/': 'disk', '/boot': 'disk' },
    ...{ '/mnt/backup': 'network', '/var/www/data': 'disk', '/media/USB Stick\ta\\b': 'disk', '/mnt/f uses': 'network' },
    '/var/lib/docker/overlay2/aa/merged': 'overlay',
  });
  assert.deepEqual(kinds(visibleMounts(recorded('debian-12'))), {
    ...{ '/sys': 'pseudo', '/': 'disk', '/home': 'disk', '/boot/efi': 'disk', '/snap/core22/1122': 'image', '/tank': 'disk' },
    ...{ '/mnt/pool': 'fuse', '/home/me/.cache/doc': 'pseudo', '/run/credentials/x.service': 'pseudo', '/mnt/auto': 'network' },
  });
  const container = recorded('container');
  assert.deepEqual(Object.values(kinds(container)), ['overlay', 'pseudo', 'file', 'file', 'disk']);
  assert.deepEqual(
    ['/', '/x'].map((place) => isAsked('overlay', place)),
    [true, false],
  );
});

test('what was mounted over is not seen: at the same place, above it, several times', () => {
  const mounts = parse(
    [
      '1 0 8:1 / / rw - ext4 /dev/sda1 rw',
      '2 1 8:2 / /a rw - ext4 /dev/sda2 rw',
      '3 2 8:3 / /a rw - ext4 /dev/sda3 rw',
      '4 2 8:4 / /a/below rw - ext4 /dev/sda4 rw',
      '5 3 8:5 / /a/on rw - ext4 /dev/sda5 rw',
      '6 1 8:6 / /b/c/d rw - ext4 /dev/sda6 rw',
      '7 1 8:7 / /b rw - ext4 /dev/sda7 rw',
      '8 7 8:8 / /b/c/e rw - ext4 /dev/sda8 rw',
      '9 1 8:9 / /bb rw - ext4 /dev/sda9 rw',
      '',
    ].join('\n'),
  );
  assert.deepEqual(
    visibleMounts(mounts).map(({ id, mountpoint }) => `${id} ${mountpoint}`),
    ['1 /', '3 /a', '5 /a/on', '7 /b', '8 /b/c/e', '9 /bb'],
  );
});

test('a first mount that is its own parent, and parents that go in a circle', () => {
  const own = '1 1 0:1 / / rw - rootfs rootfs rw\n2 1 8:1 / / rw - ext4 /dev/sda1 rw\n';
  assert.deepEqual(
    visibleMounts(parse(own)).map(({ id }) => id),
    [2],
  );
  assert.deepEqual(visibleMounts(parse('3 4 8:1 / /x rw - ext4 a rw\n4 3 8:2 / /y rw - ext4 b rw\n')), []);
});

test('of one file system at several places the whole one stands for all, then the shortest path', () => {
  const told = [...representatives(visibleMounts(recorded('debian-12')))].filter(([mount, other]) => mount !== other);
  assert.deepEqual(
    told.map((pair) => places(pair)),
    [['/home', '/']],
  );
  const server = [...representatives(recorded('linux-3.10'))].filter(([mount, other]) => mount !== other);
  assert.deepEqual(
    server.map((pair) => places(pair)),
    [['/var/www/data', '/']],
  );
});

test('of a directory that is a root elsewhere, the mounts as they are seen there', () => {
  const mounts = ['/', '/root', '/root/boot', '/rootless', '/root/mnt/ä'].map(
    (place, index) => parse(`${index} 9 8:1 / ${place} rw - ext4 a rw\n`)[0] as Mount,
  );
  const below = mountsBelow(mounts, '/root');
  assert.deepEqual(places(below), ['/', '/boot', '/mnt/ä']);
  assert.deepEqual(below[2]?.path, Buffer.from('/mnt/ä'));
});
