import assert from 'node:assert/strict';
import { test } from 'node:test';
import { COLUMNS, type Column } from '../../src/plugins/disks/schema.ts';
import { Wraps } from '../../src/plugins/disks/wraps.ts';
import fc from '../helpers/properties.ts';

const WIDTH = COLUMNS.length;
const RANGE = 2 ** 32;
type Row = Partial<Record<Column, number>>;
const table = (devices: Readonly<Record<string, Row>>, names: readonly string[] = Object.keys(devices)) => {
  const counters = Float64Array.from(Object.values(devices).flatMap((own) => COLUMNS.map((column) => own[column] ?? 0)));
  return { names, keys: [], counters, width: WIDTH };
};
const at = (counters: Float64Array, column: Column, row = 0) => counters[row * WIDTH + COLUMNS.indexOf(column)];

test('a counter that starts from 0 behind 2^32 runs on, and the others are left alone', () => {
  const wraps = new Wraps();
  const before = table({ sda: { reads: 9, readMs: RANGE - 10 } });
  assert.equal(wraps.unwrapped(before), before.counters);
  const after = wraps.unwrapped(table({ sda: { reads: 10, readMs: 5 } }));
  assert.deepEqual([at(after, 'readMs'), at(after, 'reads')], [RANGE + 5, 10]);
  const later = wraps.unwrapped(table({ sdb: {}, sda: { reads: 11, readMs: 6 } }));
  assert.deepEqual([at(later, 'readMs', 1), at(later, 'readMs', 0)], [RANGE + 6, 0]);
});

test('a device that counts anew has not wrapped, and has no longer what was added', () => {
  const wraps = new Wraps();
  wraps.unwrapped(table({ sda: { reads: 9, ioMs: RANGE - 1 } }));
  wraps.unwrapped(table({ sda: { reads: 9, ioMs: 1 } }));
  const anew = table({ sda: { reads: 1, ioMs: 0 } });
  assert.equal(wraps.unwrapped(anew), anew.counters);
});

test('neither has one that went and came back, nor a time that falls by a little', () => {
  const wraps = new Wraps();
  wraps.unwrapped(table({ sda: { ioMs: RANGE - 1 } }));
  wraps.unwrapped(table({ sda: { ioMs: 1 } }));
  wraps.unwrapped(table({}));
  assert.equal(at(wraps.unwrapped(table({ sda: { ioMs: 2 } })), 'ioMs'), 2);
  assert.equal(at(wraps.unwrapped(table({ sda: { ioMs: 1 } })), 'ioMs'), 1);
});

test('whatever is counted in steps, and as often as it wraps, what is told only rises by these steps', () => {
  fc.assert(
    fc.property(fc.nat(RANGE - 1), fc.array(fc.nat(2 ** 30), { maxLength: 30 }), (start, steps) => {
      const wraps = new Wraps();
      let sum = start;
      assert.equal(at(wraps.unwrapped(table({ sda: { weightedIoMs: start } })), 'weightedIoMs'), start);
      for (const step of steps) {
        sum += step;
        assert.equal(at(wraps.unwrapped(table({ sda: { weightedIoMs: sum % RANGE } })), 'weightedIoMs'), sum);
      }
    }),
  );
});
