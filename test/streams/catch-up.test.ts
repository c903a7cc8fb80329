import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NEVER, of, Subject, throwError } from 'rxjs';
import type { Frame } from '../../src/streams/frame.ts';
import type { Question } from '../../src/streams/question.ts';
import { deliveries, FakeSink, LIMITS } from '../helpers/fake-sink.ts';
import { marbles } from '../helpers/marbles.ts';
import fc from '../helpers/properties.ts';

const frame = (sequence: number | null): Frame => ({ value: sequence, bytes: Buffer.from(String(sequence)), sequence, statusCode: 200 });

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

function deliver(question: Question, sink = new FakeSink(), all = deliveries()) {
  const failures: unknown[] = [];
  const ends: string[] = [];
  const delivery = all.deliver(question, {
    sink,
    encode: ({ bytes }) => bytes,
    onEnd: () => ends.push('end'),
    onError: (error) => failures.push(error),
  });
  return { sink, all, delivery, failures, ends };
}

describe('who has missed something', () => {
  test('gets it before what is live, and nothing twice', () => {
    const { live, publish, after } = recorded(1);
    for (let n = 0; n < 5; n++) publish();
    const { sink } = deliver({ live, missed: () => after(2) });
    publish();
    assert.deepEqual(sink.sent, ['3', '4', '5', '6']);
  });

  test('gets each frame of it once, whenever its reader is ready, others are served and more is published', () => {
    const step = fc.constantFrom('publish', 'ready', 'busy', 'time');
    fc.assert(
      fc.property(fc.nat(20), fc.nat(20), fc.boolean(), fc.array(step, { maxLength: 60 }), (published, since, isSlow, steps) => {
        marbles(({ scheduler }) => {
          let nowMs = 0;
          // A slow agent has time for a few frames only before it is the others' turn.
          const all = deliveries(() => (isSlow ? nowMs++ : 0));
          const { kept, live, publish, after } = recorded(1);
          for (let n = 0; n < published; n++) publish();
          const sink = new FakeSink();
          sink.bufferedBytes = LIMITS.highWaterBytes + 1;
          deliver({ live, missed: () => after(Math.min(since, published)) }, sink, all);
          for (const [index, each] of steps.entries()) {
            scheduler.schedule(() => {
              if (each === 'publish') publish();
              else if (each !== 'time') sink.bufferedBytes = each === 'ready' ? 0 : LIMITS.highWaterBytes + 1;
            }, index * 13);
          }
          const lastMs = steps.length * 13;
          scheduler.schedule(() => {
            sink.bufferedBytes = 0;
          }, lastMs);
          scheduler.schedule(() => {
            const expected = kept.slice(Math.min(since, published)).map(({ value }) => String(value));
            // What came after it had caught up may have been replaced by newer ones while it was not ready.
            const missing = expected.filter((text) => !sink.sent.includes(text));
            assert.equal(missing.length, sink.messagesDropped);
            assert.deepEqual(
              sink.sent,
              expected.filter((text) => !missing.includes(text)),
            );
            assert.equal(sink.sent.at(-1), expected.at(-1));
          }, lastMs + 500);
        });
      }),
      { numRuns: 200 },
    );
  });

  test('is told the newest once where it is not of the past, and what is no value in any case', () => {
    const past = [frame(1), frame(2)];
    const seen = (newest: Frame) => {
      const { sink, ends } = deliver({ live: of(newest), missed: () => past[Symbol.iterator]() });
      return [...sink.sent, ...ends];
    };
    assert.deepEqual(seen(frame(2)), ['1', '2', 'end']);
    assert.deepEqual(seen(frame(3)), ['1', '2', '3', 'end']);
    assert.deepEqual(seen(frame(null)), ['1', '2', 'null', 'end']);
  });

  test('is not told again what it has or what was before, and is told of a new count, and that it is one', () => {
    const told = (has: number, newest: number) => {
      const sink = new FakeSink();
      deliver({ live: of(frame(newest)), missed: () => [][Symbol.iterator](), has }, sink);
      return sink.sent.map((text) => (text.includes('gap') ? 'gap' : Number(text) - has));
    };
    assert.deepEqual([told(5, 5), told(5, 6), told(5, 3)], [[], [1], ['gap', -2]]);
    const [past, future] = [Date.now() - 60_000, Date.now() + 3_600_000];
    assert.deepEqual([told(past, past), told(past, past + 1), told(past, past - 1)], [[], [1], []]);
    // The clock was set back.
    assert.deepEqual(told(future, past), ['gap', past - future]);
  });

  test('and does not read, is given up', () => {
    marbles(({ scheduler }) => {
      const sink = new FakeSink();
      sink.bufferedBytes = LIMITS.highWaterBytes + 1;
      deliver({ live: NEVER, missed: () => [frame(1)][Symbol.iterator]() }, sink);
      scheduler.schedule(() => {
        assert.deepEqual(sink.closed, [{ code: 1013, reason: 'read too slowly for 1000 ms' }]);
        assert.deepEqual(sink.sent, []);
      }, 2000);
    });
  });

  test('and goes, leaves nothing behind', () => {
    marbles(() => {
      let isReturned = false;
      const sink = new FakeSink();
      const missed = function* () {
        try {
          yield frame(1);
          sink.bufferedBytes = LIMITS.highWaterBytes + 1;
          yield frame(2);
          yield frame(3);
        } finally {
          isReturned = true;
        }
      };
      const live = new Subject<Frame>();
      const { all, delivery } = deliver({ live, missed }, sink);
      assert.deepEqual([live.observed, all.slow.size], [true, 1]);
      delivery.unsubscribe();
      assert.deepEqual([live.observed, all.slow.size, isReturned, sink.sent], [false, 0, true, ['1', '2']]);
    });
  });

  test('and goes, leaves nothing behind also where the maker of what was missed fails to end', () => {
    marbles(() => {
      const sink = new FakeSink();
      const live = new Subject<Frame>();
      const missed = () => ({
        next: () => {
          sink.bufferedBytes = LIMITS.highWaterBytes + 1;
          return { done: false, value: frame(1) };
        },
        return: () => {
          throw new Error('not to be ended');
        },
      });
      const { all, delivery } = deliver({ live, missed }, sink);
      assert.equal(all.slow.size, 1);
      delivery.unsubscribe();
      assert.deepEqual([live.observed, all.slow.size], [false, 0]);
    });
  });

  test('hears of a failure of either', () => {
    const [live, past] = [new Error('live'), new Error('past')];
    const missed = function* (): Generator<Frame> {
      yield frame(1);
      throw past;
    };
    assert.deepEqual(deliver({ live: throwError(() => live), missed: () => [][Symbol.iterator]() }).failures, [live]);
    assert.deepEqual(deliver({ live: NEVER, missed }).failures, [past]);
  });

  test('is one of a thousand, all of whom get some before the first one has everything', () => {
    marbles(({ scheduler }) => {
      let nowMs = 0;
      const all = deliveries(() => nowMs++);
      const past = Array.from({ length: 50 }, (_, n) => frame(n + 1));
      const sinks = Array.from(
        { length: 20 },
        () => deliver({ live: NEVER, missed: () => past[Symbol.iterator]() }, new FakeSink(), all).sink,
      );
      const served: number[] = [];
      const watch = (ms: number) =>
        scheduler.schedule(() => {
          served.push(Math.min(...sinks.map(({ sent }) => sent.length)));
          if (served.at(-1) === 50) return;
          assert.ok(Math.max(...sinks.map(({ sent }) => sent.length)) - (served.at(-1) ?? 0) <= 10, 'nobody is far ahead');
          watch(1);
        }, ms);
      watch(40);
      scheduler.schedule(() => assert.equal(served.at(-1), 50), 5000);
    });
  });
});
