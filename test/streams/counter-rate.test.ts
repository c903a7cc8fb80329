import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counterRate, type RateSample } from '../../src/streams/sampling/counter-rate.ts';
import type { Reading } from '../../src/streams/sampling/counter-table.ts';
import { EpochTracker } from '../../src/streams/sampling/epoch-tracker.ts';
import { develop, type ExpectedRates, type FilmFrame, films, toTable } from '../helpers/film.ts';
import fc from '../helpers/properties.ts';

for (const { name, about, frames, expected, longestMs, monotonicColumns } of films()) {
  test(`${name}: ${about}`, () => {
    const readings = develop(frames, monotonicColumns);
    const each = readings.slice(1).map((reading, index) => written(counterRate(readings[index] as Reading, reading, longestMs)));
    assert.deepEqual(each, expected.eachAgainstTheOneBefore);
    assert.deepEqual(written(counterRate(readings[0] as Reading, readings.at(-1) as Reading, longestMs)), expected.lastAgainstFirst);
  });
}

test('without a baseline every row is first, and nothing is known', () => {
  const [reading] = develop([{ atMs: 5, devices: { a: [1, 10], b: [2, 20] } }], 1);
  const sample = counterRate(null, reading as Reading);
  assert.deepEqual(written(sample), { elapsedMs: null, statuses: { a: 'first', b: 'first' }, perSecond: { a: [null], b: [null] } });
  assert.equal(sample.reading, reading);
});

test('a baseline of exactly the longest age is no gap yet', () => {
  const [first, last] = develop([frame(0, 0), frame(3000, 3000)], 1);
  assert.deepEqual(counterRate(first as Reading, last as Reading, 3000).statuses, ['ok']);
  assert.deepEqual(counterRate(first as Reading, last as Reading, 2999.9).statuses, ['gap']);
});

test('epochs stay the very same array while every row counts on', () => {
  const tracker = new EpochTracker(1);
  const first = toTable({ a: [1, 5], b: [2, 5] });
  const second = toTable({ a: [1, 6], b: [2, 5] }, first);
  const third = toTable({ a: [1, 7], b: [2, 4] }, second);
  const epochs = tracker.track(first);
  assert.equal(tracker.track(second), epochs);
  const after = tracker.track(third);
  assert.deepEqual([after[0] === epochs[0], after[1] === epochs[1]], [true, false]);
});

const steps = fc.array(fc.record({ ms: fc.double({ min: 0.1, max: 5000, noNaN: true }), bytes: fc.integer({ min: 0, max: 2 ** 40 }) }), {
  minLength: 2,
  maxLength: 30,
});
const wild = fc.array(
  fc.record({
    ms: fc.double({ min: 0, max: 5000, noNaN: true }),
    a: fc.option(
      fc.tuple(fc.option(fc.integer({ min: 1, max: 4 })), fc.oneof(fc.nat(), fc.integer({ min: 0, max: 2 ** 53 }), fc.constant(null))),
    ),
    b: fc.option(fc.tuple(fc.option(fc.integer({ min: 5, max: 8 })), fc.nat(1000))),
  }),
  { minLength: 2, maxLength: 20 },
);

test('no rate is ever negative or more than what was counted over the time, whatever comes and goes', () => {
  fc.assert(
    fc.property(wild, (moments) => {
      let atMs = 0;
      const frames = moments.map(({ ms, a, b }): FilmFrame => {
        atMs += ms;
        return { atMs, devices: { ...(a && { a }), ...(b && { b }) } };
      });
      const readings = develop(frames, 1);
      for (const [to, current] of readings.entries()) {
        for (const baseline of readings.slice(0, to)) {
          const { perSecond, elapsedMs, statuses } = counterRate(baseline, current);
          assert.equal(statuses.length, current.names.length);
          for (const [row, rate] of perSecond.entries()) {
            if (Number.isNaN(rate)) continue;
            const before = baseline.names.indexOf(current.names[row] as string);
            const delta = (current.counters[row] as number) - (baseline.counters[before] as number);
            assert.ok(rate >= 0);
            assert.equal(statuses[row], 'ok');
            assert.ok(rate <= (delta * 1000) / (elapsedMs as number) + 1e-6, `${rate} of ${delta} in ${elapsedMs} ms`);
          }
        }
      }
    }),
  );
});

test('without a reset the rates times their times add up to what was counted', () => {
  fc.assert(
    fc.property(steps, (moments) => {
      const readings = develop(running(moments), 1);
      let sum = 0;
      for (const [index, reading] of readings.slice(1).entries()) {
        const { perSecond, elapsedMs, statuses } = counterRate(readings[index] as Reading, reading);
        assert.deepEqual(statuses, ['ok']);
        sum += ((perSecond[0] as number) * (elapsedMs as number)) / 1000;
      }
      const counted = (readings.at(-1)?.counters[0] as number) - (readings[0]?.counters[0] as number);
      assert.ok(Math.abs(sum - counted) <= 1e-9 * Math.max(1, counted), `${sum} is not ${counted}`);
    }),
  );
});

test('a reset inside a long interval is seen, however far the counters have run since', () => {
  fc.assert(
    fc.property(steps, steps, fc.integer({ min: 1, max: 2 ** 40 }), (before, after, begin) => {
      const first = running(before, begin);
      const lastBefore = first.at(-1) as FilmFrame;
      const restart: FilmFrame = { atMs: lastBefore.atMs + 1, devices: { a: [1, (lastBefore.devices.a?.[1] as number) - 1] } };
      const rest = running(after, 2 ** 50, restart.atMs + 1);
      const readings = develop([...first, restart, ...rest], 1);
      const current = readings.at(-1) as Reading;
      for (const baseline of readings.slice(0, first.length)) assert.deepEqual(counterRate(baseline, current).statuses, ['reset']);
      for (const baseline of readings.slice(first.length, -1)) assert.deepEqual(counterRate(baseline, current).statuses, ['ok']);
    }),
  );
});

function running(moments: readonly { ms: number; bytes: number }[], begin = 0, beginMs = 0): FilmFrame[] {
  let [atMs, bytes] = [beginMs, begin];
  return moments.map((moment) => {
    atMs += moment.ms;
    bytes += moment.bytes;
    return frame(atMs, bytes);
  });
}

function frame(atMs: number, bytes: number): FilmFrame {
  return { atMs, devices: { a: [1, bytes] } };
}

function written({ reading, elapsedMs, perSecond, statuses }: RateSample): ExpectedRates {
  const { names, width } = reading;
  return {
    elapsedMs,
    statuses: Object.fromEntries(names.map((name, row) => [name, statuses[row] as string])),
    perSecond: Object.fromEntries(names.map((name, row) => [name, [...perSecond.slice(row * width, (row + 1) * width)].map(orNull)])),
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
