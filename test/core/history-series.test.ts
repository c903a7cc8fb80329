import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Series } from '../../src/core/history/series.ts';

const told = (series: Series, points: number) => (JSON.parse(`{${series.toJson(points)}}`) as Record<string, unknown>).x;

test('a mean lies between the least and the most, however its sum was rounded', () => {
  const series = new Series('x', null, 2);
  for (const weight of [100.378, 100.045, 100.724]) series.add(0, 113_644_040_337, weight);
  for (const weight of [0.1, 0.2, 0.3]) series.add(1, 0.123_456_78, weight);
  assert.deepEqual(told(series, 2), {
    unit: null,
    mean: [113_644_040_337, 0.123_456_78],
    min: [113_644_040_337, 0.123_456_78],
    max: [113_644_040_337, 0.123_456_78],
  });
});

test('a mean counts each value for the time that it was measured over, and is null where there is none', () => {
  const series = new Series('x', 'bytes', 2);
  series.add(0, 10, 1);
  series.add(0, 20, 3);
  assert.deepEqual(told(series, 2), { unit: 'bytes', mean: [17.5, null], min: [10, null], max: [20, null] });
});
