import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StatParser } from '../../src/plugins/cpu/proc-stat.ts';
import { MONOTONIC_MODES } from '../../src/plugins/cpu/schema.ts';
import { type Usage, usageOf } from '../../src/plugins/cpu/usage.ts';
import { counterRate } from '../../src/streams/sampling/counter-rate.ts';
import type { Reading } from '../../src/streams/sampling/counter-table.ts';
import { EpochTracker } from '../../src/streams/sampling/epoch-tracker.ts';
import fc from '../helpers/properties.ts';

type Frame = Readonly<Record<string, readonly number[]>>;

/** user nice system idle iowait irq softirq steal guest guest_nice of `cpu` (the sum) and cores, a second apart. */
function film(...frames: readonly Frame[]): (row: number, from?: number) => Usage {
  const parser = new StatParser();
  const tracker = new EpochTracker(MONOTONIC_MODES);
  const readings = frames.map((frame, index): Reading => {
    const text = Object.entries(frame).map(([name, ticks]) => `${name} ${ticks.join(' ')}\n`);
    const table = parser.parse({ bytes: Buffer.from(text.join('')), length: text.join('').length });
    return { ...table, sequence: index, timestampMs: 0, monotonicMs: index * 1000, sleeps: 0, epochs: tracker.track(table) };
  });
  const last = readings.at(-1) as Reading;
  return (row, from = readings.length - 2) => usageOf(counterRate(readings[from] ?? null, last), row, last.names.length - 2);
}

const PARTS = ['userRatio', 'niceRatio', 'systemRatio', 'idleRatio', 'iowaitRatio', 'irqRatio', 'softirqRatio', 'stealRatio'] as const;
const sum = (usage: Usage) => PARTS.reduce((total, part) => total + Number(usage[part]), 0);

test('ratios are shares of what was counted; a guest is contained in user', () => {
  const zero = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
  const usage = film({ cpu: zero, cpu0: zero }, { cpu: [40, 5, 10, 30, 5, 2, 3, 5, 20, 1], cpu0: zero })(0);
  assert.deepEqual(usage, {
    usedRatio: 0.65,
    userRatio: 0.4,
    niceRatio: 0.05,
    systemRatio: 0.1,
    idleRatio: 0.3,
    iowaitRatio: 0.05,
    irqRatio: 0.02,
    softirqRatio: 0.03,
    stealRatio: 0.05,
    guestRatio: 0.2,
    guestNiceRatio: 0.01,
    userSeconds: 0.4,
    niceSeconds: 0.05,
    systemSeconds: 0.1,
    idleSeconds: 0.3,
    iowaitSeconds: 0.05,
    irqSeconds: 0.02,
    softirqSeconds: 0.03,
    stealSeconds: 0.05,
    guestSeconds: 0.2,
    guestNiceSeconds: 0.01,
    rateStatus: 'ok',
  });
});

test('the first reading has counters and no ratios', () => {
  const usage = film({ cpu: [4, 0, 1, 5] })(0);
  assert.deepEqual([usage.rateStatus, usage.usedRatio, usage.userSeconds, usage.stealSeconds], ['first', null, 0.04, null]);
});

test('idle and iowait that fall a little count as standing still', () => {
  const usage = film({ cpu: [0, 0, 0, 1000, 50] }, { cpu: [98, 0, 2, 999, 48] })(0);
  assert.deepEqual([usage.rateStatus, usage.userRatio, usage.idleRatio, usage.iowaitRatio, usage.usedRatio], ['ok', 0.98, 0, 0, 1]);
});

test('idle that falls by much makes the ratios unknown, not a spike', () => {
  const usage = film({ cpu: [0, 0, 0, 900_000], cpu0: [0, 0, 0, 9] }, { cpu: [3, 0, 1, 2000], cpu0: [0, 0, 0, 9] })(0);
  assert.deepEqual([usage.rateStatus, usage.usedRatio, usage.idleRatio, usage.idleSeconds], ['reset', null, null, 20]);
});

test('any other counter that falls is a reset, also in an interval after whose end it has caught up', () => {
  const usage = film({ cpu: [500, 0, 0, 0] }, { cpu: [100, 0, 0, 100] }, { cpu: [700, 0, 0, 200] });
  assert.deepEqual([usage(0, 0).rateStatus, usage(0, 0).usedRatio], ['reset', null]);
  assert.equal(usage(0, 1).rateStatus, 'ok');
});

test('no tick in the interval says nothing', () => {
  const usage = film({ cpu: [5, 5, 5, 5, 5] }, { cpu: [5, 5, 5, 5, 5] })(0);
  assert.deepEqual([usage.rateStatus, usage.usedRatio, usage.idleRatio], ['short', null, null]);
});

test('a core that goes makes the total unknown for one interval, and one that comes back begins anew', () => {
  const [none, all] = [
    [0, 0, 0, 0],
    [50, 0, 0, 50],
  ];
  const two = { cpu: none, cpu0: none, cpu1: none };
  const gone = film(two, { cpu: [50, 0, 0, 9000], cpu0: all });
  assert.deepEqual([gone(0).rateStatus, gone(0).usedRatio, gone(2).rateStatus, gone(2).usedRatio], ['reset', null, 'ok', 0.5]);
  const back = film(two, { cpu: none, cpu0: none }, { cpu: all, cpu0: all, cpu1: all });
  assert.deepEqual([back(0).rateStatus, back(3).rateStatus, back(3, 0).rateStatus], ['reset', 'first', 'reset']);
  const after = film(two, { cpu: none, cpu0: none }, two, { cpu: all, cpu0: all, cpu1: all });
  assert.deepEqual([after(0).rateStatus, after(3).rateStatus], ['ok', 'ok']);
});

test('whatever the counters do, a ratio is between 0 and 1 or null, and the parts sum up to 1', () => {
  const ticks = fc.array(fc.integer({ min: 0, max: 500 }), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(ticks, ticks, (before, after) => {
      const usage = film({ cpu: before, cpu0: before }, { cpu: after, cpu0: after })(2);
      for (const part of PARTS) assert.ok(usage[part] === null || (Number(usage[part]) >= 0 && Number(usage[part]) <= 1));
      if (usage.rateStatus === 'ok') {
        assert.ok(Math.abs(sum(usage) - 1) < 1e-5, JSON.stringify(usage));
        assert.ok(Number(usage.usedRatio) >= 0 && Number(usage.usedRatio) <= 1);
      } else
        assert.deepEqual(
          PARTS.map((part) => usage[part]),
          PARTS.map(() => null),
        );
    }),
  );
});
