import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { DiskstatsParser } from '../../src/plugins/disks/diskstats.ts';
import { COLUMNS, type Column } from '../../src/plugins/disks/schema.ts';
import fc from '../helpers/properties.ts';

const WIDTH = COLUMNS.length;
const file = (text: string) => ({ bytes: Buffer.from(text), length: Buffer.byteLength(text) });
const recorded = (host: string) => file(readFileSync(`test/fixtures/hosts/${host}/proc/diskstats`, 'utf8'));
const row = (counters: Float64Array, index: number) =>
  Object.fromEntries(COLUMNS.map((name, column) => [name, counters[index * WIDTH + column]])) as Record<Column, number>;
const { NaN: unknown } = Number;

test('a kernel with 11 numbers per device tells no discards and no flushes', () => {
  const { names, numbers, counters } = new DiskstatsParser().parse(recorded('linux-3.10'));
  assert.deepEqual(names, ['sda', 'sda1', 'sda2', 'sr0', 'dm-0', 'dm-1']);
  assert.deepEqual(numbers[5], { major: 253, minor: 1 });
  assert.deepEqual(row(counters, 0), {
    ...{ reads: 1281336, readsMerged: 20481, readSectors: 98112344, readMs: 5512003 },
    ...{ writes: 8831022, writesMerged: 4410233, writtenSectors: 311200456, writeMs: 40112331 },
    ...{ inProgress: 0, ioMs: 9112200, weightedIoMs: 45620011 },
    ...{ discards: unknown, discardsMerged: unknown, discardedSectors: unknown, discardMs: unknown, flushes: unknown, flushMs: unknown },
  });
});

test('kernels with 15 and 17 numbers tell discards, and flushes; what more there may be is passed over', () => {
  const { counters } = new DiskstatsParser().parse(recorded('linux-4.20'));
  const { discards, discardsMerged, discardedSectors, discardMs, flushes, inProgress } = row(counters, 0);
  assert.deepEqual([discards, discardsMerged, discardedSectors, discardMs, flushes, inProgress], [1220, 0, 98112344, 410, unknown, 3]);
  const newer = new DiskstatsParser().parse(recorded('raspberry-pi-4'));
  assert.deepEqual([row(newer.counters, 2).flushes, row(newer.counters, 2).flushMs], [1811, 3112]);
  const newest = new DiskstatsParser().parse(file(' 8 0 sda 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20\n'));
  assert.deepEqual([row(newest.counters, 0).reads, row(newest.counters, 0).flushMs], [1, 17]);
});

test('partitions of kernels before 2.6.25 have four numbers', () => {
  const { counters } = new DiskstatsParser().parse(file('   3    1 hda1 35486 38030 38030 38030\n'));
  const { reads, readSectors, writes, writtenSectors, readMs } = row(counters, 0);
  assert.deepEqual([reads, readSectors, writes, writtenSectors, readMs], [35486, 38030, 38030, 38030, unknown]);
});

test('how many are under way is unknown where the driver has lost count', () => {
  for (const lost of ['-1', '4294967295']) {
    const { counters } = new DiskstatsParser().parse(file(` 8 0 sda 1 2 3 4 5 6 7 8 ${lost} 10 11\n`));
    assert.deepEqual([row(counters, 0).inProgress, row(counters, 0).ioMs], [unknown, 10]);
  }
});

test('names and numbers stay the same arrays until a device goes or comes', () => {
  const parser = new DiskstatsParser();
  const read = (...names: string[]) => parser.parse(file(names.map((name) => ` 8 0 ${name} 1 2 3 4 5 6 7 8 9 10 11\n`).join('')));
  const first = read('sda', 'sdb');
  assert.equal(read('sda', 'sdb').names, first.names);
  assert.equal(read('sda', 'sdb').numbers, first.numbers);
  assert.deepEqual(read('sdb').names, ['sdb']);
  assert.deepEqual(read('sdbb').names, ['sdbb']);
  assert.deepEqual(read().names, []);
  assert.deepEqual(read('cciss/c0d0', 'sdb').names, ['cciss/c0d0', 'sdb']);
});

test('a change that was seen in a file that was cut is not forgotten with it', () => {
  const parser = new DiskstatsParser();
  const line = (name: string) => ` 8 0 ${name} 1 2 3 4 5 6 7 8 9 10 11\n`;
  parser.parse(file(line('sda') + line('sdb')));
  assert.throws(() => parser.parse(file(`${line('sdc')} 8 16 sdb 1 2`)));
  assert.deepEqual(parser.parse(file(line('sdc') + line('sdb'))).names, ['sdc', 'sdb']);
});

test('a file that is cut or another is an error', () => {
  for (const text of [' 8', ' 8 0', ' 8 0 sda', ' 8 0 sda 1 2 3', ' 8 0 sda 1 2 3\n', ' 8 0 sda\n', 'x 0 sda 1 2 3 4\n', '\n']) {
    assert.throws(() => new DiskstatsParser().parse(file(text)), /diskstats|ends in the middle/, JSON.stringify(text));
  }
});

test('what an earlier, longer file left in the buffer is not read on', () => {
  const { bytes, length } = recorded('raspberry-pi-4');
  const parser = new DiskstatsParser();
  parser.parse({ bytes, length });
  assert.throws(() => parser.parse({ bytes, length: length - 4 }), /ends in the middle/);
});

test('whatever devices there are, what was written is what is read, read after read', () => {
  const name = fc.string({ unit: fc.constantFrom(...'abcdmnvp0123-_!/.'), minLength: 1, maxLength: 30 });
  const count = fc.nat(2 ** 53 - 1).filter((value) => value < 2 ** 53);
  const numbers = fc.constantFrom(11, 15, 17, 20).chain((length) => fc.array(count, { minLength: length, maxLength: length }));
  const device = fc.tuple(fc.nat(4095), fc.nat(1048575), name, numbers);
  const host = fc.uniqueArray(device, { selector: ([, , own]) => own, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(host, { minLength: 1, maxLength: 4 }), (hosts) => {
      const parser = new DiskstatsParser();
      for (const devices of hosts) {
        const lines = devices.map(([major, minor, own, values]) => `${`${major}`.padStart(4)} ${minor} ${own} ${values.join(' ')}\n`);
        const table = parser.parse(file(lines.join('')));
        assert.deepEqual([table.names, table.counters.length], [devices.map(([, , own]) => own), devices.length * WIDTH]);
        devices.forEach(([major, minor, , values], index) => {
          assert.deepEqual(table.numbers[index], { major, minor });
          const { reads, readSectors, weightedIoMs, discards, flushes } = row(table.counters, index);
          assert.deepEqual([reads, readSectors, weightedIoMs], [values[0], values[2], values[10]]);
          assert.deepEqual([discards, flushes], [values[11] ?? unknown, values[15] ?? unknown]);
        });
      }
    }),
  );
});

test('no bytes at all make the parser fail otherwise than by an error, or hang', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(' ', '\n', '1', '9', 'sda', '-', ' 1 2 3 4', '\t', ':') }), (text) => {
      try {
        new DiskstatsParser().parse(file(text));
      } catch (error) {
        assert.match(String(error), /diskstats|ends in the middle/);
      }
    }),
  );
});
