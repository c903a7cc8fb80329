import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseCondition } from '../../src/core/conditions/parse.ts';
import { SampleClock } from '../../src/core/conditions/sample-clock.ts';
import { Watch } from '../../src/core/conditions/watch.ts';
import { boundToValue, watchOf } from '../helpers/conditions.ts';
import fc from '../helpers/properties.ts';

/** What is told at the samples of a second each. */
function told(text: string, values: readonly (number | null)[], stepMs = 1000): string[] {
  const { see } = watchOf(text);
  return values.flatMap((x, at) => {
    const said = see(1_000_000 + at * stepMs, x);
    return said === '' ? [] : [`${at}: ${said}`];
  });
}

describe('a condition without a time', () => {
  test('is entered and left at once', () =>
    assert.deepEqual(told('x > 5', [1, 6, 7, 5, 6]), ['1: entered 0', '3: left 0', '4: entered 0']));
  test('is entered where it is true already', () => assert.deepEqual(told('x > 5', [6]), ['0: entered 0']));
});

describe('for', () => {
  test('has to be true so long', () => assert.deepEqual(told('x > 5 for 3s', [1, 6, 6, 6, 6, 6]), ['4: entered 3000']));
  test('begins anew where it was false', () => assert.deepEqual(told('x > 5 for 2s', [6, 6, 1, 6, 6, 6]), ['5: entered 2000']));
  test('is also how long it has to be untrue', () =>
    assert.deepEqual(told('x > 5 for 2s', [6, 6, 6, 1, 1, 6, 1, 1, 1]), ['2: entered 2000', '8: left 2000']));
  test('counts time, not samples', () => assert.deepEqual(told('x > 5 for 2s', [6, 6, 6, 6, 6, 6], 500), ['4: entered 2000']));
  test('is not missed by a tick that is a little early', () => {
    const { see } = watchOf('x > 5 for 3s');
    assert.deepEqual([0, 1000, 2000, 2960].map((ms) => see(ms, 6)).join(), ',,,entered 2960');
    const early = watchOf('x > 5 for 3s');
    assert.deepEqual([0, 1000, 2000, 2940].map((ms) => early.see(ms, 6)).join(), ',,,');
  });
});

describe('until', () => {
  test('is where it leaves', () =>
    assert.deepEqual(told('x > 10 until <8', [11, 9, 8, 7, 9, 11]), ['0: entered 0', '3: left 0', '5: entered 0']));
  test('leaves at once, also where it had to hold to be entered', () =>
    assert.deepEqual(told('x > 10 for 2s until <8', [11, 11, 11, 7]), ['2: entered 2000', '3: left 0']));
  test('may have a time of its own', () =>
    assert.deepEqual(told('x > 10 until <8 for 2s', [11, 7, 7, 9, 7, 7, 7, 7]), ['0: entered 0', '6: left 2000']));
  test('does not count while the condition itself is true', () =>
    assert.deepEqual(told('x > 10 until > 5', [11, 11, 7, 11]), ['0: entered 0', '2: left 0', '3: entered 0']));
  test('may look at another field', () => {
    const { seeList } = watchOf('x > 10 until y = 0');
    const events = [
      { name: 'a', x: 11, y: 1 },
      { name: 'a', x: 0, y: 1 },
      { name: 'a', x: null, y: 0 },
    ].flatMap((element, at) => seeList(at, [element]).map(({ event, values }) => ({ event, values })));
    assert.deepEqual(events, [
      { event: 'entered', values: { x: 11, y: 1 } },
      { event: 'left', values: { x: null, y: 0 } },
    ]);
  });
});

describe('what is unknown', () => {
  test('neither enters nor leaves', () =>
    assert.deepEqual(told('x > 5', [null, 6, null, null, 7, null, 1]), ['1: entered 0', '6: left 0']));
  test('counts neither for nor against', () => assert.deepEqual(told('x > 5 for 2s', [6, 6, null, null, 6, 6]), ['5: entered 2000']));
  test('does not let it leave sooner', () =>
    assert.deepEqual(told('x > 5 for 2s', [6, 6, 6, 1, null, null, null, 1, 1, 1]), ['2: entered 2000', '9: left 2000']));
});

describe('elements', () => {
  const a = { name: 'a', x: 9 };
  const b = { name: 'b', x: 9 };
  test('are followed each on its own', () => {
    const { seeList } = watchOf('x > 5 for 1s');
    seeList(0, [a, { ...b, x: 0 }]);
    const first = seeList(1000, [a, b]);
    const second = seeList(2000, [{ ...a, x: 0 }, b]);
    assert.deepEqual(
      [...first, ...second].map(({ event, path }) => `${event} ${path}`),
      ['entered list/a', 'entered list/b'],
    );
  });
  test('are told in their order', () => {
    const { seeList } = watchOf('x > 5');
    assert.deepEqual(
      seeList(0, [a, b, { name: 'c', x: 9 }]).map(({ path }) => path),
      ['list/a', 'list/b', 'list/c'],
    );
  });
  test('that are gone have left, and begin anew where they come back', () => {
    const { seeList } = watchOf('x > 5 for 1s');
    seeList(0, [a, b]);
    seeList(1000, [a, b]);
    assert.deepEqual(seeList(4000, [b]), [
      {
        event: 'left',
        timestampMs: 4000,
        condition: 'x > 5 for 1s',
        path: 'list/a',
        values: {},
        forMs: 0,
        lastedMs: 3000,
        reason: 'gone',
      },
    ]);
    assert.deepEqual(seeList(5000, [a, b]), []);
    assert.deepEqual(
      seeList(6000, [a, b]).map(({ event, path }) => `${event} ${path}`),
      ['entered list/a'],
    );
  });
  test('that were not in by then, go without a word, and lose what they had held', () => {
    const { seeList } = watchOf('x > 5 for 2s');
    seeList(0, [a]);
    seeList(1000, [a]);
    assert.deepEqual(seeList(1500, []), []);
    assert.deepEqual(seeList(2000, [a]), []);
    assert.deepEqual(seeList(3000, [a]), []);
    assert.equal(seeList(4000, [a]).length, 1);
  });
  test('of a list that is unknown stay as they are; of one that is not there they are gone', () => {
    const { seeList } = watchOf('x > 5');
    seeList(0, [a]);
    assert.deepEqual(seeList(1, null), []);
    assert.deepEqual(
      seeList(2, undefined).map(({ reason }) => reason),
      ['gone'],
    );
  });
  test('of the same name are one', () => {
    const { seeList } = watchOf('x > 5');
    assert.deepEqual(
      seeList(0, [{ ...a, x: 0 }, a]).map(({ event }) => event),
      ['entered'],
    );
    assert.deepEqual(seeList(1, [{ ...a, x: 0 }, a]), []);
  });
  test('of lists within lists are each its own; those of an unknown list stay', () => {
    const of = (inner: unknown) => ({ inner });
    const rows = [{ x: 9 }, { x: 9 }];
    const value = (...outer: object[]) => ({ outer });
    const watch = new Watch(parseCondition('x > 5'));
    const bound = boundToValue('x > 5', value(of(rows), of(rows)));
    const see = (atMs: number, now: object) =>
      watch.see({ value: now, timestampMs: atMs, arrivedMs: atMs }, bound).map(({ event, path }) => `${event} ${path}`);
    const entered = ['outer/0/inner/0', 'outer/0/inner/1', 'outer/1/inner/0', 'outer/1/inner/1'].map((path) => `entered ${path}`);
    assert.deepEqual(see(0, value(of(rows), of(rows))), entered);
    assert.deepEqual(see(1, value(of(null), of([{ x: 9 }]))), ['left outer/1/inner/1']);
    assert.deepEqual(see(2, value(of([]), of([{ x: 9 }]))).sort(), ['left outer/0/inner/0', 'left outer/0/inner/1']);
  });
  test('all of a place that is gone have left', () => {
    const { watch, seeList } = watchOf('x > 5');
    seeList(0, [a, b]);
    assert.deepEqual(
      watch.seeNothing({ timestampMs: 5, arrivedMs: 5 }).map(({ path, lastedMs }) => `${path} ${lastedMs}`),
      ['list/b 5', 'list/a 5'],
    );
  });
});

describe('time is that of the samples', () => {
  test('a missed tick falsifies nothing', () => {
    const { see } = watchOf('x > 5 for 5s');
    assert.deepEqual([see(0, 6), see(5000, 6)], ['', 'entered 5000']);
  });

  test('nor does one that arrives late', () => {
    const { see } = watchOf('x > 5 for 3s');
    // The sample of the first second arrives when the fourth has passed.
    assert.deepEqual([see(0, 6, 0), see(1000, 6, 3900), see(2000, 6, 3900), see(3900, 6, 3900)], ['', '', '', 'entered 3900']);
  });

  test('a wall clock that is set does not move it', () => {
    for (const stepMs of [86_400_000, -86_400_000, 900, -900]) {
      const { see } = watchOf('x > 5 for 10s');
      const wall = 1_000_000_000;
      const said = [see(wall, 6, 0), see(wall + 1000, 6, 1000), see(wall + 2000 + stepMs, 6, 2000), see(wall + 3000 + stepMs, 6, 3000)];
      assert.deepEqual(said, ['', '', '', ''], String(stepMs));
    }
  });

  test('samples without a time have that of their arrival', () => {
    const clock = new SampleClock();
    assert.deepEqual([clock.at(null, 10), clock.at(null, 25), clock.at(5_000_000, 30), clock.at(5_000_010, 45)], [10, 25, 30, 40]);
  });

  test('it never runs backwards, nor ahead of the arrival', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.option(fc.integer()), fc.nat(5000))), (samples) => {
        const clock = new SampleClock();
        let [arrivedMs, lastMs] = [0, Number.NEGATIVE_INFINITY];
        for (const [timestampMs, pauseMs] of samples) {
          arrivedMs += pauseMs;
          const nowMs = clock.at(timestampMs, arrivedMs);
          assert.ok(nowMs >= lastMs && nowMs <= arrivedMs);
          lastMs = nowMs;
        }
      }),
    );
  });
});

/** The rules once more, as slowly as they are said: every sample looks back on all that came before it. */
function slowly(values: readonly (number | null)[], enterS: number, leaveS: number): string[] {
  const events: string[] = [];
  let isIn = false;
  let from = 0;
  values.forEach((_, at) => {
    let held = 0;
    let heldHere = false;
    for (let n = from; n <= at; n++) {
      const x = values[n];
      const opposite = x === null || x === undefined ? null : isIn ? x < 8 : x > 10;
      if (opposite && heldHere) held++;
      if (opposite === false) held = 0;
      heldHere = opposite === true;
    }
    if (!heldHere || held < (isIn ? leaveS : enterS)) return;
    isIn = !isIn;
    // What made it turn does not count for what comes then.
    from = at + 1;
    events.push(`${at}: ${isIn ? 'entered' : 'left'} ${held * 1000}`);
  });
  return events;
}

test('hysteresis is what the rules say, whatever the values', () => {
  const value = fc.constantFrom(7, 8, 9, 10, 11, null);
  fc.assert(
    fc.property(fc.array(value, { maxLength: 40 }), fc.nat(4), fc.nat(4), (values, enterS, leaveS) => {
      const clause = (seconds: number) => (seconds > 0 ? ` for ${seconds}s` : '');
      assert.deepEqual(told(`x > 10${clause(enterS)} until <8${clause(leaveS)}`, values), slowly(values, enterS, leaveS));
    }),
    { numRuns: 2000 },
  );
});
