import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeSlices } from '../../src/streams/delivery/time-slices.ts';
import { marbles } from '../helpers/marbles.ts';

/** Work that says what it does, one step at a time. */
function work(name: string, steps: number, said: string[]) {
  let done = 0;
  return {
    work: (hasTime: () => boolean) => {
      while (done < steps) {
        said.push(`${name}${++done}`);
        if (done < steps && !hasTime()) return true;
      }
      return false;
    },
  };
}

test('what there is time for is done at once', () => {
  const said: string[] = [];
  const slices = new TimeSlices(() => 0);
  slices.do(work('a', 3, said));
  slices.do(work('b', 1, said));
  assert.deepEqual([said, slices.waiting], [['a1', 'a2', 'a3', 'b1'], 0]);
});

test('what takes longer goes on later, and who came later has some time in between', () => {
  marbles(({ scheduler }) => {
    const said: string[] = [];
    let nowMs = 0;
    const slices = new TimeSlices(() => nowMs++);
    slices.do(work('a', 30, said));
    slices.do(work('b', 2, said));
    assert.deepEqual([said, slices.waiting], [['a1', 'a2', 'a3', 'a4'], 2]);
    scheduler.schedule(() => {
      assert.equal(said.length, 32);
      assert.ok(said.indexOf('b2') < said.indexOf('a15'), said.join(' '));
      assert.equal(slices.waiting, 0);
    }, 100);
  });
});

test('a queue that is never empty is not kept for ever', () => {
  marbles(({ scheduler }) => {
    let nowMs = 0;
    let turnsTaken = 0;
    const slices = new TimeSlices(() => nowMs++);
    const endless = { work: () => ++turnsTaken < 10_000 };
    for (let n = 0; n < 3; n++) slices.do(endless);
    scheduler.schedule(() => {
      assert.ok(turnsTaken >= 10_000);
      assert.equal(slices.waiting, 0);
    }, 20_000);
  });
});
