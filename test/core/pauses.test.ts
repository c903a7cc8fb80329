import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pauses } from '../../src/core/pauses.ts';

/** Longer than a slice. */
function step(): void {
  const endMs = performance.now() + 6;
  while (performance.now() < endMs);
}

test('many who work at the same time take turns, and the loop goes on between any two of them', async () => {
  let stepsInTurn = 0;
  let mostInTurn = 0;
  let isDone = false;
  let begun = 0;
  const watch = () => {
    mostInTurn = Math.max(mostInTurn, stepsInTurn);
    stepsInTurn = 0;
    if (!isDone) setImmediate(watch);
  };
  const work = async () => {
    const pause = pauses();
    await new Promise(setImmediate);
    for (let n = 0; n < 5; n++) {
      await pause();
      step();
      if (n === 0) begun++;
      stepsInTurn++;
      await pause();
    }
  };
  const all = Promise.all(Array.from({ length: 8 }, work));
  // The first step of each has no pause before it.
  while (begun < 8) await new Promise(setImmediate);
  stepsInTurn = 0;
  setImmediate(watch);
  await all;
  isDone = true;
  assert.ok(mostInTurn <= 2, `${mostInTurn} steps without a turn of the loop`);
  assert.ok(mostInTurn > 0, 'it was watched');
});

test('short work is not held up', () => assert.equal(pauses()(), undefined));
