import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestScheduler } from 'rxjs/testing';
import { deliver } from '../../src/streams/deliver.ts';
import type { Frame } from '../../src/streams/frame.ts';
import { FakeSink, LIMITS, noCounts } from '../helpers/fake-sink.ts';
import { marbles } from '../helpers/marbles.ts';

const frame = (text: string): Frame => ({ value: text, bytes: Buffer.from(text), sequence: null, statusCode: 200 });
const frames = Object.fromEntries('abcde'.split('').map((text) => [text, frame(text)]));

function setUp() {
  const told: unknown[] = [];
  const sink = new FakeSink();
  const counts = noCounts();
  const delivery = { sink, counts, limits: LIMITS, onEnd: () => told.push('end'), onError: (error: unknown) => told.push(error) };
  return { sink, counts, told, delivery };
}

test('frames go out as their own bytes, and are counted', () => {
  marbles(({ hot, scheduler }) => {
    const { sink, counts, told, delivery } = setUp();
    deliver({ live: hot('-a-b-|', frames), missed: null }, delivery);
    at(scheduler, 10, () => {
      assert.deepEqual(sink.sent, ['a', 'b']);
      assert.deepEqual(counts, { messages: 2, dropped: 0 });
      assert.deepEqual(told, ['end']);
      assert.deepEqual(sink.closed, []);
    });
  });
});

test('a transport wraps frames in its own way', () => {
  marbles(({ hot, scheduler }) => {
    const { sink, delivery } = setUp();
    deliver(
      { live: hot('-a', frames), missed: null },
      { ...delivery, wrap: ({ bytes }) => Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]) },
    );
    at(scheduler, 10, () => assert.deepEqual(sink.sent, ['<a>']));
  });
});

test('at the high-water mark a sink still takes frames; above it only the newest waits', () => {
  marbles(({ hot, scheduler }) => {
    const { sink, counts, delivery } = setUp();
    sink.bufferedBytes = LIMITS.highWaterBytes;
    deliver({ live: hot('-a 9ms b 9ms c 9ms d 99ms e', frames), missed: null }, delivery);
    at(scheduler, 5, () => {
      assert.deepEqual(sink.sent, ['a']);
      sink.bufferedBytes++;
    });
    at(scheduler, 50, () => {
      assert.deepEqual(sink.sent, ['a']);
      sink.bufferedBytes = 0;
    });
    at(scheduler, 120, () => {
      assert.deepEqual(sink.sent, ['a', 'd']);
      assert.deepEqual(counts, { messages: 2, dropped: 2 });
    });
    at(scheduler, 150, () => assert.deepEqual(sink.sent, ['a', 'd', 'e']));
  });
});

test('a reader that stays behind is closed with 1013, and its frames are let go of', () => {
  marbles(({ hot, scheduler, expectSubscriptions }) => {
    const { sink, told, delivery } = setUp();
    sink.bufferedBytes = LIMITS.highWaterBytes + 1;
    const source = hot('a 99ms b 99ms c 1900ms d', frames);
    deliver({ live: source, missed: null }, delivery);
    at(scheduler, 3000, () => {
      assert.deepEqual(sink.sent, []);
      assert.deepEqual(sink.closed, [{ code: 1013, reason: 'read too slowly for 1000 ms' }]);
      assert.deepEqual(told, []);
    });
    expectSubscriptions(source.subscriptions).toBe('^ 999ms !');
  });
});

test('an error of the frames is told, and is not taken for a slow reader', () => {
  marbles(({ hot, scheduler }) => {
    const { sink, told, delivery } = setUp();
    const broken = new Error('broken');
    deliver({ live: hot('-a-#', frames, broken), missed: null }, delivery);
    at(scheduler, 10, () => {
      assert.deepEqual(told, [broken]);
      assert.deepEqual(sink.closed, []);
    });
  });
});

test('unsubscribing says nothing and sends nothing more', () => {
  marbles(({ hot, scheduler, expectSubscriptions }) => {
    const { sink, told, delivery } = setUp();
    const source = hot('-a---b---|', frames);
    const subscription = deliver({ live: source, missed: null }, delivery);
    at(scheduler, 3, () => subscription.unsubscribe());
    at(scheduler, 20, () => {
      assert.deepEqual(sink.sent, ['a']);
      assert.deepEqual(told, []);
    });
    expectSubscriptions(source.subscriptions).toBe('^--!');
  });
});

function at(scheduler: TestScheduler, ms: number, act: () => void): void {
  scheduler.schedule(act, ms);
}
