import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ASCII, BLOCKS, graphicsFor, roundUp } from '../../src/commands/watch/graphics.ts';
import { Series } from '../../src/commands/watch/series.ts';
import { inWords, titleOf, unitOfName } from '../../src/commands/watch/units.ts';

const T = 1_790_000_000_000;

function recorded(values: readonly (readonly [seconds: number, value: number | null])[]): Series {
  const series = new Series();
  for (const [seconds, value] of values) series.record(T + seconds * 1000, [['a', value]]);
  return series;
}

test('the last minute in parts: the highest in each, nothing where nothing is known', () => {
  const series = recorded([0, 1, 2, 3].map((at) => [at, at * 10]));
  assert.deepEqual(series.parts('a', 60).slice(-5), [null, 0, 10, 20, 30]);
  assert.deepEqual(series.parts('a', 30).slice(-3), [null, 10, 30]);
  assert.deepEqual(series.parts('b', 3), [null, null, null]);
  assert.equal(series.highest('a'), 30);
});

test('a sample stands for the time since the one before, but not for a gap', () => {
  const series = recorded([
    [0, 1],
    [5, 2],
    [10, 3],
    [50, 4],
  ]);
  // 2 for five parts of a second each; 4 for three times the usual interval, and nothing between.
  const parts = series.parts('a', 60);
  assert.equal(parts.at(-1), 4);
  assert.equal(parts.at(-15), 4);
  assert.equal(parts.at(-16), null);
  assert.equal(parts.at(-41), 3);
  assert.equal(parts.at(-45), 3);
  assert.equal(parts.at(-46), 2);
});

test('what is older than a minute is forgotten, and a clock that is set back begins anew', () => {
  const series = recorded([
    [0, 100],
    [1, 1],
    [120, 2],
  ]);
  assert.equal(series.highest('a'), 2);
  series.record(T, [['a', 5]]);
  assert.deepEqual(series.parts('a', 2), [null, 5]);
});

test('what counts something rises by what was added, also over a reset', () => {
  const series = recorded([
    [0, 100],
    [1, 103],
    [2, 0],
    [3, 2],
  ]);
  assert.equal(series.rise('a'), 5);
  assert.equal(recorded([[0, 100]]).rise('a'), 0);
});

test('bars, sparklines and graphs, with block elements and without', () => {
  assert.deepEqual(BLOCKS.bar(0.5, 4), ['━━', '──']);
  assert.deepEqual(BLOCKS.bar(0.3, 5), ['━╸', '───']);
  assert.deepEqual(BLOCKS.bar(7, 3), ['━━━', '']);
  assert.deepEqual(BLOCKS.bar(Number.NaN, 2), ['', '──']);
  assert.equal(BLOCKS.sparkline([null, 0, 1, 4, 8], 8), ' ▁▁▄█');
  assert.deepEqual(BLOCKS.graph([0, 8, 12, 16, null], 16, 2), ['  ▄█ ', '▁███ ']);
  assert.deepEqual(ASCII.bar(0.5, 4), ['##', '..']);
  assert.equal(ASCII.sparkline([null, 0, 2, 3, 4], 4), ' .-=#');
  assert.deepEqual([0, 0.7, 3, 5, 9, 10, 1234].map(roundUp), [0, 1, 5, 5, 10, 10, 2000]);
});

test('block elements are for terminals that say that they know UTF-8', () => {
  assert.equal(graphicsFor({ LANG: 'de_DE.UTF-8' }, 'linux'), BLOCKS);
  assert.equal(graphicsFor({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' }, 'linux'), ASCII);
  assert.equal(graphicsFor({ LANG: 'C' }, 'linux'), ASCII);
  assert.equal(graphicsFor({}, 'linux'), ASCII);
  assert.equal(graphicsFor({ LC_CTYPE: 'C.utf8', LANG: 'C' }, 'linux'), BLOCKS);
});

test('numbers for people', () => {
  const say = (value: unknown, unit: string | null, rates: 'bytes' | 'bits' = 'bytes') => inWords(value, unit, { rates });
  assert.equal(say(1_210_000, 'bytes/s'), '1.21 MB/s');
  assert.equal(say(1_210_000, 'bytes/s', 'bits'), '9.68 Mbit/s');
  assert.equal(say(512, 'bytes/s'), '512 B/s');
  assert.equal(say(999_999.9, 'bytes'), '1.00 MB');
  assert.equal(say(0.123, 'ratio'), '12.3 %');
  assert.equal(say(null, 'bytes'), '-');
  assert.equal(say(0.2861, 'ms'), '0.286 ms');
  assert.equal(say(90_061, 'seconds'), '1 d 1 h');
  assert.equal(say(2_600_000_000, 'hertz'), '2.60 GHz');
  assert.equal(say(7, null), '7');
  assert.deepEqual(['usedRatio', 'rxBytesPerSecond', 'speedBitsPerSecond', 'readsPerSecond', 'idleSeconds', 'load1'].map(unitOfName), [
    'ratio',
    'bytes/s',
    'bit/s',
    'per second',
    'seconds',
    null,
  ]);
  assert.deepEqual(['usedRatio', 'rxBytesPerSecond', 'readsPerSecond', 'temperatureCelsius'].map(titleOf), [
    'used',
    'rx/s',
    'reads/s',
    'temperature',
  ]);
});
