import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type GaugeSample, GaugeSampler } from '../../src/streams/sampling/gauge-sampler.ts';
import { marbles, WALL_MS } from '../helpers/marbles.ts';

test('gauges are told at once and then once per interval, and are known to questions in between', () => {
  marbles(({ scheduler, clock }) => {
    let reads = 0;
    const sampler = new GaugeSampler({
      read: () => ++reads,
      baseIntervalMs: 1000,
      historyMs: 10_000,
      historyBytes: 1_000_000,
      clock,
      scheduler,
    });
    const heard: [number, number, number][] = [];
    const asked: GaugeSample<number>[] = [];
    sampler.start();
    const listener = sampler
      .samples(500)
      .subscribe(({ reading }) => heard.push([scheduler.now(), reading.gauges, reading.timestampMs - WALL_MS]));
    scheduler.schedule(() => sampler.latest(500).subscribe((sample) => asked.push(sample)), 800);
    scheduler.schedule(() => {
      listener.unsubscribe();
      sampler.stop();
      // Reads at 250 and 1250 serve both intervals.
      assert.deepEqual(heard, [
        [0, 1, 0],
        [250, 2, 250],
        [750, 3, 750],
        [1250, 4, 1250],
      ]);
      assert.equal(asked[0]?.reading.gauges, 3);
    }, 1500);
  });
});

test('a failed read of gauges is reported, and the stream goes on', () => {
  marbles(({ scheduler, clock }) => {
    let reads = 0;
    const read = () => (++reads === 2 ? assert.fail('unreadable') : reads);
    const sampler = new GaugeSampler({ read, baseIntervalMs: 1000, historyMs: 10_000, historyBytes: 1_000_000, clock, scheduler });
    let failures = 0;
    const heard: number[] = [];
    sampler.failures.subscribe(() => failures++);
    sampler.start();
    const listener = sampler.samples(1000).subscribe(({ reading }) => heard.push(reading.gauges));
    scheduler.schedule(() => {
      listener.unsubscribe();
      sampler.stop();
      assert.deepEqual([heard, failures], [[1, 3], 1]);
    }, 2000);
  });
});
