import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Subject } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import type { Recipient } from '../../src/streams/delivery/delivery.ts';
import type { Frame } from '../../src/streams/frame.ts';
import { gapFrame } from '../../src/streams/gap.ts';
import { deliveries, FakeSink, LIMITS } from '../helpers/fake-sink.ts';
import { marbles } from '../helpers/marbles.ts';
import fc from '../helpers/properties.ts';

const frame = (text: string): Frame => ({ value: text, bytes: Buffer.from(text), sequence: null, statusCode: 200 });
const frames = Object.fromEntries('abcdefghijkl'.split('').map((text) => [text, frame(text)]));

function setUp() {
  const told: unknown[] = [];
  const sink = new FakeSink();
  const all = deliveries();
  const recipient: Recipient = {
    sink,
    encode: ({ bytes }) => bytes,
    onEnd: () => told.push('end'),
    onError: (error) => told.push(error),
  };
  const behind = () => {
    sink.bufferedBytes = LIMITS.highWaterBytes + 1;
  };
  const ready = () => {
    sink.bufferedBytes = 0;
  };
  return { sink, all, counts: all.counts, told, recipient, behind, ready };
}

describe('a delivery', () => {
  test('sends frames as its transport wants them, and counts them', () => {
    marbles(({ hot, scheduler }) => {
      const { sink, all, counts, told, recipient } = setUp();
      const encode = ({ bytes }: Frame) => Buffer.concat([Buffer.from('<'), bytes, Buffer.from('>')]);
      all.deliver({ live: hot('-a-(bc)-|', frames), missed: null }, { ...recipient, encode });
      at(scheduler, 20, () => {
        assert.deepEqual(sink.sent, ['<a>', '<b>', '<c>']);
        assert.deepEqual(counts, { messages: 3, dropped: 0, closedAsSlow: 0 });
        assert.deepEqual([sink.messagesSent, sink.messagesDropped], [3, 0]);
        assert.deepEqual(told, ['end']);
        assert.deepEqual(sink.closed, []);
      });
    });
  });

  test('at the high-water mark still sends; above it only the newest waits', () => {
    marbles(({ hot, scheduler }) => {
      const { sink, all, counts, recipient, behind, ready } = setUp();
      sink.bufferedBytes = LIMITS.highWaterBytes;
      all.deliver({ live: hot('-a 9ms b 9ms c 9ms d 99ms e', frames), missed: null }, recipient);
      at(scheduler, 5, () => {
        assert.deepEqual(sink.sent, ['a']);
        behind();
      });
      at(scheduler, 50, () => {
        assert.deepEqual(sink.sent, ['a']);
        assert.equal(all.slow.size, 1);
        ready();
      });
      at(scheduler, 120, () => {
        assert.deepEqual(sink.sent, ['a', 'd']);
        assert.deepEqual(counts, { messages: 2, dropped: 2, closedAsSlow: 0 });
        assert.deepEqual([sink.messagesDropped, sink.mostBufferedBytes], [2, LIMITS.highWaterBytes + 1]);
        assert.equal(all.slow.size, 0);
      });
      at(scheduler, 150, () => assert.deepEqual(sink.sent, ['a', 'd', 'e']));
    });
  });

  test('to a reader that stays behind is given up with 1013, and its topic is let go of', () => {
    marbles(({ hot, scheduler, expectSubscriptions }) => {
      const { sink, all, counts, told, recipient, behind } = setUp();
      behind();
      const source = hot('a 99ms b 99ms c 1900ms d', frames);
      all.deliver({ live: source, missed: null }, recipient);
      at(scheduler, 3000, () => {
        assert.deepEqual(sink.sent, []);
        assert.deepEqual(sink.closed, [{ code: 1013, reason: 'read too slowly for 1000 ms' }]);
        assert.deepEqual(told, []);
        assert.deepEqual(counts, { messages: 0, dropped: 2, closedAsSlow: 1 });
        assert.equal(all.slow.size, 0);
      });
      expectSubscriptions(source.subscriptions).toBe('^ 999ms !');
    });
  });

  test('is one of several on a socket that is given up once', () => {
    marbles(({ hot, scheduler }) => {
      const { sink, all, counts, recipient, behind } = setUp();
      behind();
      for (const text of ['a', 'b']) all.deliver({ live: hot(text, frames), missed: null }, recipient);
      at(scheduler, 3000, () => assert.deepEqual([counts.closedAsSlow, sink.closed.length], [1, 1]));
    });
  });

  test('has patience anew each time that its reader has caught up', () => {
    marbles(({ hot, scheduler }) => {
      const { sink, all, recipient, behind, ready } = setUp();
      all.deliver({ live: hot('a 799ms b 799ms c 799ms d', frames), missed: null }, recipient);
      for (const ms of [1, 801, 1601]) at(scheduler, ms, behind);
      for (const ms of [700, 1500, 2300]) at(scheduler, ms, ready);
      at(scheduler, 2500, () => {
        assert.deepEqual(sink.sent, ['a', 'b', 'c', 'd']);
        assert.deepEqual(sink.closed, []);
      });
    });
  });

  test('of a topic that completes while a value waits ends after that value, or gives up', () => {
    marbles(({ hot, scheduler }) => {
      const [patient, lost] = [setUp(), setUp()];
      for (const { all, recipient, behind } of [patient, lost]) {
        behind();
        all.deliver({ live: hot('-a--b-c|', frames), missed: null }, recipient);
      }
      at(scheduler, 100, patient.ready);
      at(scheduler, 2000, () => {
        assert.deepEqual([patient.sink.sent, patient.told], [['c'], ['end']]);
        assert.deepEqual([lost.sink.sent, lost.told, lost.sink.closed.length], [[], [], 1]);
      });
    });
  });

  test('tells of an error at once, and does not take it for a slow reader', () => {
    marbles(({ hot, scheduler }) => {
      const { sink, all, told, recipient, behind } = setUp();
      const broken = new Error('broken');
      behind();
      all.deliver({ live: hot('-a-#', frames, broken), missed: null }, recipient);
      at(scheduler, 10, () => {
        assert.deepEqual(told, [broken]);
        assert.deepEqual(sink.closed, []);
        assert.equal(all.slow.size, 0);
      });
    });
  });

  test('of what its transport cannot say fails alone', () => {
    marbles(({ hot, scheduler, expectSubscriptions }) => {
      const { all, told, recipient } = setUp();
      const unsayable = new Error('cannot be said');
      const encode = () => {
        throw unsayable;
      };
      const source = hot('--a-b', frames);
      all.deliver({ live: source, missed: null }, { ...recipient, encode });
      at(scheduler, 10, () => assert.deepEqual(told, [unsayable]));
      expectSubscriptions(source.subscriptions).toBe('^-!');
    });
  });

  test('that is ended says nothing and sends nothing more, waiting or not', () => {
    marbles(({ hot, scheduler, expectSubscriptions }) => {
      const { sink, all, told, recipient, behind } = setUp();
      const source = hot('-a---b---|', frames);
      const delivery = all.deliver({ live: source, missed: null }, recipient);
      at(scheduler, 3, behind);
      at(scheduler, 7, () => {
        assert.equal(all.slow.size, 1);
        delivery.unsubscribe();
        assert.equal(all.slow.size, 0);
      });
      at(scheduler, 2000, () => {
        assert.deepEqual(sink.sent, ['a']);
        assert.deepEqual([told, sink.closed], [[], []]);
      });
      expectSubscriptions(source.subscriptions).toBe('^------!');
    });
  });
});

const numbered = (sequence: number): Frame => ({ ...frame(String(sequence)), sequence });

describe('numbers that fall', () => {
  const gap = (sinceSequence: number, nextSequence: number, reason = 'restart') =>
    JSON.stringify({ gap: { sinceSequence, nextSequence, gapMs: null, reason } });
  const T0 = 1_790_000_000_000;
  const publish = (live: Subject<Frame>, ...sequences: readonly number[]) => {
    for (const sequence of sequences) live.next(numbered(sequence));
  };
  const told = (act: (live: Subject<Frame>, set: ReturnType<typeof setUp>) => void, question: object = {}) => {
    const set = setUp();
    marbles(({ scheduler }) => {
      const live = new Subject<Frame>();
      set.all.deliver({ live, missed: null, ...question }, set.recipient);
      act(live, set);
      at(scheduler, 100, () => {});
    });
    return set.sink.sent;
  };

  test('are a count that begins anew, or a clock that was set back: that is told first, and once', () => {
    const sent = told((live) => publish(live, 21, 22, 1, 2));
    assert.deepEqual(sent, ['21', '22', gap(22, 1), '1', '2']);
    const clocks = told((live) => publish(live, T0 + 5, T0));
    assert.deepEqual(clocks, [`${T0 + 5}`, gap(T0 + 5, T0, 'clock'), `${T0}`]);
    assert.deepEqual(
      told((live) => publish(live, 3, 3, 4)),
      ['3', '3', '4'],
    );
  });

  test('are told also where the first one of the new count was left out for a slow reader', () => {
    const sent = told((live, { behind, ready }) => {
      live.next(numbered(22));
      behind();
      for (const n of [23, 1, 2]) live.next(numbered(n));
      ready();
    });
    assert.deepEqual(sent, ['22', gap(22, 2), '2']);
  });

  test('are told to who comes back, where the gap has not been told already', () => {
    const none = { missed: () => [][Symbol.iterator](), has: 22 };
    assert.deepEqual(
      told((live) => live.next(numbered(1)), none),
      [gap(22, 1), '1'],
    );
    const gone = gapFrame({ sinceSequence: 22, nextSequence: null, gapMs: null, reason: 'history' });
    assert.deepEqual(
      told((live) => live.next(numbered(1)), { missed: () => [gone][Symbol.iterator](), has: 22 }),
      [String(gone.bytes), '1'],
    );
  });
});

test('what was nothing to tell of in the past is a step only: others have their turn', () => {
  marbles(({ scheduler }) => {
    let nowMs = 0;
    const { recipient, sink } = setUp();
    const all = deliveries(() => nowMs++);
    let steps = 0;
    function* missed(): Generator<Frame> {
      for (let n = 1; n <= 100; n++) {
        steps++;
        yield { ...numbered(n), statusCode: n === 100 ? 200 : 404 };
      }
    }
    all.deliver({ live: new Subject<Frame>(), missed, has: 0 }, recipient);
    assert.ok(steps < 20, `${steps} at once`);
    at(scheduler, 1000, () => assert.deepEqual([steps, sink.sent], [100, ['100']]));
  });
});

describe('where each value counts', () => {
  test('a reader that falls behind goes on from there: each once, in order, whenever it is ready', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('value', 'burst', 'behind', 'ready', 'time'), { maxLength: 60 }), (steps) => {
        marbles(({ scheduler }) => {
          const { sink, all, recipient, behind, ready } = setUp();
          const live = new Subject<Frame>();
          const kept: Frame[] = [];
          const publish = () => {
            const next = numbered(kept.length + 1);
            kept.push(next);
            live.next(next);
          };
          function* again(sequence: number): Generator<Frame> {
            for (let last = sequence; last < kept.length; last++) yield kept[last] as Frame;
          }
          all.deliver({ live, missed: null, again }, recipient);
          const act = { value: publish, burst: () => [1, 2, 3].forEach(publish), behind, ready, time: () => {} };
          for (const [n, step] of [...steps, 'ready' as const].entries()) at(scheduler, 1 + n * 10, act[step]);
          at(scheduler, steps.length * 10 + 1000, () => {
            assert.deepEqual(sink.closed.length, 0);
            assert.deepEqual(
              sink.sent,
              kept.map(({ value }) => value),
            );
            assert.equal(sink.messagesDropped, 0);
          });
        });
      }),
      { numRuns: 200 },
    );
  });

  test('and not all is there any more, what is missing is told from what the reader has on', () => {
    const first = 1_790_000_000_000;
    const missing = (has: number, nextSequence: number) => {
      const { sink, all, recipient, behind, ready } = setUp();
      marbles(({ scheduler }) => {
        const live = new Subject<Frame>();
        function* again(sinceSequence: number): Generator<Frame> {
          yield gapFrame({ sinceSequence, nextSequence, gapMs: nextSequence - sinceSequence, reason: 'history' });
          yield numbered(nextSequence);
        }
        all.deliver({ live, missed: null, again }, recipient);
        live.next(numbered(has));
        at(scheduler, 10, behind);
        at(scheduler, 20, () => [1000, 2000, 3000].map((ms) => live.next(numbered(first + ms))));
        at(scheduler, 30, ready);
        at(scheduler, 1000, () => {});
      });
      return sink.sent.slice(1, 3);
    };
    const told = (sinceSequence: number, gapMs: number | null) =>
      JSON.stringify({ gap: { sinceSequence, nextSequence: first + 3000, gapMs, reason: 'history' } });
    assert.deepEqual(missing(first, first + 3000), [told(first, 3000), `${first + 3000}`]);
    assert.deepEqual(missing(7, first + 3000), [told(7, null), `${first + 3000}`]);
  });

  test('one that stays behind is closed all the same', () => {
    marbles(({ hot, scheduler }) => {
      const { sink, all, recipient, behind } = setUp();
      const values = Object.fromEntries(['a', 'b', 'c'].map((name, n) => [name, numbered(n + 1)]));
      behind();
      all.deliver({ live: hot('-abc', values), missed: null, again: () => Object.values(values).values() }, recipient);
      at(scheduler, 3000, () => assert.deepEqual([sink.sent, sink.closed.length], [[], 1]));
    });
  });
});

describe('many deliveries at a time', () => {
  test('of one value go out in slices, in order, and none is left out where the next value comes meanwhile', () => {
    marbles(({ scheduler }) => {
      const { recipient } = setUp();
      // Each look at the clock takes a millisecond: some five sends to a slice.
      let nowMs = 0;
      const all = deliveries(() => nowMs++);
      const source = new Subject<Frame>();
      const sinks = Array.from({ length: 12 }, () => new FakeSink());
      for (const sink of sinks) all.deliver({ live: source, missed: null }, { ...recipient, sink });
      source.next(frame('a'));
      const sent = sinks.map(({ sent }) => sent.length);
      assert.ok(sent.includes(1) && sent.includes(0), 'the first slice is over');
      assert.deepEqual(sent, sent.toSorted().reverse());
      for (const text of ['b', 'c']) source.next(frame(text));
      at(scheduler, 100, () => {
        for (const { sent } of sinks) assert.deepEqual(sent, ['a', 'b', 'c']);
        assert.equal(all.slices.waiting, 0);
      });
    });
  });

  test('whose topic ends or fails before their time has come are sent its last value first', () => {
    marbles(({ scheduler }) => {
      let nowMs = 0;
      const all = deliveries(() => nowMs++);
      const [ends, fails] = [new Subject<Frame>(), new Subject<Frame>()];
      const setUps = Array.from({ length: 20 }, setUp);
      for (const [n, { recipient }] of setUps.entries()) all.deliver({ live: n % 2 ? ends : fails, missed: null }, recipient);
      for (const source of [ends, fails]) source.next(frame('a'));
      ends.complete();
      fails.error('broken');
      at(scheduler, 100, () => {
        for (const [n, { sink, told }] of setUps.entries()) assert.deepEqual([sink.sent, told], [['a'], [n % 2 ? 'end' : 'broken']]);
      });
    });
  });
});

function at(scheduler: TestScheduler, ms: number, act: () => void): void {
  scheduler.schedule(act, ms);
}
