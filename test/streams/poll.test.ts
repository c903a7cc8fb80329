import assert from 'node:assert/strict';
import { test } from 'node:test';
import { asyncScheduler, EMPTY, from, map, NEVER, of, type Subscription, take, tap, throwError, timer } from 'rxjs';
import { poll } from '../../src/streams/poll.ts';
import { marbles } from '../helpers/marbles.ts';

const monotonicMs = () => asyncScheduler.now();
const ok = (value: unknown, missedTicks = 0) => ({ ok: true, value, missedTicks });

test('ticks fall on a grid of the origin, whenever the subscription began', () => {
  marbles(({ expectObservable }) => {
    const values = poll({ intervalMs: 10, originMs: 3, read: () => of('r'), monotonicMs });
    expectObservable(values, '7ms ^ 40ms !').toBe('13ms a 9ms a 9ms a 9ms a', { a: ok('r') });
  });
});

test('a first tick that would come right after the subscription is left out', () => {
  marbles(({ expectObservable }) => {
    const values = poll({ intervalMs: 100, read: () => of('r'), monotonicMs });
    expectObservable(values, '81ms ^ 200ms !').toBe('200ms a', { a: ok('r') });
  });
  marbles(({ expectObservable }) => {
    const values = poll({ intervalMs: 100, read: () => of('r'), monotonicMs });
    expectObservable(values, '80ms ^ 100ms !').toBe('100ms a', { a: ok('r') });
  });
});

test('who wants it reads at once, and then on the grid', () => {
  marbles(({ expectObservable }) => {
    const values = poll({ intervalMs: 100, readsAtOnce: true, read: () => of('r'), monotonicMs });
    expectObservable(values, '30ms ^ 180ms !').toBe('30ms a 69ms a 99ms a', { a: ok('r') });
    // A tick that would come right after it is left out.
    expectObservable(values, '90ms ^ 120ms !').toBe('90ms a 109ms a', { a: ok('r') });
  });
});

test('nothing is read before the first tick, and each read is let go of after its first value', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const read = cold('--a-b-c|');
    const values = poll({ intervalMs: 10, read: () => read, monotonicMs });
    expectObservable(values, '^ 30ms !').toBe('12ms a 9ms a', { a: ok('a') });
    expectSubscriptions(read.subscriptions).toBe(['10ms ^-!', '20ms ^-!', '30ms ^!']);
  });
});

test('a slow read is never overlapped; the ticks that it covered are skipped and counted', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const read = cold('25ms a|');
    const values = poll({ intervalMs: 10, read: () => read, monotonicMs });
    // Tick at 10, read until 35: 20 and 30 are missed, next at 40, read until 65, next at 70.
    expectObservable(values, '^ 98ms !').toBe('35ms a 29ms b 29ms b', { a: ok('a', 0), b: ok('a', 2) });
    expectSubscriptions(read.subscriptions).toBe(['10ms ^ 24ms !', '40ms ^ 24ms !', '70ms ^ 24ms !']);
  });
});

test('missed ticks are told once, with the result after them', () => {
  marbles(({ expectObservable }) => {
    const durations = [25, 0, 0];
    const values = poll({ intervalMs: 10, read: () => timer(durations.shift() ?? 0).pipe(map(() => 'r')), monotonicMs });
    expectObservable(values, '^ 61ms !').toBe('35ms a 4ms b 9ms c 9ms c', { a: ok('r', 0), b: ok('r', 2), c: ok('r', 0) });
  });
});

test('a tick that a held-up process delivers late does not shift the grid', () => {
  marbles(({ scheduler, expectObservable }) => {
    let lateMs = 0;
    const reads: number[] = [];
    const read = () => {
      reads.push(scheduler.now());
      // The read that starts at 20 holds the process up until 57, on a clock that runs on meanwhile.
      if (scheduler.now() === 20) lateMs = 37;
      return of('r');
    };
    const values = poll({ intervalMs: 10, read, monotonicMs: () => scheduler.now() + lateMs });
    // On the held-up clock 57 is followed by 60, three virtual milliseconds later; then every ten.
    expectObservable(values, '^ 50ms !').toBe('10ms a 9ms a 2ms b 9ms a 9ms a', { a: ok('r', 0), b: ok('r', 3) });
    scheduler.flush();
    assert.deepEqual(
      reads.map((ms, index) => ms + (index < 2 ? 0 : 37)),
      [10, 20, 60, 70, 80],
    );
  });
});

test('a failed read is a value in the stream, and the next tick reads again', () => {
  marbles(({ expectObservable }) => {
    const broken = new Error('gone');
    const answers = [() => of('a'), () => throwError(() => broken), thrower(broken), () => of('b')];
    const values = poll({ intervalMs: 10, read: () => (answers.shift() ?? (() => NEVER))(), monotonicMs });
    const failed = { ok: false, error: broken, missedTicks: 0 };
    expectObservable(values, '^ 45ms !').toBe('10ms a 9ms x 9ms x 9ms b', { a: ok('a'), x: failed, b: ok('b') });
  });
});

test('a read that completes without a value is a tick without a value', () => {
  marbles(({ expectObservable }) => {
    const answers = [EMPTY, of('b')];
    const values = poll({ intervalMs: 10, read: () => answers.shift() ?? NEVER, monotonicMs });
    expectObservable(values, '^ 35ms !').toBe('20ms b', { b: ok('b') });
  });
});

test('a read that never answers is not asked twice', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const read = cold('-');
    expectObservable(poll({ intervalMs: 10, read: () => read, monotonicMs }), '^ 99ms !').toBe('');
    expectSubscriptions(read.subscriptions).toBe('10ms ^ 89ms !');
  });
});

test('unsubscribing between ticks stops reading', () => {
  marbles(({ scheduler }) => {
    let reads = 0;
    const subscription = poll({ intervalMs: 10, read: () => of(++reads), monotonicMs }).subscribe();
    scheduler.schedule(() => subscription.unsubscribe(), 25);
    scheduler.schedule(() => assert.equal(reads, 2), 500);
  });
});

test('unsubscribing within a value stops at once', () => {
  marbles(({ scheduler }) => {
    let reads = 0;
    poll({ intervalMs: 10, read: () => of(++reads), monotonicMs })
      .pipe(take(3))
      .subscribe();
    scheduler.schedule(() => assert.equal(reads, 3), 500);
  });
});

test('what a poll holds on to does not grow with its ticks', () => {
  marbles(({ scheduler }) => {
    for (const read of [() => of(0), () => timer(1)]) {
      let ticks = 0;
      const subscription = poll({ intervalMs: 10, read, monotonicMs })
        .pipe(tap(() => ticks++))
        .subscribe();
      let early = 0;
      scheduler.schedule(() => {
        early = held(subscription);
      }, 55);
      scheduler.schedule(() => {
        assert.ok(ticks > 900, `${ticks} ticks`);
        assert.equal(held(subscription), early);
        subscription.unsubscribe();
      }, 10_005);
    }
  });
});

test('a promise is a read, too', async () => {
  const results: unknown[] = [];
  await new Promise<void>((resolve) => {
    poll({ intervalMs: 1, read: () => from(Promise.resolve('p')) })
      .pipe(take(3))
      .subscribe({ next: (result) => results.push(result.ok && result.value), complete: resolve });
  });
  assert.deepEqual(results, ['p', 'p', 'p']);
});

function thrower(error: Error): () => never {
  return () => {
    throw error;
  };
}

/** Everything that will be torn down with a subscription, all the way down. */
function held(subscription: Subscription, seen = new Set<unknown>()): number {
  if (seen.has(subscription)) return 0;
  seen.add(subscription);
  const { _finalizers: below } = subscription as unknown as { _finalizers: Subscription[] | null };
  return 1 + (below ?? []).reduce((sum, finalizer) => sum + held(finalizer, seen), 0);
}
