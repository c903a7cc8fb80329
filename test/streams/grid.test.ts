import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Clock } from '../../src/streams/clock.ts';
import { commonOrigin } from '../../src/streams/grid.ts';
import fc from '../helpers/properties.ts';

function clockAt(ms: number): Clock & { ms: number } {
  const clock = { ms, monotonicMs: () => clock.ms, wallMs: () => 0, bootMs: () => 0 };
  return clock;
}

test('the first origin is where it was wanted, and who starts shortly after has the same', () => {
  const clock = clockAt(1000);
  assert.equal(commonOrigin(clock, 250), 1250);
  clock.ms = 1003;
  assert.equal(commonOrigin(clock, 250), 1250);
  clock.ms = 1180;
  assert.equal(commonOrigin(clock, 250), 1250);
  clock.ms = 1190;
  assert.equal(commonOrigin(clock, 250), 1500);
});

test('whenever one starts, its origin is in step with the first and between a quarter of the wanted time and a little more of it away', () => {
  fc.assert(
    fc.property(fc.nat(100_000), fc.integer({ min: 1, max: 1000 }), (laterMs, afterMs) => {
      const clock = clockAt(0);
      const first = commonOrigin(clock, afterMs);
      clock.ms = laterMs;
      const origin = commonOrigin(clock, afterMs);
      const steps = (origin - first) / afterMs;
      assert.ok(Math.abs(steps - Math.round(steps)) < 1e-9);
      const awayMs = origin - laterMs;
      assert.ok(awayMs > afterMs * 0.2499 && awayMs < afterMs * 1.2501, `${awayMs} of ${afterMs}`);
    }),
  );
});
