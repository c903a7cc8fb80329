import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestScheduler } from 'rxjs/testing';
import type { Burst } from '../../src/streams/sampling/burst.ts';
import { BurstSampler } from '../../src/streams/sampling/burst-sampler.ts';
import type { RateSample } from '../../src/streams/sampling/counter-rate.ts';
import { CounterSampler } from '../../src/streams/sampling/counter-sampler.ts';
import type { CounterTable } from '../../src/streams/sampling/counter-table.ts';
import { marbles, TurnedClock } from '../helpers/marbles.ts';
import fc from '../helpers/properties.ts';

const [NAMES, KEYS] = [['eth0'], [2]] as const;

interface Stage {
  readonly scheduler: TestScheduler;
  readonly clock: TurnedClock;
  readonly sampler: CounterSampler;
  readonly bursts: BurstSampler<CounterTable>;
  /** Monotonic times of the reads, and what was read. */
  readonly reads: [number, number][];
  readonly holdUp: (ms: number) => void;
  readonly at: (ms: number, act: () => void) => void;
  readonly listen: (intervalMs: number, burstMs: number, untilMs: number) => RateSample[];
}

/** One counter, read in virtual time; the sampler has a base interval of a second, and its ticks are at 250, 1250, ... */
function play(counter: (ms: number) => number, act: (stage: Stage) => void, baseIntervalMs = 1000): void {
  marbles(({ scheduler }) => {
    let heldUpMs = 0;
    const monotonicMs = () => scheduler.now() + heldUpMs;
    const clock = new TurnedClock(monotonicMs);
    const reads: [number, number][] = [];
    const read = (): CounterTable => {
      const value = counter(monotonicMs());
      reads.push([monotonicMs(), value]);
      return { names: NAMES, keys: KEYS, counters: Float64Array.of(value), width: 1 };
    };
    const sampler = new CounterSampler({
      read,
      monotonicColumns: 1,
      baseIntervalMs,
      historyMs: 10_000,
      historyBytes: 1_000_000,
      clock,
      scheduler,
    });
    const measure = (perSecond: Float64Array, values: Float64Array) => values.set(perSecond);
    const bursts = new BurstSampler(sampler, { names: ['rate'], measure });
    const at = (ms: number, what: () => void) => scheduler.schedule(what, ms - scheduler.now());
    const listen = (intervalMs: number, burstMs: number, untilMs: number) => {
      const heard: RateSample[] = [];
      const listening = bursts.samples(intervalMs, burstMs).subscribe((sample) => heard.push(sample));
      at(untilMs, () => listening.unsubscribe());
      return heard;
    };
    const holdUp = (ms: number) => {
      heldUpMs += ms;
    };
    sampler.start();
    act({ scheduler, clock, sampler, bursts, reads, holdUp, at, listen });
    at(20_000, () => sampler.stop());
  });
}

const inside = ({ burst }: RateSample) => burst as Burst;
/** [end of the interval, its length, its rate, known steps, mean step, least, greatest, p95] */
const told = (samples: readonly RateSample[]) =>
  samples.map((sample) => {
    const { knownSteps, stepMs, values } = inside(sample);
    return [sample.reading.monotonicMs, sample.elapsedMs, sample.perSecond[0], knownSteps[0], stepMs[0], ...values];
  });

/** Bytes go out in the first fifty milliseconds of every second of the grid only. */
const bursty = (ms: number) => {
  const since = Math.max(0, ms - 250);
  return Math.floor(since / 1000) * 5000 + Math.min(50, since % 1000) * 100;
};
const unknown = Number.NaN;

test('one message a second shows a burst of fifty milliseconds with its peak', () => {
  play(bursty, ({ listen, at }) => {
    at(1250, () => {
      const heard = listen(1000, 50, 3300);
      at(3400, () =>
        assert.deepEqual(told(heard), [
          [1250, 1000, 5000, 0, unknown, unknown, unknown, unknown],
          [2250, 1000, 5000, 20, 50, 0, 100_000, 0],
          [3250, 1000, 5000, 20, 50, 0, 100_000, 0],
        ]),
      );
    });
  });
});

test('who asks for the same pace shares its readings, whatever the interval; nothing is read when the last one has left', () => {
  play(bursty, ({ listen, at, reads }) => {
    at(2000, () => {
      reads.length = 0;
      listen(1000, 50, 4000);
      listen(500, 50, 4000);
      listen(1000, 50, 4000);
    });
    at(4000, () => {
      // The first of each interval at once, which they share, then one every 50 ms.
      assert.deepEqual([reads.length, reads[0]?.[0], reads[1]?.[0]], [40, 2000, 2050]);
      reads.length = 0;
    });
    at(7000, () =>
      assert.deepEqual(
        reads.map(([ms]) => ms),
        [4250, 5250, 6250],
      ),
    );
  });
});

test('a step that would be much shorter than the others is part of the next one', () => {
  play(bursty, ({ listen, at }) => {
    at(2038, () => {
      const heard = listen(200, 50, 2300);
      at(2300, () => assert.deepEqual(told(heard).slice(1), [[2250, 212, 0, 4, 53, 0, 0, 0]]));
    });
  });
});

test('an interval that the pace does not divide ends with the reading next to its tick', () => {
  play(bursty, ({ listen, at }) => {
    at(1250, () => {
      const heard = listen(1000, 300, 6300);
      at(6400, () => {
        const ends = told(heard).map(([end]) => end as number);
        assert.deepEqual(ends, [1250, 2350, 3250, 4150, 5350, 6250]);
      });
    });
  });
});

test('a pace of nearly half the interval makes no interval of a single step', () => {
  play(bursty, ({ listen, at }) => {
    at(1250, () => {
      const heard = listen(1000, 400, 9300);
      at(9400, () =>
        assert.ok(
          told(heard).every(([, , , steps]) => steps === 0 || (steps as number) >= 2),
          JSON.stringify(told(heard)),
        ),
      );
    });
  });
});

test('a loop that is held up makes one long step, and the interval ends late but whole', () => {
  play(bursty, ({ listen, at, holdUp, reads }) => {
    at(1250, () => {
      const heard = listen(1000, 100, 4300);
      at(1845, () => holdUp(730));
      at(4300, () => {
        const [, late, next] = told(heard);
        assert.ok((late?.[1] as number) > 1000);
        assert.equal(late?.[0], next && (next[0] as number) - (next[1] as number));
        assert.ok(reads.length > 0);
      });
    });
  });
});

test('a host that slept leaves the rates of the interval unknown, and tells of the steps around', () => {
  play(bursty, ({ listen, at, clock }) => {
    at(1250, () => {
      const heard = listen(1000, 100, 3300);
      at(1601, () => clock.sleep(60_000));
      at(3300, () => {
        const [, slept, after] = heard as [RateSample, RateSample, RateSample];
        assert.deepEqual([slept.statuses, inside(slept).steps, inside(slept).knownSteps[0]], [['gap'], 10, 9]);
        assert.deepEqual([after.statuses, inside(after).knownSteps[0]], [['ok'], 10]);
      });
    });
  });
});

test('a reset within the interval leaves its rate unknown; the peak before it is told', () => {
  play(
    (ms) => (ms < 1700 ? bursty(ms) : bursty(ms) - 4000),
    ({ listen, at }) => {
      at(1250, () => {
        const heard = listen(1000, 50, 2300);
        at(2300, () => {
          const reset = heard[1] as RateSample;
          assert.deepEqual([reset.statuses, ...inside(reset).knownSteps, ...inside(reset).values], [['reset'], 19, 0, 100_000, 100_000]);
        });
      });
    },
  );
});

test('a reading that fails makes a longer step, and an opening that fails is told of', () => {
  const broken = (from: number, to: number) => (ms: number) => {
    if (ms > from && ms < to) throw new Error('no');
    return ms;
  };
  play(broken(1500, 1699), ({ listen, at, sampler }) => {
    const failures: unknown[] = [];
    sampler.failures.subscribe((error) => failures.push(error));
    at(1250, () => {
      const heard = listen(1000, 50, 2300);
      at(1599, () => assert.equal(failures.length, 0));
      at(2300, () => assert.deepEqual(told(heard)[1]?.slice(1), [1000, 1000, 17, 1000 / 17, 1000, 1000, 1000]));
    });
    at(1600, () => {
      const heard = listen(2000, 50, 4300);
      at(4300, () => assert.deepEqual([told(heard).map(([end]) => end), failures.length], [[2250, 4250], 1]));
    });
  });
});

test('what a listener saw last is the newest; who asks with nobody listening waits for an interval, a second at most', () => {
  play(bursty, ({ bursts, listen, at, scheduler }) => {
    const asked: [number, RateSample][] = [];
    const ask = (intervalMs: number) =>
      bursts.latest(intervalMs, 50).subscribe((sample) => asked.push([scheduler.now(), sample] as [number, RateSample]));
    at(1300, () => ask(200));
    at(1300, () => ask(60_000));
    at(3000, () => {
      assert.deepEqual(
        asked.map(([atMs, sample]) => [atMs, inside(sample).steps]),
        [
          [1450, 3],
          [2250, 19],
        ],
      );
      const heard = listen(1000, 50, 5000);
      at(4500, () => {
        assert.equal(bursts.newest(1000, 50), heard.at(-1));
        assert.equal(bursts.newest(1000, 100), null);
      });
      at(5100, () => assert.equal(bursts.newest(1000, 50), null));
    });
  });
});

test('after a start the rates of a long interval are known as soon as those of any other', () => {
  play(bursty, ({ listen, at }) => {
    const heard = listen(10_000, 50, 11_000);
    at(11_000, () =>
      assert.deepEqual(
        told(heard).map(([end, , , steps]) => [end, steps]),
        [
          [0, 0],
          [250, 5],
          [10_250, 200],
        ],
      ),
    );
  });
});

test('whatever comes late, intervals consist of whole steps: their mean by time is the rate, and no step is left out', () => {
  const late = fc.array(fc.record({ atMs: fc.integer({ min: 1300, max: 9000 }), ms: fc.integer({ min: 1, max: 700 }) }), { maxLength: 12 });
  const bytes = fc.array(fc.nat(1_000_000), { minLength: 50, maxLength: 50 });
  const pace = fc.constantFrom(20, 33.3, 50, 100, 170, 250);
  const counterOf = (each: readonly number[]) => (ms: number) => {
    let sum = 0;
    for (let i = 0; i < Math.floor(ms / 37); i++) sum += each[i % each.length] as number;
    return sum;
  };
  fc.assert(
    fc.property(late, bytes, pace, fc.constantFrom(500, 1000, 2300), (holdUps, each, burstMs, intervalMs) => {
      play(
        counterOf(each),
        ({ listen, at, holdUp, reads }) => {
          for (const { atMs, ms } of holdUps) at(atMs, () => holdUp(ms));
          at(1250, () => {
            const heard = listen(intervalMs, burstMs, 12_000);
            at(12_000, () => {
              assert.ok(heard.length > 2);
              for (let i = 1; i < heard.length; i++) checkWhole(heard[i - 1] as RateSample, heard[i] as RateSample, reads, burstMs);
            });
          });
          // Nobody else reads.
        },
        1e6,
      );
    }),
    { numRuns: 60 },
  );
});

/** Held against all that was read between two samples. */
function checkWhole(before: RateSample, sample: RateSample, reads: readonly [number, number][], burstMs: number): void {
  const [startMs, endMs] = [before.reading.monotonicMs, sample.reading.monotonicMs];
  const { steps, knownSteps, stepMs, values } = inside(sample);
  const [rate, least, greatest, p95] = [sample.perSecond[0], ...values] as [number, number, number, number];
  assert.equal(sample.elapsedMs, endMs - startMs);
  assert.deepEqual([...knownSteps], [steps]);
  assert.ok(Math.abs((stepMs[0] as number) * steps - (endMs - startMs)) < 1e-6, 'the steps are the interval, whole');
  // Every read at which a step may have ended, in order.
  const within = reads.filter(([ms]) => ms >= startMs && ms <= endMs);
  const ends = within.slice(0, 1);
  for (const read of within.slice(1)) if (read[0] - (ends.at(-1) as [number, number])[0] >= burstMs / 2) ends.push(read);
  const rates = ends.slice(1).map(([ms, value], at) => ((value - (ends[at]?.[1] as number)) * 1000) / (ms - (ends[at]?.[0] as number)));
  const mean =
    ends.slice(1).reduce((sum, [ms], at) => sum + (rates[at] as number) * (ms - (ends[at]?.[0] as number)), 0) / (endMs - startMs);
  assert.ok(Math.abs(mean - rate) <= 1e-9 * Math.max(1, rate), `${mean} is not ${rate}`);
  assert.deepEqual([least, greatest], [Math.min(...rates), Math.max(...rates)]);
  assert.ok(least <= rate + 1e-6 && rate <= greatest + 1e-6 && p95 <= greatest && rates.includes(p95));
}
