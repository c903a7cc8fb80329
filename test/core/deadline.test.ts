import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { withDeadline } from '../../src/core/deadline.ts';

const late = () => new Error('late');
const never = new Promise<never>(() => {});

describe('a deadline', () => {
  test('lets through what comes in time, be it a value or a failure', async () => {
    assert.equal(await withDeadline(Promise.resolve(7), 10_000, late), 7);
    await assert.rejects(withDeadline(Promise.reject(new Error('own')), 10_000, late), { message: 'own' });
  });

  test('ends the wait for what never comes', async () => {
    await assert.rejects(withDeadline(never, 5, late), { message: 'late' });
  });

  test('makes a failure that comes after it nobody’s business', async () => {
    const stray: unknown[] = [];
    const note = (reason: unknown) => stray.push(reason);
    process.on('unhandledRejection', note);
    await assert.rejects(
      withDeadline(
        sleep(20).then(() => Promise.reject(new Error('too late'))),
        1,
        late,
      ),
      { message: 'late' },
    );
    await sleep(60);
    process.off('unhandledRejection', note);
    assert.deepEqual(stray, []);
  });

  test('leaves no timer behind', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const before = timers();
    await Promise.all([1, 2, 3].map((value) => withDeadline(Promise.resolve(value), 60_000, late)));
    assert.equal(timers(), before);
  });
});
