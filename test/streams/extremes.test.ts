import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Extremes } from '../../src/streams/sampling/extremes.ts';
import fc from '../helpers/properties.ts';

const told = (extremes: Extremes, cell: number) => {
  const into = new Float64Array(3);
  extremes.tell(cell, into, 0);
  return [...into];
};

/** The least value that 95 of 100 do not exceed, by its definition. */
function nearestRank(values: readonly number[]): number {
  const sorted = Float64Array.from(values).sort();
  return sorted.find((value) => values.filter((one) => one <= value).length * 100 >= values.length * 95) as number;
}

test('least, greatest and 95th percentile are those of the whole series, which is not kept', () => {
  const value = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ min: 0, max: 1e12, noNaN: true }));
  fc.assert(
    fc.property(fc.array(value, { minLength: 1, maxLength: 200 }), fc.nat(2), (values, order) => {
      const sorted = values.toSorted((a, b) => a - b);
      const given = [values, sorted, sorted.toReversed()][order] as number[];
      const extremes = new Extremes(3, values.length);
      for (const one of given) extremes.add(1, one);
      assert.deepEqual(told(extremes, 1), [sorted[0], sorted.at(-1), nearestRank(values)]);
      assert.deepEqual([told(extremes, 0), told(extremes, 2)], [Array(3).fill(Number.NaN), Array(3).fill(Number.NaN)]);
    }),
  );
});

test('of twenty values the 95th percentile is the second greatest, of fewer the greatest', () => {
  const extremes = new Extremes(2, 20);
  for (let i = 1; i <= 20; i++) extremes.add(0, i);
  for (let i = 1; i <= 19; i++) extremes.add(1, i);
  assert.deepEqual(
    [told(extremes, 0), told(extremes, 1)],
    [
      [1, 20, 19],
      [1, 19, 19],
    ],
  );
});

test('what has no value is left out, and a series goes on in another cell', () => {
  const [one, other] = [new Extremes(2, 40), new Extremes(1, 40)];
  for (const value of [3, Number.NaN, 1, 2]) one.add(1, value);
  other.copy(one, 1, 0);
  other.add(0, 9);
  assert.deepEqual(told(other, 0), [1, 9, 9]);
  one.clear();
  assert.deepEqual(told(one, 1), [Number.NaN, Number.NaN, Number.NaN]);
});
