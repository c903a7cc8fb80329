import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Burst, BurstCollector, type BurstMeasures } from '../../src/streams/sampling/burst.ts';
import type { Reading } from '../../src/streams/sampling/counter-table.ts';
import { develop, type FilmFrame } from '../helpers/film.ts';

const BYTES: BurstMeasures = {
  names: ['bytesPerSecond'],
  measure: (perSecond, values) => {
    values[0] = perSecond[0] as number;
  },
};

/** What a collector says of readings, by the names of the last one: [known steps, mean ms, least, greatest, p95]. */
function seen(readings: readonly Reading[]): Record<string, number[]> {
  const collector = new BurstCollector(BYTES, 40);
  for (const reading of readings) collector.step(reading);
  return byName(collector.take(), readings.at(-1) as Reading);
}

function byName({ knownSteps, stepMs, values }: Burst, { names }: Reading): Record<string, number[]> {
  const row = (at: number) => [knownSteps[at] as number, stepMs[at] as number, ...values.slice(at * 3, at * 3 + 3)];
  return Object.fromEntries(names.map((name, at) => [name, row(at)]));
}

const film = (...frames: FilmFrame[]) => develop(frames, 1);

test('each step counts with what was counted in it over its own time', () => {
  const readings = film(
    { atMs: 0, devices: { a: [1, 0] } },
    { atMs: 50, devices: { a: [1, 100] } },
    { atMs: 150, devices: { a: [1, 100] } },
    { atMs: 200, devices: { a: [1, 150] } },
  );
  assert.deepEqual(seen(readings), { a: [3, 200 / 3, 0, 2000, 2000] });
});

test('a device that comes within the interval is told of since; one that went is not told', () => {
  const readings = film(
    { atMs: 0, devices: { gone: [1, 0], a: [2, 0] } },
    { atMs: 50, devices: { gone: [1, 900], a: [2, 50] } },
    { atMs: 100, devices: { a: [2, 50], late: [3, 7] } },
    { atMs: 150, devices: { a: [2, 60], late: [3, 57] } },
  );
  assert.deepEqual(seen(readings), { a: [3, 50, 0, 1000, 1000], late: [1, 50, 1000, 1000, 1000] });
});

test('one that appeared with the last reading has no step yet', () => {
  const readings = film({ atMs: 0, devices: {} }, { atMs: 50, devices: { a: [1, 5] } });
  assert.deepEqual(seen(readings), { a: [0, Number.NaN, Number.NaN, Number.NaN, Number.NaN] });
});

test('counters that begin anew make one step unknown, and what was seen before stays', () => {
  const readings = film(
    { atMs: 0, devices: { a: [1, 1000] } },
    { atMs: 50, devices: { a: [1, 1500] } },
    { atMs: 100, devices: { a: [1, 3] } },
    { atMs: 150, devices: { a: [1, 13] } },
  );
  assert.deepEqual(seen(readings), { a: [2, 50, 200, 10_000, 10_000] });
});

test('another device under an old name does not inherit what was seen', () => {
  const readings = film(
    { atMs: 0, devices: { a: [1, 0] } },
    { atMs: 50, devices: { a: [1, 5000] } },
    { atMs: 100, devices: { a: [2, 6000] } },
    { atMs: 150, devices: { a: [2, 6001] } },
  );
  assert.deepEqual(seen(readings), { a: [1, 50, 20, 20, 20] });
});

test('a renamed device goes on, whoever has its old name', () => {
  const readings = film(
    { atMs: 0, devices: { a: [1, 0], b: [2, 0] } },
    { atMs: 50, devices: { a: [1, 100], b: [2, 0] } },
    { atMs: 100, devices: { b: [1, 100], a: [2, 5] } },
  );
  assert.deepEqual(seen(readings), { b: [2, 50, 0, 2000, 2000], a: [2, 50, 0, 100, 100] });
});

test('a step in which the host slept is unknown', () => {
  const [first, second, third] = film(
    { atMs: 0, devices: { a: [1, 0] } },
    { atMs: 50, devices: { a: [1, 5_000_000] } },
    { atMs: 100, devices: { a: [1, 5_000_010] } },
  ) as [Reading, Reading, Reading];
  const sleeps = first.sleeps + 1;
  assert.deepEqual(seen([first, { ...second, sleeps }, { ...third, sleeps }]), { a: [1, 50, 200, 200, 200] });
});

test('every interval is told on its own, and what was told does not change', () => {
  const [first, second, third] = film(
    { atMs: 0, devices: { a: [1, 0] } },
    { atMs: 50, devices: { a: [1, 100] } },
    { atMs: 100, devices: { a: [1, 101] } },
  ) as [Reading, Reading, Reading];
  const collector = new BurstCollector(BYTES, 40);
  collector.begin(first);
  collector.step(second);
  const one = collector.take();
  collector.step(third);
  const other = collector.take();
  assert.deepEqual(byName(one, second), { a: [1, 50, 2000, 2000, 2000] });
  assert.deepEqual(byName(other, third), { a: [1, 50, 20, 20, 20] });
});
