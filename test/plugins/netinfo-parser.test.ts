import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { NetDevParser } from '../../src/plugins/netinfo/proc-net-dev.ts';
import fc from '../helpers/properties.ts';

const recorded = (name: string) => readFileSync(`test/fixtures/network/proc-net-dev/${name}.txt`);
const file = (bytes: Buffer | string) => ({ bytes: Buffer.from(bytes as Buffer), length: Buffer.byteLength(bytes) });
const parse = (bytes: Buffer | string) => new NetDevParser().parse(file(bytes));
const HEADER = recorded('header-only').toString();
const line = (name: string, value: number) => `${name.padStart(6)}: ${new Array(16).fill(value).join(' ')}\n`;

test('a recorded file gives the names and, row by row, the eight counters of each interface', () => {
  const { names, counters } = parse(recorded('normal'));
  assert.deepEqual(names, ['lo', 'eth0', 'docker0', 'wlp0s20f3']);
  assert.deepEqual(
    [...counters],
    [
      [9969172841, 9969172841, 9060879, 9060879, 0, 0, 0, 0],
      [1366872720, 3940775, 39041, 28585, 1, 7, 2, 8],
      [0, 0, 0, 0, 0, 0, 0, 0],
      [123456789012, 9876543210, 98765432, 7654321, 0, 0, 17, 0],
    ].flat(),
  );
});

test('names of every kind that the kernel allows come through whole', () => {
  const { names, counters } = parse(recorded('odd-names'));
  const odd = ['a', 'eth0.100', 'veth-1_x@y', 'br-4f2a91c07d3e', 'интерф', '😀', '123', '-', '*', '__proto__', 'x|y', 'abcdefghijklmno'];
  assert.deepEqual(names, odd);
  assert.deepEqual(
    odd.map((_, row) => counters[row * 8 + 1]),
    odd.map((_, row) => (row + 1) * 2),
  );
});

test('a name that touches its first number, as in kernels of old, is read', () => {
  const { names, counters } = parse(`${HEADER}  eth0:${new Array(16).fill(7).join(' ')}\n`);
  assert.deepEqual(names, ['eth0']);
  assert.equal(counters[0], 7);
});

test('three hundred interfaces are three hundred rows', () => {
  const many = Array.from({ length: 300 }, (_, n) => line(`veth${n}`, n));
  const { names, counters } = parse(HEADER + many.join(''));
  assert.equal(names.length, 300);
  assert.equal(counters.length, 300 * 8);
  assert.equal(counters[299 * 8 + 7], 299);
});

test('a header alone is a host without interfaces', () => {
  const { names, counters } = parse(HEADER);
  assert.deepEqual(names, []);
  assert.equal(counters.length, 0);
});

test('an empty file, half a header, or a header without its end is an error', () => {
  for (const text of ['', 'Inter-|', HEADER.trimEnd(), HEADER.split('\n')[0] as string]) {
    assert.throws(() => parse(text), /has no header/, JSON.stringify(text));
  }
});

test('a file that is cut off in a line is an error wherever it is cut; at the end of a line nobody can tell', () => {
  const whole = recorded('normal');
  const begin = HEADER.length;
  for (let length = begin; length <= whole.length; length++) {
    const cut = whole.subarray(0, length);
    if (whole[length - 1] === 10) assert.equal(parse(cut).names.length, cut.toString().split('\n').length - 3);
    else assert.throws(() => parse(cut), /ends in the middle of a line/, `cut at ${length}`);
  }
});

test('a last line without its newline is an error: its last number may have had more digits', () => {
  assert.throws(() => parse(recorded('normal').toString().trimEnd()), /ends in the middle of a line/);
});

test('what an earlier, longer file left in the buffer is not read on', () => {
  const parser = new NetDevParser();
  const whole = recorded('normal');
  parser.parse({ bytes: whole, length: whole.length });
  assert.throws(() => parser.parse({ bytes: whole, length: whole.length - 20 }), /ends in the middle/);
  const two = HEADER.length + whole.subarray(HEADER.length).indexOf(10) + 1;
  assert.deepEqual(parser.parse({ bytes: whole, length: two }).names, ['lo']);
});

test('a line that is no line of counters is an error', () => {
  for (const text of ['eth0\n', 'eth0: 1 2 3\n', 'eth0: 1 2 three 4 5 6 7 8 9 10 11 12 13 14 15 16\n', '\n', 'eth0: -1 2\n']) {
    assert.throws(() => parse(HEADER + text), /ends in the middle of a line/, JSON.stringify(text));
  }
});

test('columns that a later kernel adds behind the known ones are passed over', () => {
  const { names, counters } = parse(`${HEADER}eth0: ${new Array(18).fill(3).join(' ')}\neth1: ${new Array(18).fill(4).join(' ')}\n`);
  assert.deepEqual(names, ['eth0', 'eth1']);
  assert.equal(counters[8], 4);
});

test('counters above 2^53 are rounded to the nearest double', () => {
  const { counters } = parse(recorded('counters-beyond-2-to-53'));
  assert.ok(Math.abs((counters[0] as number) - 2 ** 64) <= 4096);
  assert.ok(Math.abs((counters[1] as number) - 2 ** 53) <= 2);
});

test('the names are the same array for as long as the interfaces and their order stay the same', () => {
  const parser = new NetDevParser();
  const read = (...names: string[]) => parser.parse(file(HEADER + names.map((name, n) => line(name, n)).join(''))).names;
  const first = read('lo', 'eth0');
  assert.equal(read('lo', 'eth0'), first);
  for (const changed of [['lo', 'eth0', 'tun0'], ['lo', 'eth0'], ['eth0', 'lo'], ['eth0'], [], ['lo'], ['lo', 'eth1'], ['lo', 'eth11']]) {
    const names = read(...changed);
    assert.deepEqual(names, changed);
    assert.equal(read(...changed), names);
  }
});

test('each read has counters of its own: an earlier one is never changed', () => {
  const parser = new NetDevParser();
  const first = parser.parse(file(HEADER + line('lo', 1)));
  parser.parse(file(HEADER + line('lo', 2)));
  assert.equal(first.counters[0], 1);
});

test('whatever interfaces there are, what was written is what is read, read after read', () => {
  const name = fc.stringMatching(/^[a-z0-9.@_-]{1,15}$/);
  const row = fc.tuple(name, fc.array(fc.nat(2 ** 31 - 1), { minLength: 16, maxLength: 16 }));
  const host = fc.uniqueArray(row, { selector: ([own]) => own, maxLength: 12 });
  fc.assert(
    fc.property(fc.array(host, { minLength: 1, maxLength: 5 }), (hosts) => {
      const parser = new NetDevParser();
      for (const rows of hosts) {
        const text = rows.map(([own, values]) => `${own.padStart(6)}: ${values.join('   ')}\n`).join('');
        const { names, counters } = parser.parse(file(HEADER + text));
        assert.deepEqual(
          names,
          rows.map(([own]) => own),
        );
        assert.deepEqual(
          [...counters],
          rows.flatMap(([, v]) => [v[0], v[8], v[1], v[9], v[2], v[10], v[3], v[11]]),
        );
      }
    }),
  );
});
