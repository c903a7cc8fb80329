import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestScheduler } from 'rxjs/testing';
import { conflate, SlowConsumerError } from '../../src/streams/conflate.ts';
import { marbles } from '../helpers/marbles.ts';

const SLOW = new SlowConsumerError(50);

test('a ready receiver gets every value at once', () => {
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-a-(bc)--d|');
    expectObservable(source.pipe(conflate({ isReady: () => true, recheckMs: 10, patienceMs: 50 }))).toBe('-a-(bc)--d|');
    expectSubscriptions(source.subscriptions).toBe('^---------!');
  });
});

test('while the receiver is behind only the newest value waits for it, and each replaced one is counted', () => {
  marbles(({ hot, scheduler, expectObservable }) => {
    let drops = 0;
    const gate = gateBetween(scheduler, 5, 22);
    const source = hot('-a----b-c-d---------------e');
    const conflated = source.pipe(conflate({ ...gate, recheckMs: 10, patienceMs: 50, onDrop: () => drops++ }));
    // b, c and d come while it is behind; asked again at 16 (no) and 26 (yes).
    expectObservable(conflated).toBe('-a 24ms e');
    scheduler.schedule(() => assert.equal(drops, 3), 40);
  });
});

test('the newest waiting value goes out as soon as the receiver is asked again and ready', () => {
  marbles(({ hot, scheduler, expectObservable }) => {
    let drops = 0;
    const source = hot('-a----b-c-d-----------------------e');
    const conflated = source.pipe(conflate({ ...gateBetween(scheduler, 5, 12), recheckMs: 10, patienceMs: 50, onDrop: () => drops++ }));
    expectObservable(conflated).toBe('-a 14ms d 17ms e');
    scheduler.schedule(() => assert.equal(drops, 2), 40);
  });
});

test('a receiver that stays behind for the whole patience fails the stream, and the source is let go of', () => {
  marbles(({ hot, expectObservable, expectSubscriptions }) => {
    const source = hot('-----a----b----c----d----e----f----g----h----i----j----k----l');
    expectObservable(source.pipe(conflate({ isReady: () => false, recheckMs: 10, patienceMs: 50 }))).toBe('55ms #', undefined, SLOW);
    expectSubscriptions(source.subscriptions).toBe('^ 54ms !');
  });
});

test('patience begins anew each time that the receiver has caught up', () => {
  marbles(({ hot, scheduler, expectObservable }) => {
    const isReady = () => scheduler.now() % 40 === 5;
    const source = hot('a 59ms b 59ms c 59ms d');
    // Each value waits some time, none of them the whole patience.
    expectObservable(source.pipe(conflate({ isReady, recheckMs: 5, patienceMs: 50 })), '^ 205ms !').toBe('5ms a 79ms b 39ms c 79ms d');
  });
});

test('a source that completes while a value waits completes after that value', () => {
  marbles(({ hot, scheduler, expectObservable, expectSubscriptions }) => {
    const source = hot('-a--b-c|');
    expectObservable(source.pipe(conflate({ ...gateBetween(scheduler, 3, 12), recheckMs: 10, patienceMs: 50 }))).toBe('-a 12ms (c|)');
    expectSubscriptions(source.subscriptions).toBe('^------!');
  });
});

test('a source that completed does not wait for ever for its last value to be read', () => {
  marbles(({ hot, expectObservable }) => {
    expectObservable(hot('-a|').pipe(conflate({ isReady: () => false, recheckMs: 10, patienceMs: 50 }))).toBe('51ms #', undefined, SLOW);
  });
});

test('an error of the source comes through at once, waiting value or not', () => {
  marbles(({ hot, scheduler, expectObservable }) => {
    expectObservable(hot('-a--b-#').pipe(conflate({ ...gateBetween(scheduler, 3, 30), recheckMs: 10, patienceMs: 50 }))).toBe('-a----#');
  });
});

test('empty, never and error stay what they are', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const never = cold('-');
    const options = { isReady: () => true, recheckMs: 10, patienceMs: 50 };
    expectObservable(cold('|').pipe(conflate(options))).toBe('|');
    expectObservable(cold('#').pipe(conflate(options))).toBe('#');
    expectObservable(never.pipe(conflate(options)), '^----!').toBe('------');
    expectSubscriptions(never.subscriptions).toBe('^----!');
  });
});

test('unsubscribing while a value waits stops asking', () => {
  marbles(({ hot, scheduler, expectObservable, expectSubscriptions }) => {
    let asked = 0;
    const source = hot('-a-------------------------');
    const isReady = () => {
      asked++;
      return false;
    };
    expectObservable(source.pipe(conflate({ isReady, recheckMs: 10, patienceMs: 50 })), '^-----------------------!').toBe('-');
    expectSubscriptions(source.subscriptions).toBe('^-----------------------!');
    scheduler.schedule(() => assert.equal(asked, 3), 500);
  });
});

/** Behind from `fromMs` until before `untilMs`. */
function gateBetween(scheduler: TestScheduler, fromMs: number, untilMs: number): { isReady: () => boolean } {
  return { isReady: () => scheduler.now() < fromMs || scheduler.now() >= untilMs };
}
