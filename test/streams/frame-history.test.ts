import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Subject, startWith } from 'rxjs';
import type { Frame } from '../../src/streams/frame.ts';
import { FrameHistory } from '../../src/streams/frame-history.ts';

const frame = (sequence: number | null, text = String(sequence), statusCode = 200): Frame => {
  return { value: text, bytes: Buffer.from(text), sequence, statusCode };
};
const plenty = { historyMs: 1000, historyBytes: 1_000_000 };

function set(limits = plenty) {
  let nowMs = 10_000;
  const history = new FrameHistory(limits, () => nowMs);
  const listen = (key = 'q', isOurs = () => true, atOnce: Frame[] = []) => {
    const frames = new Subject<Frame>();
    const listening = frames.pipe(startWith(...atOnce), history.record(key, isOurs)).subscribe();
    return { publish: (each: Frame) => frames.next(each), end: () => listening.unsubscribe() };
  };
  const after = (sequence: number, key = 'q', fromMs = 0) => [...history.after(key, sequence, fromMs)].map(({ value }) => value);
  const pass = (ms: number) => {
    nowMs += ms;
  };
  return { history, listen, after, pass };
}

describe('frames of the past', () => {
  test('are those behind a sequence, or from a moment on, per question', () => {
    const { history, listen, after, pass } = set();
    const { publish } = listen();
    publish(frame(5));
    pass(100);
    publish(frame(6));
    publish(frame(9));
    listen('other').publish(frame(7));
    assert.deepEqual([after(0), after(5), after(7), after(9)], [['5', '6', '9'], ['6', '9'], ['9'], []]);
    assert.deepEqual([after(0, 'q', 10_100), after(0, 'other'), after(0, 'none')], [['6', '9'], ['7'], []]);
    assert.deepEqual([history.newest('q'), history.newest('none')], [9, null]);
  });

  test('that come while they are taken are taken, too', () => {
    const { history, listen } = set();
    const { publish } = listen();
    publish(frame(1));
    const taking = history.after('q', 0, 0);
    assert.equal(taking.next().value?.value, '1');
    publish(frame(2));
    assert.equal(taking.next().value?.value, '2');
    assert.equal(taking.next().done, true);
  });

  test('are none of what has no sequence, is an error, came again, or is kept by the plugin itself', () => {
    const { history, listen, after } = set();
    const { publish } = listen();
    for (const each of [frame(null), frame(1), frame(1, 'again'), frame(2, 'wrong', 404)]) publish(each);
    listen('theirs', () => false).publish(frame(3));
    assert.deepEqual([after(0), after(0, 'theirs')], [['1'], []]);
    assert.equal(history.completeAfter('theirs'), Number.POSITIVE_INFINITY);
  });

  test('are complete from where somebody began to listen without a pause', () => {
    const { history, listen, after } = set();
    const first = listen();
    for (const sequence of [1, 2, 3]) first.publish(frame(sequence));
    assert.equal(history.completeAfter('q'), 1);
    first.end();
    // Something may be published now, and nobody hears it.
    assert.equal(history.completeAfter('q'), Number.POSITIVE_INFINITY);
    const second = listen();
    second.publish(frame(null));
    second.publish(frame(6, 'wrong', 404));
    assert.equal(history.completeAfter('q'), Number.POSITIVE_INFINITY);
    second.publish(frame(7));
    assert.equal(history.completeAfter('q'), 7);
    assert.deepEqual(after(2), ['3', '7']);
  });

  test('are let go when they are old, and when they are too many for all questions together', () => {
    const { history, listen, after, pass } = set({ historyMs: 1000, historyBytes: 1600 });
    const [q, other] = [listen('q'), listen('other')];
    q.publish(frame(1));
    pass(900);
    q.publish(frame(2));
    pass(200);
    q.publish(frame(3));
    assert.deepEqual([after(0), history.completeAfter('q')], [['2', '3'], 1]);
    other.publish(frame(4, 'x'.repeat(500)));
    assert.deepEqual([after(0), after(0, 'other')], [['3'], ['x'.repeat(500)]]);
    other.publish(frame(5, 'x'.repeat(5000)));
    assert.deepEqual([after(0), after(0, 'other')], [[], []]);
    assert.ok(history.bytes < 400, 'beside what is heard nothing is left');
  });

  test('that come seldom are not let go because others come often, or are large', () => {
    const { listen, after, pass } = set({ historyMs: 100_000, historyBytes: 6000 });
    const [seldom, often] = [listen('seldom'), listen('often')];
    for (let sequence = 1; sequence <= 100; sequence++) {
      if (sequence % 25 === 0) seldom.publish(frame(sequence));
      pass(1);
      often.publish(frame(sequence, sequence === 99 ? 'x'.repeat(2000) : undefined));
    }
    assert.deepEqual(after(0, 'seldom'), ['25', '50', '75', '100']);
    const newest = after(0, 'often');
    assert.ok(newest.length >= 10 && newest.length < 30, `${newest.length}`);
    assert.equal(newest.at(-1), '100');
  });

  test('that nobody hears any more are let go before those that somebody hears', () => {
    const { listen, after } = set({ historyMs: 100_000, historyBytes: 3000 });
    const heard = listen('heard');
    for (const sequence of [1, 2, 3]) heard.publish(frame(sequence));
    for (let n = 1; n <= 20; n++) {
      const { publish, end } = listen(`new ${n}`);
      publish(frame(1));
      end();
    }
    assert.deepEqual([after(0, 'heard'), after(0, 'new 1')], [['1', '2', '3'], []]);
    assert.deepEqual(after(0, 'new 20'), ['1']);
  });

  test('that are all too old leave it known that none is missing, for as long as somebody listens', () => {
    const { history, listen, pass } = set();
    const q = listen('q');
    q.publish(frame(1));
    pass(2000);
    listen('other').publish(frame(5));
    assert.deepEqual([[...history.after('q', 0, 0)], history.completeAfter('q')], [[], 1]);
    q.end();
    assert.equal(history.completeAfter('q'), Number.POSITIVE_INFINITY);
    assert.ok(history.bytes < 600, 'and it is forgotten');
  });

  test('of an earlier count are none of those that are missed now', () => {
    const { history, listen, after } = set();
    const first = listen();
    for (const sequence of [1, 2, 3, 4, 5]) first.publish(frame(sequence, `first ${sequence}`));
    first.end();
    const second = listen();
    for (const sequence of [1, 2, 3]) second.publish(frame(sequence, `second ${sequence}`));
    assert.deepEqual([after(0), after(1), history.newest('q')], [['second 1', 'second 2', 'second 3'], ['second 2', 'second 3'], 3]);
    // Whose first, second or fourth one somebody has, nobody knows.
    assert.equal(history.completeAfter('q'), 6);
    for (const sequence of [4, 5, 6]) second.publish(frame(sequence));
    assert.deepEqual(after(4), ['5', '6']);
  });

  test('that a new listener is told once more are kept once', () => {
    const { listen, after } = set();
    const first = listen();
    for (const sequence of [1, 2, 3]) first.publish(frame(sequence));
    first.end();
    const second = listen('q', () => true, [frame(2), frame(3)]);
    assert.deepEqual(after(0), ['1', '2', '3']);
    second.publish(frame(4));
    assert.deepEqual(after(0), ['1', '2', '3', '4']);
    // Later than at once it is another count, though it says the same.
    second.publish(frame(1));
    assert.deepEqual(after(0), ['1']);
  });

  test('count with what was asked, which may be longer than they are', () => {
    const { history, listen, pass } = set({ historyMs: 1000, historyBytes: 100_000 });
    for (let index = 0; index < 100; index++) {
      const { publish, end } = listen(`${index} ${'long '.repeat(1000)}`);
      publish(frame(1));
      if (index < 97) end();
    }
    assert.ok(history.bytes > 50_000 && history.bytes <= 100_000, `${history.bytes}`);
    assert.equal(Array.from({ length: 100 }, (_, index) => history.newest(`${index} ${'long '.repeat(1000)}`)).filter(Boolean).length, 9);
    pass(2000);
    listen('q').publish(frame(1));
    assert.ok(history.bytes < 50_000, `of those that nobody hears nothing is left: ${history.bytes}`);
  });
});
