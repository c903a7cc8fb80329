import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, utimesSync } from 'node:fs';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { FamilyWriter, toText } from '../../src/core/metrics/exposition.ts';
import { parsePromText } from '../../src/plugins/kernel/textfile/prom-text.ts';
import { parseSample } from '../../src/plugins/kernel/textfile/sample-line.ts';
import { Textfiles } from '../../src/plugins/kernel/textfile/textfiles.ts';
import type { Cleanup } from '../helpers/build-agent.ts';
import fc from '../helpers/properties.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';

function stageOf(t: Cleanup) {
  const host = new RecordedTree(t);
  const logged: string[] = [];
  const textfiles = new Textfiles(`${host.root}/prom/`, (message) => logged.push(message.replaceAll(`${host.root}/`, '')));
  const collect = async () => {
    const writer = new FamilyWriter();
    await textfiles.collect(writer);
    return toText(writer.families, 'prometheus').replaceAll(`${host.root}/`, '');
  };
  return { write: (name: string, text: string) => host.write(`prom/${name}`, text), host, logged, collect };
}

const withoutTimes = (text: string) => text.split('\n').filter((line) => !/node_textfile_(mtime|scrape)/.test(line));

test('files are told as they are, with their time; what is no .prom is passed over', async (t) => {
  const { write, host, collect, logged } = stageOf(t);
  write(
    'b.prom',
    '# a note\n\n# HELP age_seconds Of "x" \\\\ and\\nmore.\n# TYPE age_seconds gauge\nage_seconds{job="a b\\"c\\\\d\\ne"} 12.5\r\n',
  );
  write('a.prom', 'plain 3\n \t odd { a = "x" , } \t +Inf \nage_seconds_not{} -1e3\nnone NaN\n');
  write('c.prom.tmp', 'half');
  mkdirSync(`${host.root}/prom/d.prom.old`);
  utimesSync(`${host.root}/prom/a.prom`, 1700000000, 1700000000.9);
  const text = await collect();
  assert.match(text, /^node_textfile_mtime_seconds\{file="prom\/a\.prom"\} 1700000000$/m);
  assert.match(text, /^node_textfile_scrape_error 0$/m);
  assert.deepEqual(withoutTimes(text), [
    '# HELP plain Metric read from prom/a.prom',
    '# TYPE plain untyped',
    'plain 3',
    '# HELP odd Metric read from prom/a.prom',
    '# TYPE odd untyped',
    'odd{a="x"} +Inf',
    '# HELP age_seconds_not Metric read from prom/a.prom',
    '# TYPE age_seconds_not untyped',
    'age_seconds_not -1000',
    '# HELP age_seconds Of "x" \\\\ and\\nmore.',
    '# TYPE age_seconds gauge',
    'age_seconds{job="a b\\"c\\\\d\\ne"} 12.5',
    '',
  ]);
  assert.deepEqual(logged, []);
});

test('histograms and summaries keep their type; what only ends as they do is something else', async (t) => {
  const { write, collect } = stageOf(t);
  const text = [
    '# HELP h Of a job.',
    '# TYPE h histogram',
    'h_bucket{le="1"} 1',
    'h_bucket{le="+Inf"} 2',
    'h_sum 3.5',
    'h_count 2',
    '# HELP s Of another.',
    '# TYPE s summary',
    's{quantile="0.5"} 1',
    's_sum 2',
    's_count 3',
    '# HELP room_count Rooms.',
    '# TYPE room_count gauge',
    'room_count 4',
    '',
  ];
  write('a.prom', text.join('\n'));
  assert.deepEqual(withoutTimes(await collect()), text);
});

const WRONG: readonly (readonly [text: string, why: RegExp])[] = [
  ['a 1', /ends in the middle of a line/],
  ['a 1\nb{x=} 1\n', /line 3: labels are not understood from 'x=\} 1'/],
  ['a{x="1"y="2"} 1\n', /neither a comma nor/],
  ['a{x="1" 1\n', /neither a comma nor/],
  ['a{x="1",x="2"} 1\n', /label x comes twice/],
  ['a{__name__="b"} 1\n', /begins with __/],
  ['a{x="\\t"} 1\n', /has '\\t'/],
  ['a\n', /a is '', which is no number/],
  ['a 1,5\n', /a is '1,5', which is no number/],
  ['a 0x10\n', /no number/],
  ['a 1 1700000000000\n', /a time of its own/],
  ['1a 1\n', /does not begin with a metric's name/],
  ['a{x="1",y="2"} 1\na{y="2",x="1"} 2\n', /line 3: a comes twice with the same labels/],
  ['# TYPE a count\n', /type 'count' of a; allowed are counter, gauge/],
  ['# TYPE a\n', /has no name, or no type/],
  ['# TYPE a gauge\n# TYPE a gauge\n', /a TYPE of a after another/],
  ['a 1\n# TYPE a gauge\n', /or after its samples/],
  ['# HELP a one\n# HELP a two\n', /a second HELP of a/],
  ['# TYPE a histogram\na 1\n', /a is a histogram/],
  ['# TYPE a summary\na_bucket 1\n# TYPE a_bucket gauge\n', /after its samples/],
  ['node_textfile_scrape_error 0\n', /is told by the agent itself/],
  ['hostpulse_x 0\n', /is told by the agent itself/],
];

test('a file that is wrong is left out whole, told of once, and keeps no other back', async (t) => {
  const { write, host, collect, logged } = stageOf(t);
  write('good.prom', 'good 1\n');
  for (const [text, why] of WRONG) {
    write('bad.prom', `fine 1\n${text}`);
    logged.length = 0;
    const told = await collect();
    assert.equal(await collect(), told);
    assert.match(told, /^node_textfile_scrape_error 1$/m, text);
    assert.match(told, /^good 1$/m);
    assert.doesNotMatch(told, /^fine|bad\.prom/m, text);
    assert.equal(logged.length, 1, text);
    assert.match(logged[0] ?? '', why);
    // Another one is told of, too.
    host.remove('prom/bad.prom');
    await collect();
  }
  assert.match(await collect(), /^node_textfile_scrape_error 0$/m);
});

test('files may share a family, but not a series, nor disagree on what it is', async (t) => {
  const { write, collect, logged } = stageOf(t);
  write('a.prom', '# TYPE x counter\nx{a="1"} 1\n');
  write('b.prom', '# HELP x Said here.\n# TYPE x counter\nx{a="2"} 2\n');
  write('c.prom', '# TYPE x counter\nx{a="3"} 2\nx{a="1"} 5\n');
  write('d.prom', '# TYPE x gauge\nx{a="4"} 2\n');
  assert.deepEqual(withoutTimes(await collect()), ['# HELP x Said here.', '# TYPE x counter', 'x{a="1"} 1', 'x{a="2"} 2', '']);
  assert.deepEqual(logged, [
    'prom/c.prom: x is in prom/a.prom already, with the same labels',
    'prom/d.prom: x is a gauge, but in prom/a.prom a counter',
  ]);
});

test('a file is told anew when it changes, also within the same second and at the same length', async (t) => {
  const { write, collect, host } = stageOf(t);
  for (const value of [1, 2, 3, 4]) {
    write('a.prom', `a ${value}\n`);
    assert.match(await collect(), new RegExp(`^a ${value}$`, 'm'));
  }
  host.remove('prom/a.prom');
  assert.doesNotMatch(await collect(), /^a /m);
});

test('a file that has rested is told as it was, and anew when it changes', async (t) => {
  const { write, collect } = stageOf(t);
  write('a.prom', 'a 1\n');
  const first = await collect();
  await setTimeout(2100);
  assert.equal(await collect(), first);
  assert.equal(await collect(), first);
  write('a.prom', 'a 2\n');
  assert.match(await collect(), /^a 2$/m);
});

test('a pipe, a folder and a file that is gone do not hold up the others; no directory at all is told of', {
  timeout: 10_000,
}, async (t) => {
  const { write, collect, host, logged } = stageOf(t);
  assert.match(await collect(), /^node_textfile_scrape_error 1$/m);
  assert.match(logged[0] ?? '', /ENOENT/);
  write('z.prom', 'z 1\n');
  mkdirSync(`${host.root}/prom/folder.prom`);
  execFileSync('mkfifo', [`${host.root}/prom/pipe.prom`]);
  logged.length = 0;
  assert.match(await collect(), /^z 1$/m);
  assert.deepEqual(logged, ['prom/folder.prom: is no file', 'prom/pipe.prom: is no file']);
});

test('a sample is read as it was written', () => {
  const name = fc.stringMatching(/^[a-zA-Z_:][a-zA-Z0-9_:]{0,10}$/);
  const labels = fc.dictionary(
    fc.stringMatching(/^[a-zA-Z][a-zA-Z0-9_]{0,8}$/).filter((one) => !(one in {})),
    fc.string({ unit: 'binary' }),
    { noNullPrototype: true, maxKeys: 4 },
  );
  const value = fc.oneof(fc.double({ noNaN: true }), fc.integer());
  fc.assert(
    fc.property(name, labels, value, (told, withLabels, number) => {
      const writer = new FamilyWriter();
      writer.gauge(told, 'help').add(number, withLabels);
      const text = toText(writer.families, 'prometheus');
      const [sample] = [...(parsePromText(text).get(told)?.samples.values() ?? [])];
      assert.deepEqual([sample?.name, { ...sample?.labels }], [told, withLabels]);
      // Zero has no sign in a scrape.
      assert.equal(sample?.value, number === 0 ? 0 : number);
    }),
  );
});

test('whatever stands in a line, it is a sample or refused with a word', () => {
  const bits = fc.array(fc.oneof(fc.constantFrom('{', '}', '"', '\\', '=', ',', ' ', '1', 'a', '\\"', 'NaN', '-Inf'), fc.string()));
  fc.assert(
    fc.property(bits, (parts) => {
      try {
        const { name, value } = parseSample(parts.join('').replaceAll('\n', ''));
        assert.ok(name !== '' && typeof value === 'number');
      } catch (error) {
        assert.ok(error instanceof Error && !(error instanceof TypeError), String(error));
      }
    }),
  );
});
