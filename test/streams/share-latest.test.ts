import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareLatest } from '../../src/streams/share-latest.ts';
import { SharedByKey } from '../../src/streams/shared-by-key.ts';
import { marbles } from '../helpers/marbles.ts';

test('many subscribers are one subscription to the source; who comes later gets the newest value at once', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('--a--b--c--d');
    const shared = source.pipe(shareLatest());
    expectObservable(shared, '^-----------!').toBe('--a--b--c--d');
    expectObservable(shared, '------^--!').toBe('------b-c');
    expectObservable(shared, '---^!').toBe('---a');
    expectSubscriptions(source.subscriptions).toBe('^-----------!');
  });
});

test('the source stops with its last subscriber, and starts afresh with the next one, without an old value', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('--a--b--');
    const shared = source.pipe(shareLatest());
    expectObservable(shared, '^--!').toBe('--a');
    expectObservable(shared, '----------^--!').toBe('------------a');
    expectSubscriptions(source.subscriptions).toBe(['^--!', '----------^--!']);
  });
});

test('an error reaches everybody and is not kept for who comes later', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('--a--#');
    const shared = source.pipe(shareLatest());
    expectObservable(shared).toBe('--a--#');
    expectObservable(shared, '---^').toBe('---a-#');
    expectObservable(shared, '----------^').toBe('------------a--#');
    expectSubscriptions(source.subscriptions).toBe(['^----!', '----------^----!']);
  });
});

test('completion reaches everybody, and who comes later starts anew', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const source = cold('--a|');
    const shared = source.pipe(shareLatest());
    expectObservable(shared).toBe('--a|');
    expectObservable(shared, '-----^').toBe('-------a|');
    expectSubscriptions(source.subscriptions).toBe(['^--!', '-----^--!']);
  });
});

test('an empty, a silent and a failing source stay what they are', () => {
  marbles(({ cold, expectObservable }) => {
    expectObservable(cold('|').pipe(shareLatest())).toBe('|');
    expectObservable(cold('-').pipe(shareLatest())).toBe('-');
    expectObservable(cold('#').pipe(shareLatest())).toBe('#');
  });
});

test('equal keys are one execution for as long as somebody listens, and leave nothing behind', () => {
  marbles(({ cold, scheduler, expectObservable, expectSubscriptions }) => {
    const source = cold('--a--b--c--d');
    const streams = new SharedByKey<string>();
    const ask = () => streams.get('k', () => source);
    expectObservable(ask(), '^-------!').toBe('--a--b--');
    scheduler.schedule(() => expectAlso(), 4);
    const expectAlso = () => {
      assert.equal(streams.size, 1);
      ask().subscribe().unsubscribe();
      assert.equal(streams.size, 1);
    };
    scheduler.schedule(() => assert.equal(streams.size, 0), 9);
    expectSubscriptions(source.subscriptions).toBe('^-------!');
  });
});

test('equal keys that were asked for before anybody listened are one execution, too', () => {
  marbles(({ cold, scheduler, expectObservable, expectSubscriptions }) => {
    const source = cold('--a--b--c--d');
    const streams = new SharedByKey<string>();
    const [first, second] = [streams.get('k', () => source), streams.get('k', () => source)];
    expectObservable(first, '^------!').toBe('--a--b--');
    expectObservable(second, '---^-----!').toBe('---a-b--c-');
    expectSubscriptions(source.subscriptions).toBe('^--------!');
    scheduler.schedule(() => assert.equal(streams.size, 1), 8);
    scheduler.schedule(() => assert.equal(streams.size, 0), 10);
  });
});

test('different keys are different executions', () => {
  marbles(({ cold, expectObservable, expectSubscriptions }) => {
    const [a, b] = [cold('-a|'), cold('-b|')];
    const streams = new SharedByKey<string>();
    expectObservable(streams.get('a', () => a)).toBe('-a|');
    expectObservable(streams.get('b', () => b)).toBe('-b|');
    expectSubscriptions(a.subscriptions).toBe('^-!');
    expectSubscriptions(b.subscriptions).toBe('^-!');
  });
});

test('a stream that completes, fails or cannot be made frees its key', () => {
  marbles(({ cold, scheduler }) => {
    const streams = new SharedByKey<string>();
    const quiet = { error: () => {} };
    streams.get('done', () => cold('-a|')).subscribe(quiet);
    streams.get('failed', () => cold('-#')).subscribe(quiet);
    streams.get('unmade', () => assert.fail('cannot be made')).subscribe(quiet);
    assert.equal(streams.size, 2);
    scheduler.schedule(() => assert.equal(streams.size, 0), 5);
  });
});

test('what was asked for and never listened to costs nothing', () => {
  const streams = new SharedByKey<string>();
  streams.get('k', () => assert.fail('made too early'));
  assert.equal(streams.size, 0);
});
