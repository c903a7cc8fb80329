import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Feed } from '../../src/client/feed.ts';
import { AgentError } from '../../src/client/index.ts';
import type { Query } from '../../src/client/options.ts';
import type { Gap } from '../../src/streams/question.ts';

function setUp(query: Query = {}) {
  const told: unknown[] = [];
  const gaps: unknown[] = [];
  const feed = new Feed(
    'fed',
    query,
    { firstMs: 1, mostMs: 1 },
    { onGap: (gap, before) => gaps.push([gap.reason, before]), onEnd: () => gaps.push('end') },
  );
  const show = (event: object) => ('gap' in event ? 'gap' : 'error' in event ? 'absent' : (event as { value: unknown }).value);
  feed.subscribe({
    next: (event) => told.push(show(event)),
    error: (error: Error) => told.push(error.message),
    complete: () => told.push('end'),
  });
  return { feed, told, gaps };
}

const gap = (reason: Gap['reason'], sinceSequence = 5): Gap => ({ sinceSequence, nextSequence: null, gapMs: null, reason });
const wrongPath = new AgentError('HOSTPULSE_ERR_NO_SUCH_PATH', 404, 'no eth9');
const body = { statusCode: 404, code: 'HOSTPULSE_ERR_NO_SUCH_PATH', error: 'Not Found', message: 'no eth9' };

describe('a question goes on where its answer was cut', () => {
  test('from the last sequence on; what comes twice is told once', () => {
    const { feed, told } = setUp({ interval: '1s' });
    assert.deepEqual(feed.ask(), { interval: '1s' });
    for (const sequence of [1, 2, 2, 1, 3]) feed.take({ sequence });
    assert.deepEqual(told, [{ sequence: 1 }, { sequence: 2 }, { sequence: 3 }]);
    assert.deepEqual(feed.ask(), { interval: '1s', since: '3' });
    feed.take('no object', 4);
    assert.deepEqual(feed.ask(), { interval: '1s', since: '4' });
  });

  test('before anything came: what was published since it was asked first', () => {
    const { feed } = setUp();
    assert.deepEqual(feed.ask(1000), {});
    assert.deepEqual(feed.ask(3500.2), { last: '2502ms' });
    assert.deepEqual(feed.ask(1000 + 48 * 3_600_000), { last: '86400000ms' });
    feed.take({ sequence: 7 });
    assert.deepEqual(feed.ask(9000), { since: '7' });
  });

  test('what was asked of the past at first is not asked again', () => {
    const { feed } = setUp({ last: '60s' });
    assert.deepEqual(feed.ask(), { last: '60s' });
    assert.deepEqual(feed.ask(), { last: '60s' });
    feed.take({ sequence: 7 });
    assert.deepEqual(feed.ask(), { since: '7' });
  });
});

describe('a gap', () => {
  test('is told with what came before it, once, also where the connection is cut right behind it', () => {
    const { feed, told, gaps } = setUp();
    feed.take({ sequence: 5 });
    feed.missed(gap('restart'));
    assert.deepEqual(feed.ask(), { since: '5' });
    feed.missed(gap('restart'));
    assert.deepEqual(told, [{ sequence: 5 }, 'gap']);
    assert.deepEqual(gaps, [['restart', { sequence: 5 }]]);
    feed.take({ sequence: 9 });
    feed.missed(gap('history', 9));
    assert.equal(gaps.length, 2);
  });

  test('is where counting may begin anew', () => {
    const { feed, told } = setUp();
    feed.take({ sequence: 500 });
    feed.missed(gap('clock', 500));
    feed.take({ sequence: 1 });
    assert.deepEqual(told, [{ sequence: 500 }, 'gap', { sequence: 1 }]);
    assert.deepEqual(feed.ask(), { since: '1' });
  });

  test('is where numbers fall within a connection, and is told though the agent does not say so', () => {
    const { feed, told, gaps } = setUp();
    const [first, second] = [{}, {}];
    feed.take({ sequence: 8 }, 8, first);
    feed.take({ sequence: 9 }, 9, first);
    feed.take({ sequence: 1 }, 1, first);
    assert.deepEqual([told.slice(2), gaps], [['gap', { sequence: 1 }], [['restart', { sequence: 9 }]]]);
    feed.take({ sequence: 7 }, 7, first);
    feed.ask();
    // Behind what was asked for only a new count can be.
    feed.take({ sequence: 2 }, 2, second);
    feed.take({ sequence: 3 }, 3, second);
    assert.deepEqual(told.slice(4), [{ sequence: 7 }, 'gap', { sequence: 2 }, { sequence: 3 }]);
  });

  test('is not where another connection brings what has come already', () => {
    const { feed, told } = setUp();
    const [first, second] = [{}, {}];
    for (const sequence of [5, 6]) feed.take({ sequence }, sequence, first);
    feed.ask();
    feed.take({ sequence: 7 }, 7, first);
    for (const sequence of [7, 8]) feed.take({ sequence }, sequence, second);
    feed.take({ sequence: 8 }, 8, first);
    assert.deepEqual(
      told,
      [5, 6, 7, 8].map((sequence) => ({ sequence })),
    );
  });
});

describe('a value that is not there', () => {
  test('ends a topic that never had one', () => {
    const { feed, told, gaps } = setUp();
    feed.take(body, 1);
    feed.take({ sequence: 2 });
    assert.deepEqual([told, gaps], [['no eth9'], ['end']]);
  });

  test('is told once where there was one, however it is told, and does not end the topic', () => {
    const { feed, told } = setUp();
    feed.take('up', 1);
    feed.take(body, 2);
    assert.equal(feed.refuse(wrongPath), true);
    feed.take('up', 3);
    assert.deepEqual(told, ['up', 'absent', 'up']);
    assert.deepEqual(feed.ask(), { since: '3' });
  });

  test('by a refusal for good ends it also then; by one of the moment it is silent', () => {
    const { feed, told } = setUp();
    feed.take('up', 1);
    assert.equal(feed.refuse(new AgentError('HOSTPULSE_ERR_PLUGIN_NOT_READY', 503, 'later')), true);
    assert.deepEqual(told, ['up']);
    assert.equal(feed.refuse(new AgentError('HOSTPULSE_ERR_UNAUTHORIZED', 401, 'the API key is wrong')), false);
    assert.deepEqual(told, ['up', 'the API key is wrong']);
  });
});

test('who comes later is told the newest at once', () => {
  const { feed } = setUp();
  feed.take({ sequence: 1 });
  feed.take({ sequence: 2 });
  const late: unknown[] = [];
  feed.subscribe({ next: (event) => late.push(event) });
  assert.deepEqual(late, [{ type: 'value', value: { sequence: 2 }, sequence: 2 }]);
});
