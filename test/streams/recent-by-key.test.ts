import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RecentByKey } from '../../src/streams/recent-by-key.ts';

test('what many ask for is made once, and let go by age and number', () => {
  let nowMs = 0;
  let made = 0;
  const recent = new RecentByKey<number>(100, 3, () => nowMs);
  const ask = (key: string) => recent.get(key, () => ++made);
  assert.deepEqual([ask('a'), ask('a'), ask('b')], [1, 1, 2]);
  nowMs = 101;
  assert.equal(ask('a'), 1);
  recent.forget();
  assert.equal(recent.size, 0);
  for (const key of ['a', 'b', 'c', 'd']) ask(key);
  assert.equal(recent.size, 3);
  assert.equal(ask('d'), made);
});
