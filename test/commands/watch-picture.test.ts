import assert from 'node:assert/strict';
import { test } from 'node:test';
import { layoutsFor } from '../../src/commands/watch/layouts/index.ts';
import { Picture } from '../../src/commands/watch/picture.ts';

const T = 1_790_000_000_000;

test('a part of a sample is of the time that its sequence says, also where the past comes all at once', () => {
  const picture = new Picture();
  for (let at = 0; at < 60; at++) picture.take(at, T + at * 1000);
  assert.equal(picture.series.newestMs, T + 59_000);
  assert.equal(picture.series.intervalMs, 1000);
  picture.take({ timestampMs: T + 70_000, n: 1 }, T + 70_001);
  assert.equal(picture.series.newestMs, T + 70_000, 'what has a time of its own is of that');
});

test("a plugin's own count is no time, in whatever steps it counts", () => {
  for (const sequence of [null, 7, T * 1000]) {
    const picture = new Picture();
    const beforeMs = Date.now();
    picture.take(1, sequence);
    assert.ok(picture.series.newestMs >= beforeMs && picture.series.newestMs <= Date.now(), String(sequence));
  }
});

test('an interface alone begins with its rates, not with its addresses; a list with rates goes before', () => {
  const titles = (sample: object) => layoutsFor(sample as Record<string, unknown>).map(({ title }) => title);
  assert.deepEqual(titles({ iface: 'a', rxBytesPerSecond: null, mtu: 1500, addresses: [{ family: 'ipv4' }] }), ['numbers', 'addresses']);
  assert.deepEqual(titles({ usedRatio: 1, parts: [{ name: 'a', usedRatio: 1 }] }), ['parts', 'numbers']);
  assert.deepEqual(titles({ count: 2, packages: [{ name: 'a' }, { name: 'b' }] }), ['packages', 'numbers']);
});

test('a moment is no number to be drawn', () => {
  const sample = { uptimeSeconds: 5, bootTimestampMs: T };
  const [numbers] = layoutsFor(sample);
  assert.deepEqual(
    numbers?.rows(sample).map(({ id }) => id),
    ['uptimeSeconds'],
  );
});
