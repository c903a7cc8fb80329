import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestScheduler } from 'rxjs/testing';
import type { RateSample } from '../../src/streams/sampling/counter-rate.ts';
import { CounterSampler, type CounterSamplerOptions } from '../../src/streams/sampling/counter-sampler.ts';
import type { CounterTable } from '../../src/streams/sampling/counter-table.ts';
import { marbles, TurnedClock, WALL_MS } from '../helpers/marbles.ts';
import { later } from '../helpers/virtual-promise.ts';

const NAMES = ['eth0'];
const KEYS = [2];

interface Stage {
  readonly scheduler: TestScheduler;
  readonly clock: TurnedClock;
  readonly sampler: CounterSampler;
  /** Virtual times of the reads. */
  readonly reads: number[];
  /** The process is held up for so long, from now on. */
  readonly holdUp: (ms: number) => void;
  readonly at: (ms: number, act: () => void) => void;
  /** Listens to an interval until a moment; what it hears, with the virtual time of hearing it. */
  readonly listen: (intervalMs: number, untilMs: number) => Heard[];
}

interface Heard {
  readonly at: number;
  readonly sample: RateSample;
}

/** A sampler of a counter that rises by a thousand per second of the monotonic clock, in virtual time; stopped at 20 s. */
function play(act: (stage: Stage) => void, options: Partial<CounterSamplerOptions> & { counter?: (ms: number) => number } = {}): void {
  marbles(({ scheduler }) => {
    let heldUpMs = 0;
    const monotonicMs = () => scheduler.now() + heldUpMs;
    const clock = new TurnedClock(monotonicMs);
    const reads: number[] = [];
    const { counter = (ms) => ms } = options;
    const read = () => {
      reads.push(scheduler.now());
      return table(counter(monotonicMs()));
    };
    const sampler = new CounterSampler({
      read,
      monotonicColumns: 1,
      baseIntervalMs: 1000,
      historyMs: 10_000,
      historyBytes: 1_000_000,
      clock,
      scheduler,
      ...options,
    });
    const at = (ms: number, what: () => void) => scheduler.schedule(what, ms - scheduler.now());
    const listen = (intervalMs: number, untilMs: number) => {
      const heard: Heard[] = [];
      const subscription = sampler.samples(intervalMs).subscribe((sample) => heard.push({ at: scheduler.now(), sample }));
      at(untilMs, () => subscription.unsubscribe());
      return heard;
    };
    const holdUp = (ms: number) => {
      heldUpMs += ms;
    };
    act({ scheduler, clock, sampler, reads, holdUp, at, listen });
    at(20_000, () => sampler.stop());
  });
}

const table = (value: number): CounterTable => ({ names: NAMES, keys: KEYS, counters: Float64Array.of(value), width: 1 });
const rate = ({ perSecond }: RateSample) => perSecond[0];
const told = (heard: readonly Heard[]) => heard.map(({ at, sample }) => [at, sample.elapsedMs, sample.statuses[0], rate(sample)]);

test('the first sample comes at once, rates are known a quarter of a second after the start, then one per interval', () => {
  play(({ sampler, listen, at }) => {
    sampler.start();
    const heard = listen(1000, 3000);
    at(3500, () =>
      assert.deepEqual(told(heard), [
        [0, null, 'first', Number.NaN],
        [250, 250, 'ok', 1000],
        [1250, 1000, 'ok', 1000],
        [2250, 1000, 'ok', 1000],
      ]),
    );
  });
});

test('a short base interval does not wait for the quarter of a second', () => {
  play(
    ({ sampler, listen, at }) => {
      sampler.start();
      const heard = listen(200, 500);
      at(600, () =>
        assert.deepEqual(
          heard.map((one) => one.at),
          [0, 50, 250, 450],
        ),
      );
    },
    { baseIntervalMs: 200 },
  );
});

test('each interval has its own exact baseline while others run beside it', () => {
  play(({ sampler, listen, at }) => {
    sampler.start();
    at(3100, () => {
      const [fast, slow, base] = [listen(250, 4300), listen(2000, 8300), listen(1000, 6300)];
      at(9000, () => {
        assert.deepEqual(told(fast), [
          // Against history, which the base interval alone has filled: 2250.
          [3100, 850, 'ok', 1000],
          [3250, 150, 'ok', 1000],
          [3500, 250, 'ok', 1000],
          [3750, 250, 'ok', 1000],
          [4000, 250, 'ok', 1000],
          [4250, 250, 'ok', 1000],
        ]);
        assert.deepEqual(told(slow), [
          [3100, 2850, 'ok', 1000],
          [4250, 1150, 'ok', 1000],
          [6250, 2000, 'ok', 1000],
          [8250, 2000, 'ok', 1000],
        ]);
        assert.deepEqual(told(base), [
          // The newest that its listeners have been told, at once; then the next.
          [3100, 1000, 'ok', 1000],
          [3250, 1000, 'ok', 1000],
          [4250, 1000, 'ok', 1000],
          [5250, 1000, 'ok', 1000],
          [6250, 1000, 'ok', 1000],
        ]);
      });
    });
  });
});

test('ticks of different intervals that meet share one read, and say the same sequence', () => {
  play(({ sampler, reads, listen, at }) => {
    sampler.start();
    const [base, fast] = [listen(1000, 3000), listen(500, 3000)];
    at(3000, () => {
      assert.deepEqual(reads, [0, 250, 750, 1250, 1750, 2250, 2750]);
      const sequenceAt = (heard: readonly Heard[], ms: number) => heard.find((one) => one.at === ms)?.sample.reading.sequence;
      assert.equal(sequenceAt(base, 1250), WALL_MS + 1250);
      assert.equal(sequenceAt(fast, 1250), WALL_MS + 1250);
    });
  });
});

test('listeners of one interval hear the very same samples', () => {
  play(({ sampler, listen, at }) => {
    sampler.start();
    const [a, b] = [listen(500, 3000), listen(500, 3000)];
    at(3000, () => {
      assert.equal(a.length, 7);
      assert.ok(a.every(({ sample }, index) => sample === b[index]?.sample));
    });
  });
});

test('nothing is read faster than the base interval once the last listener has left', () => {
  play(({ sampler, reads, listen, at }) => {
    sampler.start();
    listen(100, 1000);
    listen(100, 1500);
    at(1600, () => reads.splice(0));
    at(5000, () => assert.deepEqual(reads, [2250, 3250, 4250]));
  });
});

test('who asks shortly after the last listener has left is told a rate, too', () => {
  play(({ sampler, listen, at }) => {
    sampler.start();
    listen(250, 3020);
    at(3040, () => sampler.latest(250).subscribe((sample) => assert.deepEqual([rate(sample), sample.statuses[0]], [1000, 'ok'])));
  });
});

test('who comes back before anything was due goes on as if never gone, without a read', () => {
  play(({ sampler, reads, listen, at }) => {
    sampler.start();
    const before = listen(3000, 3700);
    at(3800, () => {
      const count = reads.length;
      const after = listen(3000, 7000);
      assert.equal(reads.length, count);
      at(7000, () => {
        assert.equal(after[0]?.sample.reading, before.at(-1)?.sample.reading);
        assert.deepEqual(told(after)[1], [6250, 3000, 'ok', 1000]);
      });
    });
  });
});

test('nothing is read before the start and after the stop', () => {
  play(({ sampler, reads, at }) => {
    at(2000, () => {
      assert.deepEqual(reads, []);
      sampler.start();
    });
    at(4000, () => {
      sampler.stop();
      assert.deepEqual(reads, [2000, 2250, 3250]);
      reads.splice(0);
    });
    at(9000, () => assert.deepEqual(reads, []));
  });
});

test('a failed read is reported, and the stream goes on with a rate over the time since the last good one', () => {
  let reads = 0;
  const read = () => {
    reads++;
    if (reads === 3) throw new Error('unreadable');
    return table(reads * 1000);
  };
  play(
    ({ sampler, listen, at }) => {
      const failures: unknown[] = [];
      sampler.failures.subscribe((error) => failures.push((error as Error).message));
      sampler.start();
      const heard = listen(1000, 4000);
      at(4000, () => {
        assert.deepEqual(failures, ['unreadable']);
        assert.deepEqual(told(heard), [
          [0, null, 'first', Number.NaN],
          [250, 250, 'ok', 4000],
          [2250, 2000, 'ok', 1000],
          [3250, 1000, 'ok', 1000],
        ]);
      });
    },
    { read },
  );
});

test('a first read that fails is reported, and the next tick begins', () => {
  let reads = 0;
  const read = () => (reads++ === 0 ? assert.fail('not yet') : table(reads));
  play(
    ({ sampler, listen, at }) => {
      let failures = 0;
      sampler.failures.subscribe(() => failures++);
      sampler.start();
      const heard = listen(1000, 2000);
      at(2000, () => {
        assert.equal(failures, 1);
        assert.deepEqual(
          told(heard).map((one) => one.slice(0, 3)),
          [
            [250, null, 'first'],
            [1250, 1000, 'ok'],
          ],
        );
      });
    },
    { read },
  );
});

test('after reads have failed for long there is a gap, not an average over all that time', () => {
  let reads = 0;
  const read = () => {
    reads++;
    if (reads > 2 && reads < 7) throw new Error('unreadable');
    return table(reads);
  };
  play(
    ({ sampler, listen, at }) => {
      sampler.start();
      const heard = listen(1000, 7000);
      at(7000, () =>
        assert.deepEqual(told(heard).slice(1), [
          [250, 250, 'ok', 4],
          [5250, 5000, 'gap', Number.NaN],
          [6250, 1000, 'ok', 1],
        ]),
      );
    },
    { read },
  );
});

test('an asynchronous read is stamped with the middle of its time, and shared by everybody who asks meanwhile', () => {
  marbles(({ scheduler, clock }) => {
    const reads: number[] = [];
    const read = () => {
      reads.push(scheduler.now());
      return later(scheduler, 40, () => table(scheduler.now()));
    };
    const sampler = new CounterSampler({
      read,
      monotonicColumns: 1,
      baseIntervalMs: 1000,
      historyMs: 10_000,
      historyBytes: 1_000_000,
      clock,
      scheduler,
    });
    const heard: Heard[] = [];
    const asked: RateSample[] = [];
    sampler.start();
    const listener = sampler.samples(1000).subscribe((sample) => heard.push({ at: scheduler.now(), sample }));
    scheduler.schedule(() => sampler.latest(500).subscribe((sample) => asked.push(sample)), 270);
    scheduler.schedule(() => {
      listener.unsubscribe();
      sampler.stop();
      assert.deepEqual(reads, [0, 250, 1250]);
      assert.deepEqual(
        heard.map(({ at, sample }) => [at, sample.elapsedMs, sample.reading.monotonicMs, sample.reading.timestampMs - WALL_MS]),
        [
          [40, null, 20, 40],
          [290, 250, 270, 290],
          [1290, 1000, 1270, 1290],
        ],
      );
      assert.equal(asked[0]?.reading, heard[1]?.sample.reading);
    }, 2000);
  });
});

test('a first reading that takes longer than to the first tick of a long interval does not keep rates unknown for all of it', () => {
  for (const [readMs, expected] of [
    [30, [0, 250, 10_250]],
    [100, [0, 350, 10_250]],
    [400, [0, 650, 10_250]],
  ] as const) {
    marbles(({ scheduler, clock }) => {
      const reads: number[] = [];
      const read = () => {
        reads.push(scheduler.now());
        return later(scheduler, readMs, () => table(scheduler.now()));
      };
      const sampler = new CounterSampler({
        read,
        monotonicColumns: 1,
        baseIntervalMs: 10_000,
        historyMs: 60_000,
        historyBytes: 1_000_000,
        clock,
        scheduler,
      });
      const heard: Heard[] = [];
      sampler.start();
      const listener = sampler.samples(10_000).subscribe((sample) => heard.push({ at: scheduler.now(), sample }));
      scheduler.schedule(() => {
        listener.unsubscribe();
        sampler.stop();
        assert.deepEqual(reads, expected);
        assert.deepEqual(
          heard.map(({ sample }) => sample.statuses[0]),
          ['first', 'ok', 'ok'],
        );
      }, 12_000);
    });
  }
});

test('an asynchronous read that fails is reported, and the stream goes on', () => {
  marbles(({ scheduler, clock }) => {
    let reads = 0;
    const read = () => later(scheduler, 10, () => (++reads === 2 ? assert.fail('unreadable') : table(reads)));
    const sampler = new CounterSampler({
      read,
      monotonicColumns: 1,
      baseIntervalMs: 1000,
      historyMs: 10_000,
      historyBytes: 1_000_000,
      clock,
      scheduler,
    });
    let failures = 0;
    const heard: number[] = [];
    sampler.failures.subscribe(() => failures++);
    sampler.start();
    const listener = sampler.samples(1000).subscribe(() => heard.push(scheduler.now()));
    scheduler.schedule(() => {
      listener.unsubscribe();
      sampler.stop();
      assert.deepEqual(heard, [10, 1260, 2260]);
      assert.equal(failures, 1);
    }, 3000);
  });
});

test('a host that slept makes a gap in every interval, once', () => {
  play(({ sampler, clock, listen, at }) => {
    sampler.start();
    const [base, fast] = [listen(1000, 4000), listen(500, 4000)];
    at(1500, () => clock.sleep(3_600_000));
    at(4000, () => {
      assert.deepEqual(
        base.map(({ at: ms, sample }) => [ms, sample.statuses[0]]),
        [
          [0, 'first'],
          [250, 'ok'],
          [1250, 'ok'],
          [2250, 'gap'],
          [3250, 'ok'],
        ],
      );
      assert.deepEqual(
        fast.filter(({ sample }) => sample.statuses[0] === 'gap').map((one) => one.at),
        [1750],
      );
      assert.deepEqual(sampler.window(3000)?.statuses, ['gap']);
      assert.deepEqual(sampler.window(1000)?.statuses, ['ok']);
    });
  });
});

test('a wall clock that is set makes no gap, and does not disturb rates or the order of sequences', () => {
  for (const stepMs of [86_400_000, -86_400_000]) {
    play(({ sampler, clock, listen, at }) => {
      sampler.start();
      const heard = listen(1000, 4000);
      at(1500, () => clock.step(stepMs));
      at(4000, () => {
        assert.deepEqual(told(heard).slice(1), [
          [250, 250, 'ok', 1000],
          [1250, 1000, 'ok', 1000],
          [2250, 1000, 'ok', 1000],
          [3250, 1000, 'ok', 1000],
        ]);
        const sequences = heard.map(({ sample }) => sample.reading.sequence);
        assert.deepEqual(
          sequences,
          sequences.toSorted((a, b) => a - b),
        );
        assert.equal(new Set(sequences).size, sequences.length);
        assert.equal(heard.at(-1)?.sample.reading.timestampMs, WALL_MS + 3250 + stepMs);
      });
    });
  }
});

test('ticks that a held-up process missed are counted, and the rate is over the time that really passed', () => {
  play(({ sampler, holdUp, listen, at }) => {
    sampler.start();
    const heard = listen(1000, 1800);
    at(1200, () => holdUp(2500));
    at(1900, () => {
      // 250, then 1250 of the scheduler, which is 3750 of the clock.
      assert.deepEqual(told(heard).slice(1), [
        [250, 250, 'ok', 1000],
        [1250, 3500, 'gap', Number.NaN],
        [1750, 500, 'ok', 1000],
      ]);
      assert.equal(sampler.missedTicks, 2);
    });
  });
});

test('a tick so late that the next one follows at once is one sample, not a second one without rates', () => {
  play(({ sampler, holdUp, listen, at }) => {
    sampler.start();
    const heard = listen(1000, 3000);
    // The tick of 1250 comes at 2247 of the clock; the one of 2250 is three milliseconds later.
    at(1200, () => holdUp(997));
    at(3000, () =>
      assert.deepEqual(told(heard), [
        [0, null, 'first', Number.NaN],
        [250, 250, 'ok', 1000],
        [1250, 1997, 'ok', 1000],
        [2253, 1003, 'ok', 1000],
      ]),
    );
  });
});

test('a counter that begins anew is a reset in every interval that spans it, and only there', () => {
  play(
    ({ sampler, listen, at }) => {
      sampler.start();
      const [base, slow] = [listen(1000, 5000), listen(2000, 5000)];
      at(5000, () => {
        assert.deepEqual(
          base.slice(1).map(({ sample }) => sample.statuses[0]),
          ['ok', 'ok', 'reset', 'ok', 'ok'],
        );
        // The counter has long passed the baseline by then.
        assert.deepEqual(
          slow.slice(1).map(({ at: ms, sample }) => [ms, sample.statuses[0]]),
          [
            [250, 'ok'],
            [2250, 'reset'],
            [4250, 'ok'],
          ],
        );
      });
    },
    { counter: (ms) => (ms < 2000 ? ms : (ms - 2000) * 2) },
  );
});

test('a window is the average over as much of the past as was asked for and is known', () => {
  play(
    ({ sampler, at }) => {
      assert.equal(sampler.window(1000), null);
      sampler.windowNow(1000).subscribe(({ statuses }) => assert.deepEqual(statuses, ['first']));
      sampler.start();
      assert.deepEqual(sampler.window(1000)?.statuses, ['first']);
      at(5000, () => {
        const three = sampler.window(3000) as RateSample;
        assert.equal(three.elapsedMs, 3000);
        assert.equal(rate(three), (4.25 ** 2 - 1.25 ** 2) / 3);
        assert.equal(sampler.window(60_000)?.elapsedMs, 4250);
        assert.equal(sampler.window(60_000)?.reading, three.reading);
      });
      at(19_500, () => assert.equal(sampler.window(60_000)?.elapsedMs, 10_000));
    },
    { counter: (ms) => (ms / 1000) ** 2 },
  );
});

test('a window across a reset has no rate; one that begins after it has', () => {
  play(
    ({ sampler, at }) => {
      sampler.start();
      at(6000, () => {
        const across = sampler.window(5000) as RateSample;
        assert.deepEqual([across.statuses, rate(across)], [['reset'], Number.NaN]);
        assert.deepEqual(sampler.window(2000)?.statuses, ['ok']);
      });
    },
    { counter: (ms) => (ms < 3000 ? ms : (ms - 3000) * 2) },
  );
});

test('who asks for the latest is told the very sample that the listeners of that interval heard last', () => {
  play(({ sampler, reads, listen, at }) => {
    sampler.start();
    const [fast, base] = [listen(500, 4000), listen(1000, 4000)];
    for (const ms of [100, 251, 800, 1300, 2100, 3999]) {
      at(ms, () => {
        const before = reads.length;
        assert.equal(newest(sampler, 500), fast.at(-1)?.sample);
        assert.equal(newest(sampler, 1000), base.at(-1)?.sample);
        assert.equal(reads.length, before);
      });
    }
  });
});

test('who asks for the latest of an interval without listeners gets a reading of now, and nothing goes on after it', () => {
  play(({ sampler, reads, at }) => {
    sampler.start();
    at(3000, () => {
      reads.splice(0);
      const sample = newest(sampler, 500) as RateSample;
      assert.equal(sample.reading.monotonicMs, 3000);
      assert.deepEqual([sample.elapsedMs, rate(sample)], [750, 1000]);
      assert.deepEqual(reads, [3000]);
    });
    at(3200, () => assert.deepEqual(reads, [3000]));
  });
});

test('while reading fails, nobody is told an old sample for a new one', () => {
  let isBroken = false;
  const read = () => {
    if (isBroken) throw new Error('no more');
    return table(0);
  };
  play(
    ({ sampler, at }) => {
      sampler.start();
      at(3000, () => {
        isBroken = true;
      });
      at(5000, () => assert.equal(newest(sampler, 1000)?.reading.monotonicMs, 2250, 'one or two failures are borne'));
      at(5300, () => {
        assert.equal(sampler.newest(1000), null);
        assert.equal(sampler.window(2000), null);
        const errors: unknown[] = [];
        sampler.latest(1000).subscribe({ error: (error: unknown) => errors.push(error) });
        sampler.windowNow(2000).subscribe({ error: (error: unknown) => errors.push(error) });
        assert.deepEqual(errors, [new Error('no more'), new Error('no more')]);
      });
    },
    { read },
  );
});

test('a read that never ends fails after ten seconds, and the stream goes on', () => {
  let reads = 0;
  play(
    ({ scheduler, sampler, at, listen }) => {
      const failures: unknown[] = [];
      sampler.failures.subscribe((error) => failures.push((error as Error).name));
      sampler.start();
      const heard = listen(1000, 19_000);
      at(19_500, () => {
        assert.deepEqual(failures, ['TimeoutError']);
        assert.ok(heard.length > 5);
      });
      assert.equal(scheduler.now(), 0);
    },
    { read: () => (++reads === 3 ? new Promise<never>(() => {}) : table(reads)) },
  );
});

test('a baseline too young for a rate worth the name is none', () => {
  play(({ sampler, at }) => {
    sampler.start();
    at(60, () => assert.deepEqual(newest(sampler, 500)?.statuses, ['first']));
    at(120, () => assert.deepEqual(newest(sampler, 500)?.statuses, ['ok']));
  });
});

test('what the last listener heard is forgotten with the stream', () => {
  play(({ sampler, listen, at }) => {
    sampler.start();
    const heard = listen(500, 1000);
    at(1900, () => assert.notEqual(newest(sampler, 500), heard.at(-1)?.sample));
  });
});

test('readings that are a few milliseconds apart are one reading', () => {
  play(({ sampler, reads, at }) => {
    sampler.start();
    at(2000, () => newest(sampler, 500));
    at(2004, () => newest(sampler, 250));
    at(2005, () => newest(sampler, 250));
    at(2010, () => assert.deepEqual(reads, [0, 250, 1250, 2000, 2005]));
  });
});

function newest(sampler: CounterSampler, intervalMs: number): RateSample | null {
  let newest: RateSample | null = null;
  sampler.latest(intervalMs).subscribe((sample) => {
    newest = sample;
  });
  return newest;
}
