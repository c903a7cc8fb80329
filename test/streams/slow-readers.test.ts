import assert from 'node:assert/strict';
import { test } from 'node:test';
import { config } from 'rxjs';
import { SlowReaders } from '../../src/streams/delivery/slow-readers.ts';
import { marbles } from '../helpers/marbles.ts';

/** One that is behind until it is told otherwise. */
function waiting(said: string[], name: string) {
  const each = {
    isBehind: true,
    isReady: () => !each.isBehind,
    goOn: () => void said.push(`${name} goes on`),
    giveUp: () => void said.push(`${name} gives up`),
  };
  return each;
}

test('who is ready again goes on, who is not for too long gives up, and then there is no timer', () => {
  marbles(({ scheduler }) => {
    const said: string[] = [];
    const slow = new SlowReaders(1000);
    const [quick, stuck] = [waiting(said, 'quick'), waiting(said, 'stuck')];
    for (const each of [quick, stuck]) slow.add(each);
    scheduler.schedule(() => {
      quick.isBehind = false;
    }, 400);
    scheduler.schedule(() => assert.deepEqual([said, slow.size], [['quick goes on'], 1]), 900);
    scheduler.schedule(() => assert.deepEqual([said, slow.size], [['quick goes on', 'stuck gives up'], 0]), 1100);
  });
});

test('one that throws does not keep the others waiting', (t) => {
  const errors: unknown[] = [];
  config.onUnhandledError = (error) => errors.push(error);
  t.after(() => {
    config.onUnhandledError = null;
  });
  marbles(({ scheduler }) => {
    const said: string[] = [];
    const slow = new SlowReaders(1000);
    const broken = new Error('broken');
    slow.add({
      ...waiting(said, 'broken'),
      isReady: () => true,
      goOn: () => {
        throw broken;
      },
    });
    slow.add(waiting(said, 'stuck'));
    scheduler.schedule(() => assert.deepEqual([said, errors, slow.size], [['stuck gives up'], [broken], 0]), 2000);
  });
});
