import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { NEVER, of, Subject, throwError } from 'rxjs';
import { TestScheduler } from 'rxjs/testing';
import { caughtUp } from '../../src/streams/catch-up.ts';
import { SlowConsumerError } from '../../src/streams/conflate.ts';
import type { Frame } from '../../src/streams/frame.ts';

const frame = (sequence: number | null): Frame => ({ value: sequence, bytes: Buffer.from(String(sequence)), sequence, statusCode: 200 });
const ready = { isReady: () => true, recheckMs: 50, patienceMs: 1000 };

/** A topic that remembers all, whose reader pulls while more is published. */
function recorded(first: number) {
  const kept: Frame[] = [];
  const live = new Subject<Frame>();
  const publish = () => {
    const next = frame(first + kept.length);
    kept.push(next);
    live.next(next);
  };
  function* after(sequence: number): Generator<Frame> {
    for (let at = sequence - first + 1; at < kept.length; at++) yield kept[at] as Frame;
  }
  return { kept, live, publish, after };
}

describe('who has missed something', () => {
  test('gets it before what is live, and nothing twice', () => {
    const { live, publish, after } = recorded(1);
    for (let n = 0; n < 5; n++) publish();
    const seen: unknown[] = [];
    caughtUp({ live, missed: () => after(2) }, ready).subscribe(({ value }) => seen.push(value));
    publish();
    assert.deepEqual(seen, [3, 4, 5, 6]);
  });

  test('gets each frame once, whenever its sink is ready and whenever more is published', () => {
    const step = fc.constantFrom('publish', 'ready', 'busy', 'time');
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.array(step, { maxLength: 60 }), (published, since, steps) => {
        const scheduler = new TestScheduler(assert.deepEqual);
        const { kept, live, publish, after } = recorded(1);
        for (let n = 0; n < published; n++) publish();
        let isReady = false;
        const seen: unknown[] = [];
        const options = { isReady: () => isReady, recheckMs: 1, patienceMs: 1e9, scheduler };
        caughtUp({ live, missed: () => after(Math.min(since, published)) }, options).subscribe(({ value }) => seen.push(value));
        for (const each of [...steps, 'ready', 'time'] as const) {
          if (each === 'publish') publish();
          else if (each === 'time') scheduler.schedule(() => {}, 1).add(() => {});
          else isReady = each === 'ready';
          scheduler.maxFrames = scheduler.frame + 5;
          scheduler.flush();
        }
        assert.deepEqual(
          seen,
          kept.slice(Math.min(since, published)).map(({ value }) => value),
        );
      }),
      { numRuns: 200 },
    );
  });

  test('is told the newest once where it is not of the past, and what is no value in any case', () => {
    const seen: unknown[] = [];
    const past = [frame(1), frame(2)];
    const see = (newest: Frame) => {
      seen.length = 0;
      const live = of(newest);
      caughtUp({ live, missed: () => past[Symbol.iterator]() }, ready).subscribe({
        next: ({ value }) => seen.push(value),
        complete: () => seen.push('end'),
      });
      return seen;
    };
    assert.deepEqual(see(frame(2)), [1, 2, 'end']);
    assert.deepEqual(see(frame(3)), [1, 2, 3, 'end']);
    assert.deepEqual(see(frame(null)), [1, 2, null, 'end']);
  });

  test('is not told again what it has, and is told what has a smaller number since the clock was set back', () => {
    const seen: unknown[] = [];
    for (const newest of [5, 6, 3]) {
      const missed = () => [][Symbol.iterator]();
      caughtUp({ live: of(frame(newest)), missed, has: 5 }, ready).subscribe(({ value }) => seen.push(value));
    }
    assert.deepEqual(seen, [6, 3]);
  });

  test('and does not read, is given up', () => {
    const scheduler = new TestScheduler(assert.deepEqual);
    scheduler.maxFrames = 5000;
    let failure: unknown;
    caughtUp({ live: NEVER, missed: () => [frame(1)][Symbol.iterator]() }, { ...ready, isReady: () => false, scheduler }).subscribe({
      error: (error: unknown) => {
        failure = error;
      },
    });
    scheduler.flush();
    assert.ok(failure instanceof SlowConsumerError);
  });

  test('and goes, leaves nothing behind', () => {
    let isReturned = false;
    const missed = function* () {
      try {
        yield frame(1);
        yield frame(2);
      } finally {
        isReturned = true;
      }
    };
    let taken = 0;
    const live = new Subject<Frame>();
    const options = { ...ready, isReady: () => taken === 0 };
    const subscription = caughtUp({ live, missed }, options).subscribe(() => taken++);
    assert.equal(live.observed, true);
    subscription.unsubscribe();
    assert.deepEqual([live.observed, isReturned, taken], [false, true, 1]);
  });

  test('hears of a failure of either', () => {
    const failures: string[] = [];
    const error = (thrown: Error) => void failures.push(thrown.message);
    caughtUp({ live: throwError(() => new Error('live')), missed: () => [][Symbol.iterator]() }, ready).subscribe({ error });
    const missed = function* (): Generator<Frame> {
      yield frame(1);
      throw new Error('past');
    };
    caughtUp({ live: NEVER, missed }, ready).subscribe({ error });
    assert.deepEqual(failures, ['live', 'past']);
  });
});
