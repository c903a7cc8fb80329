import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TimeSlices } from '../../src/streams/delivery/time-slices.ts';
import { slices as slicesAt } from '../helpers/fake-sink.ts';
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
    const slices = slicesAt(() => nowMs++);
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
    const slices = slicesAt(() => nowMs++);
    const endless = { work: () => ++turnsTaken < 10_000 };
    for (let n = 0; n < 3; n++) slices.do(endless);
    scheduler.schedule(() => {
      assert.ok(turnsTaken >= 10_000);
      assert.equal(slices.waiting, 0);
    }, 20_000);
  });
});

test('what is left goes on as soon as the loop has looked at everything else, not a timer later', async () => {
  const said: string[] = [];
  let nowMs = 0;
  new TimeSlices(() => nowMs++).do(work('a', 30, said));
  let looks = 0;
  for (; said.length < 30; looks++) await new Promise(setImmediate);
  assert.ok(looks >= 5 && looks <= 8, `${looks} turns of the loop`);
});

test('one that throws does not keep the others from their turn, nor who comes later', () => {
  const said: string[] = [];
  const soon: (() => void)[] = [];
  let nowMs = 0;
  const slices = new TimeSlices(
    () => nowMs++,
    (goOn) => soon.push(goOn),
  );
  const broken = {
    work: (hasTime: () => boolean) => {
      while (hasTime());
      if (soon.length === 0) return true;
      throw new Error('broken');
    },
  };
  slices.do(broken);
  slices.do(work('a', 1, said));
  assert.throws(() => soon[0]?.(), /broken/);
  slices.do(work('b', 1, said));
  assert.equal(soon.length, 2);
  soon[1]?.();
  assert.deepEqual([said, slices.waiting], [['a1', 'b1'], 0]);
});
