import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Subject } from 'rxjs';
import { Listeners } from '../../src/core/running/listeners.ts';
import type { Frame } from '../../src/streams/frame.ts';
import { until } from '../helpers/build-agent.ts';
import { counted } from '../helpers/plugins.ts';

const LONG_MS = 600_000;

describe('what is listened to for who is away', () => {
  test('is let go of when they do not come again', async () => {
    const { observable, counts } = counted(new Subject<Frame>());
    const listeners = new Listeners(20);
    listeners.hold('a', observable);
    listeners.hold('a', observable);
    assert.deepEqual(counts, { started: 1, running: 1 });
    await until(() => counts.running === 0, 'it is let go of');
    assert.equal(listeners.held, 0);
  });

  test('is bounded: what was asked longest ago is let go of', () => {
    const listeners = new Listeners(LONG_MS);
    const sources = Array.from({ length: 102 }, () => counted(new Subject<Frame>()));
    sources.forEach(({ observable }, at) => {
      listeners.hold(String(at), observable);
      listeners.hold('0', sources[0]?.observable as typeof observable);
    });
    assert.equal(listeners.held, 100);
    assert.deepEqual(
      [0, 1, 2, 3].map((at) => sources[at]?.counts.running),
      [1, 0, 0, 1],
    );
  });

  test('is not listened to any more when it has ended', () => {
    const listeners = new Listeners(LONG_MS);
    const source = new Subject<Frame>();
    listeners.hold('a', source);
    source.error(new Error('over'));
    listeners.hold('b', source);
    assert.equal(listeners.held, 0);
  });
});
