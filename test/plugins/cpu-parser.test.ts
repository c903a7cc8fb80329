import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseCpuinfo } from '../../src/plugins/cpu/cpuinfo.ts';
import { StatParser } from '../../src/plugins/cpu/proc-stat.ts';
import { MODES } from '../../src/plugins/cpu/schema.ts';
import fc from '../helpers/properties.ts';

const WIDTH = MODES.length;
const file = (text: string) => ({ bytes: Buffer.from(text), length: Buffer.byteLength(text) });
const recorded = (host: string, name: string) => readFileSync(`test/fixtures/hosts/${host}/proc/${name}`, 'utf8');
const row = (counters: Float64Array, index: number) => [...counters.slice(index * WIDTH, (index + 1) * WIDTH)];
const { NaN: unknown } = Number;

test('the total, the machine and each core are rows, in our order of modes', () => {
  const { names, counters, processesRunning, processesBlocked } = new StatParser().parse(file(recorded('linux-3.10', 'stat')));
  assert.deepEqual(names, ['total', 'activity', '0', '1']);
  assert.deepEqual(row(counters, 0), [8812233, 1201, 3311022, 11, 20112, 0, 0, 991122334, 122311, 5511]);
  assert.deepEqual(row(counters, 1).slice(0, 4), [2311223344, 1441223310, 3311022, unknown]);
  assert.deepEqual(row(counters, 3), [4401211, 601, 1661011, 5, 5102, 0, 0, 495561167, 61156, 2811]);
  assert.deepEqual([processesRunning, processesBlocked], [3, 1]);
});

test('kernels with fewer columns leave the others unknown; those with more are read as far as is known', () => {
  const { counters } = new StatParser().parse(file('cpu 1 2 3 4\ncpu0 1 2 3 4 5 6 7 8 9 10 11 12\n'));
  assert.deepEqual(row(counters, 0), [1, 2, 3, unknown, unknown, unknown, unknown, 4, unknown, unknown]);
  assert.deepEqual(row(counters, 2), [1, 2, 3, 6, 7, 9, 10, 4, 5, 8]);
  assert.deepEqual(row(counters, 1), new Array(WIDTH).fill(unknown));
});

test('a file that is cut, empty or another is an error', () => {
  for (const text of ['', 'cpu', 'cpu 1 2 3 4', 'cpu 1 2 3\n', 'cpu 1 2 3 4\ncpu0 1 2', 'cpu 1 2 3 4\ncpux 1 2 3 4\n', 'intr 1\n']) {
    assert.throws(() => new StatParser().parse(file(text)), /stat|ends in the middle/, JSON.stringify(text));
  }
});

test('what an earlier, longer file left in the buffer is not read on', () => {
  const text = Buffer.from(recorded('raspberry-pi-4', 'stat'));
  const parser = new StatParser();
  parser.parse({ bytes: text, length: text.length });
  assert.throws(() => parser.parse({ bytes: text, length: text.length - 5 }), /ends in the middle/);
  const three = text.indexOf('cpu2');
  assert.deepEqual(parser.parse({ bytes: text, length: three }).names, ['total', 'activity', '0', '1']);
});

test('names and keys stay the same arrays until a core goes or comes, and then the total has another key', () => {
  const parser = new StatParser();
  const read = (...cores: number[]) => parser.parse(file(`cpu 1 1 1 1\n${cores.map((core) => `cpu${core} 1 1 1 1\n`).join('')}`));
  const first = read(0, 1, 2);
  assert.equal(read(0, 1, 2).names, first.names);
  assert.equal(read(0, 1, 2).keys, first.keys);
  const without = read(0, 2);
  assert.deepEqual(
    [without.names, without.keys.slice(1)],
    [
      ['total', 'activity', '0', '2'],
      [-1, 0, 2],
    ],
  );
  assert.notEqual(without.keys[0], first.keys[0]);
  assert.notEqual(read(0, 1, 2).keys[0], first.keys[0]);
  assert.deepEqual(read(0, 1).counters.length, 4 * WIDTH);
});

test('a change of cores that was seen in a file that was cut is not forgotten with it', () => {
  const parser = new StatParser();
  const lines = (...cores: number[]) => `cpu 1 1 1 1\n${cores.map((core) => `cpu${core} 1 1 1 1\n`).join('')}`;
  parser.parse(file(lines(0, 1)));
  assert.throws(() => parser.parse(file(`${lines(0, 2)}cpu3 1`)));
  assert.deepEqual(parser.parse(file(lines(0, 2))).names, ['total', 'activity', '0', '2']);
});

test('whatever is counted, what was written is what is read, read after read, for up to 256 cores', () => {
  const ticks = fc.array(fc.nat(2 ** 31 - 1), { minLength: 10, maxLength: 10 });
  const host = fc.tuple(ticks, fc.uniqueArray(fc.nat(255), { maxLength: 12 }), ticks, fc.array(fc.nat(), { maxLength: 300 }));
  const order = [0, 1, 2, 5, 6, 8, 9, 3, 4, 7];
  fc.assert(
    fc.property(fc.array(host, { minLength: 1, maxLength: 4 }), (hosts) => {
      const parser = new StatParser();
      for (const [total, cores, own, interrupts] of hosts) {
        const lines = cores.map((core) => `cpu${core} ${own.map((value) => value + core).join(' ')}`);
        const text = [`cpu  ${total.join(' ')}`, ...lines, `intr 7 ${interrupts.join(' ')}`, 'ctxt 8', 'processes 9', ''].join('\n');
        const { names, counters } = parser.parse(file(text));
        assert.deepEqual(names.slice(2), cores.map(String));
        assert.deepEqual(
          row(counters, 0),
          order.map((column) => total[column]),
        );
        assert.deepEqual(row(counters, 1).slice(0, 3), [8, 7, 9]);
        for (const [index, core] of cores.entries())
          assert.deepEqual(
            row(counters, index + 2),
            order.map((column) => (own[column] as number) + core),
          );
      }
    }),
  );
  const all = Array.from({ length: 256 }, (_, core) => `cpu${core} ${core} 0 0 0\n`).join('');
  assert.equal(row(new StatParser().parse(file(`cpu 1 1 1 1\n${all}`)).counters, 257)[0], 255);
});

test('no bytes at all make the parser fail otherwise than by an error, or hang', () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom('cpu', ' ', '\n', '1', '9', 'ctxt ', 'x', '-', 'intr ') }), (text) => {
      try {
        new StatParser().parse(file(text));
      } catch (error) {
        assert.match(String(error), /stat|ends in the middle/);
      }
    }),
  );
});

test('cpuinfo of an Intel machine and of an ARM board', () => {
  const intel = parseCpuinfo(recorded('linux-3.10', 'cpuinfo'));
  assert.deepEqual(
    [intel.model, intel.physicalCores, [...intel.frequencyHertz]],
    [
      'Intel(R) Xeon(R) CPU E5-2670 0 @ 2.60GHz',
      1,
      [
        ['0', 2599998000],
        ['1', 2599998000],
      ],
    ],
  );
  const pi = parseCpuinfo(recorded('raspberry-pi-4', 'cpuinfo'));
  assert.deepEqual([pi.model, pi.physicalCores, pi.frequencyHertz.size], ['ARM Cortex-A72', null, 0]);
});

test('cpuinfo of other architectures, and of none', () => {
  const power = 'processor\t: 0\ncpu\t\t: POWER9 (architected), altivec supported\nclock\t\t: 2900.000000MHz\nrevision\t: 2.2\n';
  assert.deepEqual(
    [parseCpuinfo(power).model, parseCpuinfo(power).frequencyHertz.get('0')],
    ['POWER9 (architected), altivec supported', 29e8],
  );
  assert.equal(parseCpuinfo('processor\t: 0\nhart\t: 0\nisa\t: rv64imafdc\nuarch\t: sifive,u74-mc\n').model, 'sifive,u74-mc');
  assert.deepEqual(parseCpuinfo(''), { model: null, physicalCores: null, frequencyHertz: new Map() });
});
