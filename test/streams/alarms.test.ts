import assert from 'node:assert/strict';
import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { sharedAlarm } from '../../src/streams/alarms.ts';
import type { Meter } from '../../src/streams/meter.ts';
import { until } from '../helpers/build-agent.ts';

const soon = (ms = 20) => performance.now() + ms;

/** Alarms that tell their names. */
function alarms() {
  const rung: string[] = [];
  const alarm = (name: string, more: () => void = () => {}) =>
    sharedAlarm(() => {
      rung.push(name);
      more();
    }, undefined);
  return { rung, alarm };
}

test('alarms ring in the order of their times, those of one time in the order of their setting; none too early', async () => {
  const { rung, alarm } = alarms();
  const baseMs = soon();
  let earliestMs = Number.POSITIVE_INFINITY;
  alarm('c').set(baseMs + 40);
  alarm('a', () => {
    earliestMs = performance.now();
  }).set(baseMs);
  alarm('b').set(baseMs + 20);
  alarm('a2').set(baseMs);
  await until(() => rung.length >= 4, 'all ring');
  assert.deepEqual(rung, ['a', 'a2', 'b', 'c']);
  assert.ok(earliestMs >= baseMs - 1);
});

test('one that is set again rings at its new time only; one that has ended never does', async () => {
  const { rung, alarm } = alarms();
  const baseMs = soon();
  const moved = alarm('moved');
  moved.set(baseMs + 30);
  moved.set(baseMs + 60);
  const ended = alarm('ended');
  ended.set(baseMs + 20);
  alarm('between', () => ended.end()).set(baseMs + 10);
  alarm('after').set(baseMs + 45);
  await until(() => rung.includes('moved'), 'the last rings');
  assert.deepEqual(rung, ['between', 'after', 'moved']);
  ended.set(soon(1));
  await wait(20);
  assert.equal(rung.length, 3);
});

test('alarms that are set while others ring, and for the past, ring too', async () => {
  const { rung, alarm } = alarms();
  let left = 3;
  const again = alarm('again', () => {
    if (--left > 0) again.set(performance.now() - 5);
  });
  again.set(soon());
  await until(() => left === 0, 'it rings again');
  assert.deepEqual(rung, ['again', 'again', 'again']);
});

test('an alarm that throws does not keep the others from ringing, and is an uncaught error as of a timer', async () => {
  const { rung, alarm } = alarms();
  const listeners = process.listeners('uncaughtException');
  process.removeAllListeners('uncaughtException');
  try {
    const uncaught = once(process, 'uncaughtException');
    const atMs = soon();
    alarm('bad', () => assert.fail('broken')).set(atMs);
    alarm('good').set(atMs);
    const [error] = await uncaught;
    assert.equal(error.message, 'broken');
    await until(() => rung.length >= 2, 'the other rings');
    assert.deepEqual(rung, ['bad', 'good']);
  } finally {
    for (const listener of listeners) process.on('uncaughtException', listener);
  }
});

test('where many alarms take long, others have their turn in between', async () => {
  const { rung, alarm } = alarms();
  const atMs = soon();
  const busy = () => {
    const startMs = performance.now();
    while (performance.now() - startMs < 8);
  };
  for (const name of ['1', '2', '3', '4', '5', '6']) alarm(name, busy).set(atMs);
  let rungThen = 0;
  alarm('0', () => setImmediate(() => (rungThen = rung.length))).set(atMs - 1);
  await until(() => rung.length >= 7, 'all ring');
  assert.ok(rungThen > 0 && rungThen < 7, `${rungThen} had rung when the event loop went on`);
});

test('each rings in the asynchronous context that it was made in, whoever has set the timer', async () => {
  const whose = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const made = (name: string) => whose.run(name, () => sharedAlarm(() => seen.push(whose.getStore()), undefined));
  const [a, b] = [made('a'), made('b')];
  const atMs = soon();
  whose.run('setter', () => [b, a].forEach((alarm) => void alarm.set(atMs)));
  await until(() => seen.length >= 2, 'both ring');
  assert.deepEqual(seen, ['b', 'a']);
});

test('who made it is told, may end it, and hears when it has ended', async () => {
  const told: string[] = [];
  let end = () => {};
  const meter: Meter = {
    ticked: () => {},
    began: (stop) => {
      end = stop;
      return () => told.push('over');
    },
    wake: (work) => {
      told.push('woken');
      work();
    },
  };
  const alarm = sharedAlarm(() => told.push('rung'), meter);
  alarm.set(soon(5));
  await until(() => told.includes('rung'), 'it rings');
  end();
  alarm.set(soon(5));
  await wait(30);
  assert.deepEqual(told, ['woken', 'rung', 'over']);
});

test('thousands of alarms that come and go leave nothing behind', async () => {
  const { rung, alarm } = alarms();
  const far = Array.from({ length: 5000 }, (_, n) => {
    const one = alarm(String(n));
    one.set(soon(3_600_000 + (n % 7)));
    return one;
  });
  for (const one of far) one.end();
  alarm('near').set(soon(5));
  await until(() => rung.length > 0, 'the near one rings');
  await wait(20);
  assert.deepEqual(rung, ['near']);
});
