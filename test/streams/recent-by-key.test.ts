import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentByKey } from '../../src/streams/sampling/recent-by-key.ts';

test('what many ask for is made once, and let go by age, number and size', () => {
  let nowMs = 0;
  let made = 0;
  const recent = new RecentByKey<number>({ keepMs: 100, most: 3, mostBytes: 1000 }, () => nowMs);
  const ask = (key: string, bytes = 10) =>
    recent.get(
      key,
      () => ++made,
      () => bytes,
    );
  assert.deepEqual([ask('a'), ask('a'), ask('b')], [1, 1, 2]);
  nowMs = 101;
  assert.equal(ask('a'), 1);
  recent.forget();
  assert.equal(recent.size, 0);
  for (const key of ['a', 'b', 'c', 'd']) ask(key);
  assert.equal(recent.size, 3);
  assert.equal(ask('d'), made);
  ask('big', 995);
  assert.equal(recent.size, 1);
  ask('bigger', 2000);
  assert.equal(recent.size, 0);
  ask('e');
  assert.equal(recent.size, 1);
});
