import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { test } from 'node:test';
import { unpackLz4 } from '../../src/plugins/upgrades/lz4.ts';
import fc from '../helpers/properties.ts';

const hasLz4 = spawnSync('lz4', ['--version']).status === 0;

async function* cut(bytes: Uint8Array, pieceBytes: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += pieceBytes) yield Buffer.from(bytes.subarray(at, at + pieceBytes));
}

async function unpack(packed: Uint8Array, pieceBytes = 1000): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of unpackLz4(cut(packed, pieceBytes))) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

/** "Package: a" ten times over, as the lz4 command packs it. */
const PACKED = 'BCJNGGRApxUAAAC/UGFja2FnZTogYQoLAEtQZTogYQoAAAAAV/m5EA==';

test('a frame is unpacked, however it comes in pieces', async () => {
  for (const pieceBytes of [1, 3, 1000])
    assert.equal((await unpack(Buffer.from(PACKED, 'base64'), pieceBytes)).toString(), 'Package: a\n'.repeat(10));
});

test('what the lz4 command packs is unpacked: linked blocks and separate ones, of all sizes, with checksums or without', {
  skip: hasLz4 ? false : 'needs lz4',
}, async () => {
  const lines = Array.from({ length: 30_000 }, (_, at) => `Package: p${(at * 7919) % 977}\nVersion: ${at}\n\n`);
  const random = Buffer.from(Array.from({ length: 100_000 }, (_, at) => (at * at * 31 + (at >> 3) * 17) & 255));
  const text = Buffer.concat([Buffer.from(lines.join('')), random, Buffer.alloc(70_000), Buffer.from(lines.slice(0, 2000).join(''))]);
  for (const options of [
    ['-B4'],
    ['-B4', '-BD'],
    ['-B5', '-BD', '-BX'],
    ['-B7', '-9'],
    ['-BD', '-12', '--no-frame-crc'],
    ['--content-size', '-B6'],
  ]) {
    const packed = execFileSync('lz4', ['-z', '-c', ...options], { input: text, maxBuffer: 1e8 });
    assert.ok((await unpack(packed, 65_536)).equals(text), options.join(' '));
  }
});

test('what is broken, cut or no frame at all is an error, and never more than was packed', async () => {
  const whole = Buffer.from(PACKED, 'base64');
  for (let length = 4; length < whole.length; length++) await assert.rejects(unpack(whole.subarray(0, length)), /ends too early/);
  await assert.rejects(unpack(Buffer.from('Package: a\n')), /no frame of LZ4/);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 400 }), fc.nat({ max: whole.length - 1 }), async (bytes, at) => {
      const broken = Buffer.concat([whole.subarray(0, at), bytes]);
      await unpack(broken).then(
        (text) => assert.ok(text.length < 1_000_000),
        (error: Error) => assert.match(error.message, /^it /),
      );
    }),
  );
});
