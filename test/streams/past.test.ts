import assert from 'node:assert/strict';
import { test } from 'node:test';
import { map } from 'rxjs';
import type { TestScheduler } from 'rxjs/testing';
import { Deliveries } from '../../src/streams/delivery/deliveries.ts';
import { Sink } from '../../src/streams/delivery/sink.ts';
import { TimeSlices } from '../../src/streams/delivery/time-slices.ts';
import type { Frame } from '../../src/streams/frame.ts';
import type { RateSample } from '../../src/streams/sampling/counter-rate.ts';
import { CounterSampler } from '../../src/streams/sampling/counter-sampler.ts';
import type { CounterTable } from '../../src/streams/sampling/counter-table.ts';
import { marbles } from '../helpers/marbles.ts';
import fc from '../helpers/properties.ts';
import { later } from '../helpers/virtual-promise.ts';

const INTERVALS_MS = [70, 100, 250, 500, 1000, 1500, 2000, 3000];
const EMPTY = Buffer.alloc(0);
const END_MS = 60_000;

/** Listens from a moment on; is cut and comes back at the others, in turns. */
interface Listener {
  readonly intervalMs: number;
  readonly turnsMs: readonly number[];
}

/** A reader that takes its past only now and then. */
interface Pace {
  readonly readMs: number;
  readonly isSlow: boolean;
}

const listener: fc.Arbitrary<Listener> = fc.record({
  intervalMs: fc.constantFrom(...INTERVALS_MS),
  // After the first second rates are known.
  turnsMs: fc
    .uniqueArray(fc.integer({ min: 1000, max: END_MS - 5000 }), { minLength: 3, maxLength: 7 })
    .map((turns) => turns.filter((_, index) => turns.length % 2 === 1 || index > 0).sort((a, b) => a - b)),
});
const pace: fc.Arbitrary<Pace> = fc.record({ readMs: fc.constantFrom(0, 0, 30), isSlow: fc.boolean() });

const counterAt = (ms: number) => Math.floor(ms * 3 + 500 * Math.sin(ms / 700) ** 2 + ms ** 1.5 / 10);

function frameOf(sample: RateSample): Frame {
  return { value: sample, bytes: EMPTY, sequence: sample.reading.sequence, statusCode: 200 };
}

/** What each listener heard from all its connections, and what one heard who was never cut, where there was one. */
function play(listeners: readonly Listener[], { readMs, isSlow }: Pace, check: (heard: RateSample[][], uncut: RateSample[][]) => void) {
  marbles(({ scheduler, clock }) => {
    const table = (): CounterTable => ({ names: NAMES, keys: KEYS, counters: Float64Array.of(counterAt(scheduler.now())), width: 1 });
    const read = () => (readMs === 0 ? table() : later(scheduler, readMs, table));
    const sampler = new CounterSampler({ ...BOUNDS, read, monotonicColumns: 1, baseIntervalMs: 1000, clock, scheduler });
    const at = (ms: number, act: () => void) => scheduler.schedule(act, ms - scheduler.now());
    sampler.start();
    const heard = listeners.map((each) => cutListener(each, { sampler, scheduler, isSlow, at }));
    const uncut = listeners.map(({ intervalMs, turnsMs }, index) => {
      const all: RateSample[] = [];
      // Of every second listener there is one beside it that is never cut.
      if (index % 2 === 0)
        at((turnsMs[0] as number) - 1, () => {
          const listening = sampler.samples(intervalMs).subscribe((sample) => all.push(sample));
          at(END_MS, () => listening.unsubscribe());
        });
      return all;
    });
    at(END_MS + 1, () => {
      sampler.stop();
      check(heard, uncut);
    });
  });
}

const NAMES = ['eth0'];
const KEYS = [2];
const BOUNDS = { historyMs: 600_000, historyBytes: 100_000_000 };

interface Surroundings {
  readonly sampler: CounterSampler;
  readonly scheduler: TestScheduler;
  readonly isSlow: boolean;
  readonly at: (ms: number, act: () => void) => void;
}

/** While it is slow it is behind each third time that it is asked. */
class FalteringSink extends Sink {
  isSlow = false;
  #asked = 0;

  get bufferedBytes(): number {
    return this.isSlow && this.#asked++ % 3 === 0 ? 1 : 0;
  }
  send(): void {}
  protected shut(): void {
    assert.fail('given up');
  }
}

function cutListener({ intervalMs, turnsMs }: Listener, { sampler, isSlow, at }: Surroundings): RateSample[] {
  const heard: RateSample[] = [];
  turnsMs.forEach((beginMs, index) => {
    if (index % 2 === 1) return;
    at(beginMs, () => {
      const since = heard.at(-1)?.reading.sequence;
      const live = sampler.samples(intervalMs).pipe(map(frameOf));
      const sink = new FalteringSink();
      const missed = function* () {
        sink.isSlow = isSlow;
        yield* framesOf(sampler.past(intervalMs, { afterSequence: since ?? 0, fromTimestampMs: 0 }).values);
        // Of what is live a slow reader would miss something.
        sink.isSlow = false;
      };
      const question = since === undefined ? { live, missed: null } : { live, missed, has: since };
      const deliveries = new Deliveries({ highWaterBytes: 0, slowConsumerMs: 5000 }, new TimeSlices(() => 0));
      const encode = ({ value, bytes }: Frame) => {
        heard.push(value as RateSample);
        return bytes;
      };
      const listening = deliveries.deliver(question, { sink, encode, onEnd: assert.fail, onError: assert.fail });
      at(turnsMs[index + 1] ?? END_MS, () => listening.unsubscribe());
    });
  });
  return heard;
}

function* framesOf(samples: Iterable<RateSample>): Generator<Frame> {
  for (const sample of samples) yield frameOf(sample);
}

const told = ({ reading, elapsedMs, perSecond, statuses }: RateSample) => [reading.sequence, elapsedMs, perSecond[0], statuses[0]];

test('who is cut at any moment and resumes has what nobody lost who was not cut, and no byte is lost or counted twice', () => {
  fc.assert(
    fc.property(fc.array(listener, { minLength: 1, maxLength: 5 }), pace, (listeners, itsPace) => {
      play(listeners, itsPace, (heard, uncut) => {
        heard.forEach((samples, index) => {
          const [first, ...others] = samples;
          if (!first) return;
          let previous = first.reading;
          let counted = 0;
          for (const { reading, elapsedMs, perSecond, statuses } of others) {
            assert.ok(reading.sequence > previous.sequence, 'each sample once, in order');
            assert.equal(statuses[0], 'ok');
            assert.equal(elapsedMs, reading.monotonicMs - previous.monotonicMs, 'over the time between neighbours');
            counted += ((perSecond[0] as number) * (elapsedMs as number)) / 1000;
            previous = reading;
          }
          const counterDifference = (previous.counters[0] as number) - (first.reading.counters[0] as number);
          assert.ok(Math.abs(counted - counterDifference) < 1e-6 * (1 + counterDifference));
          const whole = (uncut[index] as RateSample[]).filter(
            ({ reading }) => reading.sequence >= first.reading.sequence && reading.sequence <= previous.sequence,
          );
          if (whole.length > 0) assert.deepEqual(samples.map(told), whole.map(told));
        });
      });
    }),
    { numRuns: 60 },
  );
});
