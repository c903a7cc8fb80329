import assert from 'node:assert/strict';
import { test } from 'node:test';
import { KeyedNumbers } from '../../src/plugins/shared/keyed-numbers.ts';
import fc from '../helpers/properties.ts';

const file = (text: string) => ({ bytes: Buffer.from(text), length: Buffer.byteLength(text) });
const { NaN: unknown } = Number;

test('keys with a colon or a space before the number, kB as bytes, in the order that was wanted', () => {
  const parser = new KeyedNumbers(['pswpin', 'HugePages_Total', 'Active(anon)', 'missing', 'MemTotal']);
  const text = 'MemTotal:       2 kB\nActive(anon):   3 kB\nHugePages_Total:   4\npswpin 5\nother words\n';
  assert.deepEqual([...parser.parse(file(text))], [5, 4, 3072, unknown, 2048]);
});

test('a key is not taken for another that begins alike, whatever line it stood in before', () => {
  const parser = new KeyedNumbers(['Active', 'Swap']);
  assert.deepEqual([...parser.parse(file('Active(anon): 1 kB\nActive: 2 kB\n'))], [2048, unknown]);
  assert.deepEqual([...parser.parse(file('Active: 3 kB\nActive(anon): 4 kB\nSwapTotal: 9\nSwap: 5\n'))], [3072, 5]);
  assert.deepEqual([...parser.parse(file('SwapTotal: 9\n'))], [unknown, unknown]);
});

test('a line without a number is unknown, and a file that ends in the middle of a line an error', () => {
  const parser = new KeyedNumbers(['a', 'b']);
  assert.deepEqual([...parser.parse(file('a: \nb x\n'))], [unknown, unknown]);
  assert.deepEqual([...parser.parse(file(''))], [unknown, unknown]);
  assert.throws(() => parser.parse(file('a: 1\nb: 12')), /ends in the middle of a line/);
  const bytes = Buffer.from('a: 1\nb: 12345 kB\n');
  assert.throws(() => parser.parse({ bytes, length: bytes.length - 6 }), /ends in the middle of a line/);
});

test('whatever lines there are and however they move, what was written is what is read', () => {
  const key = fc.stringMatching(/^[A-Za-z_]{1,8}(\([a-z]{1,4}\))?$/);
  const lines = fc.uniqueArray(fc.tuple(key, fc.nat(2 ** 31 - 1), fc.boolean()), { selector: ([name]) => name, maxLength: 20 });
  fc.assert(
    fc.property(fc.array(lines, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(19), { maxLength: 4 }), (files, picked) => {
      const wanted = [...new Set(picked.map((index) => files[0]?.[index % Math.max(1, files[0].length)]?.[0] ?? 'none'))];
      const parser = new KeyedNumbers(wanted);
      for (const rows of files) {
        const text = rows.map(([name, value, isKb]) => `${name}:${' '.repeat(value % 7)} ${value}${isKb ? ' kB' : ''}\n`).join('');
        const expected = wanted.map((name) => {
          const row = rows.find(([own]) => own === name);
          return row ? row[1] * (row[2] ? 1024 : 1) : unknown;
        });
        assert.deepEqual([...parser.parse(file(text))], expected);
      }
    }),
  );
});
