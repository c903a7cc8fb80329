import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReadingHistory } from '../../src/streams/sampling/reading-history.ts';
import type { Stamp } from '../../src/streams/sampling/timed-reader.ts';
import fc from '../helpers/properties.ts';

interface Big extends Stamp {
  readonly counters: Float64Array;
}

const BASE_MS = 1000;
const reading = (ms: number, columns = 1): Big => ({
  sequence: ms + 1,
  timestampMs: ms,
  monotonicMs: ms,
  sleeps: 0,
  counters: new Float64Array(columns),
});

/** With a base interval that was told of a reading at each of these times. */
function told(timesMs: readonly number[], limits: { historyMs?: number; historyBytes?: number } = {}, columns?: number) {
  const history = new ReadingHistory<Big>({ baseIntervalMs: BASE_MS, historyMs: 10_000, historyBytes: 1_000_000, ...limits });
  history.begin(BASE_MS, null, false);
  tell(history, BASE_MS, timesMs, columns);
  return history;
}

function tell(history: ReadingHistory<Big>, intervalMs: number, timesMs: readonly number[], columns?: number): void {
  for (const ms of timesMs) {
    const baseline = history.newest(intervalMs)?.reading ?? null;
    history.push(intervalMs, { baseline, reading: reading(ms, columns), longestMs: 5000 });
  }
}

const seconds = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, n) => (from + n) * 1000);
const pairs = (history: ReadingHistory<Big>, intervalMs: number, sequence: number) =>
  [...history.after(intervalMs, sequence)].map(({ baseline, reading: { timestampMs } }) => [baseline?.timestampMs, timestampMs]);

describe('where nobody listened to an interval', () => {
  test('that is longer than the base, its readings on that grid stand in', () => {
    assert.deepEqual(pairs(told(seconds(0, 7)), 2000, 0), [
      [undefined, 0],
      [0, 2000],
      [2000, 4000],
      [4000, 6000],
    ]);
  });

  test('that is shorter, all of them do; each against the one before', () => {
    assert.deepEqual(pairs(told(seconds(0, 3)), 250, 1001), [
      [1000, 2000],
      [2000, 3000],
    ]);
  });

  test('they stand in up to what the first new one was held against, and again where the last listener has left', () => {
    const history = told(seconds(0, 5));
    const baseline = history.baselineFor(250, 5400);
    history.begin(250, baseline, false);
    history.push(250, { baseline, reading: reading(5400), longestMs: 5000 });
    tell(history, 250, [5500, 5750]);
    history.end(250);
    tell(history, BASE_MS, seconds(6, 7));
    assert.deepEqual(pairs(history, 250, 3001), [
      [3000, 4000],
      [4000, 5000],
      [5000, 5400],
      [5400, 5500],
      [5500, 5750],
      [5750, 6000],
      [6000, 7000],
    ]);
    assert.equal(history.completeAfter(250), 1);
  });

  test('and nobody reads, what is missing is said', () => {
    const history = new ReadingHistory<Big>({ baseIntervalMs: BASE_MS, historyMs: 10_000, historyBytes: 1e6 });
    const listen = (fromMs: number, isOnTime: boolean) => {
      history.begin(BASE_MS, history.baselineFor(BASE_MS, fromMs), isOnTime);
      tell(history, BASE_MS, [fromMs]);
      const { completeAfter } = { completeAfter: history.completeAfter(BASE_MS) };
      history.end(BASE_MS);
      return completeAfter;
    };
    assert.equal(history.completeAfter(BASE_MS), Number.POSITIVE_INFINITY);
    assert.equal(listen(1000, false), 1001);
    assert.equal(listen(1900, true), 1001);
    assert.equal(listen(9000, false), 9001);
    assert.equal(history.completeAfter(BASE_MS), Number.POSITIVE_INFINITY);
  });
});

describe('what is kept', () => {
  test('is bounded by age, and what was let go is known to be missing', () => {
    const history = told(seconds(0, 20));
    assert.equal(history.size, 11);
    assert.equal(history.completeAfter(BASE_MS), 9001);
    assert.deepEqual(pairs(history, BASE_MS, 0)[0], [9000, 10_000]);
  });

  test('is bounded by bytes, however big a reading is; two are kept in any case', () => {
    const history = told(seconds(0, 20), { historyBytes: 100_000, historyMs: 1e6 }, 1250);
    assert.ok(history.bytes <= 100_000 && history.size >= 8, `${history.size} in ${history.bytes}`);
    assert.equal(told(seconds(0, 20), { historyBytes: 10 }, 1250).size, 2);
  });

  test('of the newest remains what a long interval was told last, for who comes back before the next', () => {
    const history = told(seconds(0, 1));
    history.begin(60_000, null, false);
    tell(history, 60_000, [1000]);
    history.end(60_000);
    tell(history, BASE_MS, seconds(2, 50));
    assert.equal(history.newest(60_000)?.reading.timestampMs, 1000);
    tell(history, BASE_MS, seconds(51, 70));
    assert.equal(history.newest(60_000), null);
  });

  test('of intervals that nobody listens to any more is bounded in number', () => {
    const history = told(seconds(0, 5));
    for (let n = 0; n < 100; n++) {
      history.begin(100 + n, null, false);
      tell(history, 100 + n, [5000 + n]);
      history.end(100 + n);
    }
    assert.ok(history.size < 30);
    assert.equal(history.newest(199)?.reading.timestampMs, 5099);
  });

  test('leaves half of the memory to the base, whatever else is asked for', () => {
    const history = told([], { historyBytes: 100_000, historyMs: 1e6 });
    for (const intervalMs of [100, 150, 200]) history.begin(intervalMs, null, false);
    for (let ms = 0; ms < 100_000; ms += 50) {
      for (const intervalMs of [BASE_MS, 100, 150, 200]) if (ms % intervalMs === 0) tell(history, intervalMs, [ms], 40);
    }
    assert.ok(history.bytes <= 100_000);
    assert.ok(history.base.bytes >= 45_000, String(history.base.bytes));
  });

  test('leaves no time out and has none twice, also where the memory was not enough', () => {
    const times = fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 5, maxLength: 80 });
    fc.assert(
      fc.property(times, fc.integer({ min: 300, max: 10_000 }), fc.nat(3), (steps, historyBytes, from) => {
        const history = told([], { historyBytes, historyMs: 1e6 });
        history.begin(100, null, false);
        let ms = 0;
        for (const step of steps) {
          for (let n = 0; n < step; n++, ms += 100) {
            if (ms % BASE_MS === 0) tell(history, BASE_MS, [ms]);
            tell(history, 100, [ms]);
          }
        }
        const all = pairs(history, 100, (from * ms) / 4);
        for (const [index, [baselineMs]] of all.entries()) if (index > 0) assert.equal(baselineMs, all[index - 1]?.[1]);
        assert.equal(all.at(-1)?.[1], ms - 100);
      }),
    );
  });
});

test('a baseline is the newest that is old enough; the oldest where history does not reach back so far', () => {
  const history = told(seconds(0, 5));
  assert.equal(history.baselineFor(900, 5400)?.timestampMs, 4000);
  assert.equal(history.baselineFor(60_000, 5400)?.timestampMs, 0);
  assert.equal(told([5390]).baselineFor(900, 5400), null);
  tell(history, BASE_MS, [5350]);
  assert.equal(history.baselineAt(BASE_MS, 5400)?.timestampMs, 4000);
});
