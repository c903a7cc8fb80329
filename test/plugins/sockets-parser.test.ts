import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { test } from 'node:test';
import { PairLines } from '../../src/plugins/sockets/pair-lines.ts';
import { PairTables } from '../../src/plugins/sockets/pair-tables.ts';
import { STATES } from '../../src/plugins/sockets/schema.ts';
import { countStates } from '../../src/plugins/sockets/states.ts';
import fc from '../helpers/properties.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';

const file = (text: string) => ({ bytes: Buffer.from(text), length: Buffer.byteLength(text) });
const { NaN: unknown } = Number;

function parser(...keys: string[]) {
  const tables = new PairTables(new Map(keys.map((key, index) => [key, index])));
  return (text: string) => {
    const values = new Float64Array(keys.length).fill(unknown);
    tables.read(file(text), values);
    return [...values];
  };
}

test('numbers are found by their names, whatever stands between, read after read', () => {
  const read = parser('Tcp InSegs', 'Udp InSegs', 'Tcp Gone', 'Tcp MaxConn');
  const text = 'Ip: A B\nIp: 1 2\nTcp: MaxConn X InSegs Y\nTcp: -1 7 8 9\nUdp: InSegs\nUdp: 12\n';
  assert.deepEqual(read(text), [8, 12, unknown, unknown]);
  assert.deepEqual(read(text.replace(' 8 ', ' 10 ')), [10, 12, unknown, unknown]);
  assert.deepEqual(read('Tcp: X MaxConn InSegs\nTcp: 1 2 3\n'), [3, unknown, unknown, 2]);
  assert.deepEqual(read(''), [unknown, unknown, unknown, unknown]);
});

test('a file that is cut or another is an error', () => {
  for (const text of ['Tcp', 'Tcp: A\n', 'Tcp: A\nTcp: 1', 'Tcp: A\nUdp: 1\n', 'Tcp A\nTcp 1\n', '\n\n', 'Tcp: A\nTcp: 1\nUdp: A\n']) {
    assert.throws(() => parser('Tcp A')(text), /numbers|protocol|ends in the middle/, JSON.stringify(text));
  }
});

test('what an earlier, longer file left in the buffer is not read on', () => {
  const tables = new PairTables(new Map([['Tcp A', 0]]));
  const { bytes } = file('Tcp: A\nTcp: 12\nTcp: B\nTcp: 3\n');
  const values = new Float64Array(1);
  tables.read({ bytes, length: bytes.length }, values);
  for (const length of [5, 9, 13]) assert.throws(() => tables.read({ bytes, length }, values), /numbers|ends in the middle/);
  tables.read({ bytes, length: 15 }, values);
  assert.equal(values[0], 12);
});

test('whatever tables there are, what was written is what is read', () => {
  const name = fc.string({ unit: fc.constantFrom(...'ABCDabcd0123'), minLength: 1, maxLength: 8 });
  const table = fc.tuple(
    name,
    fc.uniqueArray(fc.tuple(name, fc.nat(2 ** 31 - 1)), { selector: ([own]) => own, minLength: 1, maxLength: 9 }),
  );
  const tables = fc.uniqueArray(table, { selector: ([own]) => own, maxLength: 6 });
  fc.assert(
    fc.property(fc.array(tables, { minLength: 1, maxLength: 3 }), (files) => {
      const keys = [...new Set(files.flat().flatMap(([protocol, columns]) => columns.map(([column]) => `${protocol} ${column}`)))];
      const read = parser(...keys);
      for (const own of files) {
        const text = own.map(([protocol, columns]) => {
          return `${protocol}: ${columns.map(([column]) => column).join(' ')}\n${protocol}: ${columns.map(([, value]) => value).join(' ')}\n`;
        });
        const written = new Map(own.flatMap(([protocol, columns]) => columns.map(([column, value]) => [`${protocol} ${column}`, value])));
        assert.deepEqual(
          read(text.join('')),
          keys.map((key) => written.get(key) ?? unknown),
        );
      }
    }),
  );
});

const line = (state: number) =>
  `  12: 0100007F:1F90 00000000:0000 ${state.toString(16).padStart(2, '0').toUpperCase()} 00000000:00000000 00:0 00 0 0 8 1\n`;

test('lines of names and numbers are read by their names, also where they have moved or begin alike', () => {
  const keys = ['UDP inuse', 'UDPLITE inuse', 'TCP tw', 'FRAG memory'];
  const lines = new PairLines(new Map(keys.map((key, index) => [key, index])));
  const read = (text: string) => {
    const values = new Float64Array(keys.length).fill(unknown);
    lines.read(file(text), values);
    return [...values];
  };
  assert.deepEqual(read('sockets: used 9\nTCP: inuse 1 orphan 2 tw 3\nUDP: inuse 4 mem 5\nUDPLITE: inuse 6\n'), [4, 6, 3, unknown]);
  assert.deepEqual(read('sockets: used 9\nTCP: inuse 1 tw 33\nUDPLITE: inuse 66\nUDP: inuse 44\n'), [44, 66, 33, unknown]);
  assert.deepEqual(read('TCP: tw -\nFRAG: inuse 0 memory 7\nodd\n\nUDP: inuse x\n'), [unknown, unknown, unknown, 7]);
  assert.deepEqual(read(''), [unknown, unknown, unknown, unknown]);
  assert.throws(() => read('TCP: inuse 1 tw 3'), /ends in the middle of a line/);
});

test('states are counted, however many sockets there are; those that nobody knows yet are left out', async (t) => {
  const tree = new RecordedTree(t);
  mkdirSync(dirname(tree.procNet('tcp')), { recursive: true });
  for (const count of [0, 1, 14, 5000]) {
    const all = Array.from({ length: count }, (_, n) => (n % 14) + 1);
    writeFileSync(tree.procNet('tcp'), `  sl  local_address rem_address   st\n${all.map(line).join('')}`);
    assert.deepEqual(
      [...((await countStates(tree)) ?? [])],
      STATES.map((_, index) => all.filter((state) => state === index + 1).length),
    );
  }
});

test('a table of sockets that is cut or another is an error', async (t) => {
  const tree = new RecordedTree(t);
  mkdirSync(dirname(tree.procNet('tcp')), { recursive: true });
  for (const text of [`head\n${line(1).slice(0, -5)}`, 'head\n1: a b\n', 'head\n1: a b XY\n']) {
    writeFileSync(tree.procNet('tcp'), text);
    await assert.rejects(countStates(tree), /middle of a line|a socket's line/);
  }
});
