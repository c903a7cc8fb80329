import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Heartbeat } from '../../src/streams/delivery/heartbeat.ts';

/** Counts its beats. */
function member() {
  return {
    beats: 0,
    beat() {
      this.beats++;
    },
  };
}

test('a heartbeat beats once per period for each member, and costs nothing without one', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const heartbeat = new Heartbeat<ReturnType<typeof member>>(100);
  const [a, b] = [member(), member()];
  heartbeat.join(a);
  t.mock.timers.tick(100);
  heartbeat.join(b);
  t.mock.timers.tick(100);
  assert.deepEqual([a.beats, b.beats, heartbeat.size, [...heartbeat].length], [2, 1, 2, 2]);
  heartbeat.leave(a);
  heartbeat.leave(a);
  t.mock.timers.tick(100);
  assert.deepEqual([a.beats, b.beats], [2, 2]);
  heartbeat.leave(b);
  t.mock.timers.tick(1000);
  assert.deepEqual([a.beats, b.beats, heartbeat.size], [2, 2, 0]);
  heartbeat.join(a);
  t.mock.timers.tick(100);
  assert.equal(a.beats, 3);
});

test('a heartbeat of many does not beat for all of them at a time', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const heartbeat = new Heartbeat<ReturnType<typeof member>>(1000);
  const members = Array.from({ length: 100 }, member);
  for (const each of members) heartbeat.join(each);
  const beats = () => members.reduce((sum, each) => sum + each.beats, 0);
  let most = 0;
  for (let ms = 0; ms < 1000; ms += 10) {
    const before = beats();
    t.mock.timers.tick(10);
    most = Math.max(most, beats() - before);
  }
  assert.deepEqual([most, new Set(members.map(({ beats }) => beats))], [5, new Set([1])]);
});

test('a member may leave within its own beat', (t) => {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const heartbeat = new Heartbeat<{ beat(): void }>(100);
  const other = member();
  const leaving = { beat: () => heartbeat.leave(leaving) };
  heartbeat.join(leaving);
  heartbeat.join(other);
  t.mock.timers.tick(300);
  assert.deepEqual([other.beats, heartbeat.size], [3, 1]);
});
