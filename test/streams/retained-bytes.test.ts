import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retainedBytes } from '../../src/streams/sampling/retained-bytes.ts';

test('what is the same object costs nothing, what is new about what it takes', () => {
  const names = Array.from({ length: 1000 }, (_, n) => `veth${n}`);
  const table = (shared: readonly string[]) => ({ names: shared, counters: new Float64Array(8000) });
  const before = table(names);
  const again = retainedBytes(table(names), before);
  assert.ok(again >= 64_000 && again < 66_000, String(again));
  assert.ok(retainedBytes(table([...names]), before) > again + 8000 + 1000 * 24);
  assert.equal(retainedBytes(before, before), 0);
});

test('of many objects some are looked at, and what contains itself has an end', () => {
  const processes = (count: number) => Array.from({ length: count }, (_, pid) => ({ pid, name: 'node', ticks: pid * 1e10 }));
  const [few, many] = [retainedBytes(processes(100)), retainedBytes(processes(10_000))];
  assert.ok(Math.abs(many / few - 100) < 5, `${few} and ${many}`);
  const circle: Record<string, unknown> = { n: 1.5 };
  circle.self = circle;
  assert.ok(retainedBytes(circle) > 0);
  assert.equal(retainedBytes(null) + retainedBytes(undefined) + retainedBytes(true) + retainedBytes(7), 0);
});
