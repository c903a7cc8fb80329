import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Backoff } from '../../src/client/backoff.ts';
import { AgentError, bytesBetween } from '../../src/client/index.ts';
import { toSettings } from '../../src/client/options.ts';
import { SseParser } from '../../src/client/transports/sse-parser.ts';
import { Ways } from '../../src/client/ways.ts';
import { ERRORS, type ErrorCode } from '../../src/core/errors.ts';
import { sseEvent } from '../../src/streams/delivery/sse-sink.ts';
import fc from '../helpers/properties.ts';

test('what the agent answers with a 4xx comes again, unless it is of the moment; all else may go away', () => {
  for (const [code, statusCode] of Object.entries(ERRORS)) {
    const isFinal =
      statusCode < 500 && !['HOSTPULSE_ERR_UPGRADE_REQUIRED', 'HOSTPULSE_ERR_MEDIA_TYPE', 'HOSTPULSE_ERR_NOT_RELOADED'].includes(code);
    assert.equal(new AgentError(code as ErrorCode, statusCode, '').isFinal, isFinal, code);
    assert.equal(AgentError.told(code, '').statusCode, isFinal ? statusCode : null, code);
  }
  assert.deepEqual(
    [400, 404, 408, 429, 500, 502, 503].filter((statusCode) => new AgentError(null, statusCode, '').isFinal),
    [400, 404],
  );
});

test('pauses may be anything up to a bound, which doubles up to the longest, and start over', () => {
  const bounds = new Backoff({ firstMs: 500, mostMs: 3000 }, () => 1);
  const next = () => Array.from({ length: 5 }, () => bounds.next());
  assert.deepEqual(next(), [500, 1000, 2000, 3000, 3000]);
  assert.equal(bounds.attempts, 5);
  bounds.reset();
  assert.deepEqual(next(), [500, 1000, 2000, 3000, 3000]);
  assert.equal(new Backoff({ firstMs: 500, mostMs: 3000 }, () => 0).next(), 0);
  const long = new Backoff({ firstMs: 500, mostMs: 3000 }, () => 1);
  for (let n = 0; n < 5000; n++) long.next();
  assert.equal(long.next(), 3000);
});

test('an option that is wrong is refused by its name', () => {
  const refused = (url: string, options: object, words: RegExp) => assert.throws(() => toSettings(url, options), words);
  refused('127.0.0.1:9192', {}, /^TypeError: the agent's URL is '127.0.0.1:9192'; allowed: such as http:/);
  refused('ws://a', {}, /the agent's URL is 'ws:\/\/a'/);
  refused('http://a', { silenceMs: -1 }, /^TypeError: silenceMs is -1; allowed: milliseconds, from 1/);
  refused('http://a', { pollMs: Number.NaN }, /pollMs is NaN/);
  refused('http://a', { climbMs: 86_400_001 }, /climbMs is 86400001; allowed: milliseconds, from 1 to 86400000/);
  refused(
    'http://a',
    { transports: ['carrier pigeon'] },
    /transports is 'carrier pigeon'; allowed: one or more of websocket, sse, polling/,
  );
  refused('http://a', { transports: [] }, /transports is ''/);
  assert.equal(toSettings('https://a:1/agents/one/?x#y', {}).baseUrl, 'https://a:1/agents/one');
});

test('an event stream is understood, however it is cut', () => {
  const frame = (value: unknown, sequence: number | null, event?: 'gap') => {
    const bytes = Buffer.from(JSON.stringify(value));
    return { value, bytes, sequence, statusCode: 200, ...(event ? { event } : {}) };
  };
  const values = fc.array(fc.tuple(fc.jsonValue(), fc.option(fc.maxSafeNat()), fc.boolean()), { maxLength: 5 });
  fc.assert(
    fc.property(values, fc.infiniteStream(fc.integer({ min: 1, max: 20 })), (told, lengths) => {
      const text = told
        .map(([value, sequence, isGap]) => `:\n\n${sseEvent(frame(value, sequence, isGap ? 'gap' : undefined))}`)
        .join('')
        .concat(':\n\n');
      const parser = new SseParser();
      const events: unknown[] = [];
      for (let at = 0; at < text.length; ) {
        const { value: length } = lengths.next() as { value: number };
        events.push(...parser.push(text.slice(at, at + length)));
        at += length;
      }
      assert.deepEqual(
        events,
        told.map(([value, sequence, isGap]) => ({
          name: isGap ? 'gap' : 'message',
          data: JSON.stringify(value),
          id: sequence === null ? null : String(sequence),
        })),
      );
    }),
  );
  assert.deepEqual(new SseParser().push('data: {"a":"\u2028"}\r\nid:7\r\n\r\n'), [{ name: 'message', data: '{"a":"\u2028"}', id: '7' }]);
});

describe('the bytes between two samples', () => {
  const one = (iface: string, index: number | null, rxBytes: number | null, txBytes: number | null = rxBytes) => ({
    iface,
    index,
    rxBytes,
    txBytes,
  });
  const between = (before: object[], after: object[]) => bytesBetween({ interfaces: before } as never, { interfaces: after } as never);

  test('are what the counters have run on', () => {
    assert.deepEqual(between([one('eth0', 2, 100, 50)], [one('eth0', 2, 1100, 50)]), [
      { iface: 'eth0', rxBytes: 1000, txBytes: 0, status: 'ok' },
    ]);
    assert.deepEqual(between([one('eth0', 2, 100)], [one('lan0', 2, 110)]), [{ iface: 'lan0', rxBytes: 10, txBytes: 10, status: 'ok' }]);
    assert.deepEqual(between([{ iface: 'a', rxBytes: 1, txBytes: 1 }], [{ iface: 'a', rxBytes: 3, txBytes: 2 }]), [
      { iface: 'a', rxBytes: 2, txBytes: 1, status: 'ok' },
    ]);
  });

  test('are not known, with the reason', () => {
    const unknown = { rxBytes: null, txBytes: null };
    assert.deepEqual(between([one('eth0', 2, 100)], [one('eth0', 2, 10, 200)]), [{ iface: 'eth0', ...unknown, status: 'reset' }]);
    assert.deepEqual(between([one('eth0', 2, 100)], [one('eth0', 7, 200)]), [{ iface: 'eth0', ...unknown, status: 'reset' }]);
    assert.deepEqual(between([one('tun0', 3, 1)], [one('wlan0', 4, 1)]), [
      { iface: 'wlan0', ...unknown, status: 'added' },
      { iface: 'tun0', ...unknown, status: 'removed' },
    ]);
    assert.deepEqual(between([one('eth0', 2, 1, null)], [one('eth0', 2, 5, 7)]), [
      { iface: 'eth0', rxBytes: 4, txBytes: null, status: 'unknown' },
    ]);
  });

  test('are right where two interfaces have exchanged their names', () => {
    assert.deepEqual(between([one('a', 1, 10), one('b', 2, 100)], [one('b', 1, 11), one('a', 2, 102)]), [
      { iface: 'b', rxBytes: 1, txBytes: 1, status: 'ok' },
      { iface: 'a', rxBytes: 2, txBytes: 2, status: 'ok' },
    ]);
  });
});

test('a better way is tried in its turn, after ever longer times, until one was good', () => {
  const ways = new Ways(['websocket', 'sse', 'polling'], 1000);
  assert.deepEqual(
    [ways.current, ways.isBest, ways.fall(false), ways.fall(false), ways.fall(false)],
    ['websocket', true, true, true, false],
  );
  assert.equal(ways.current, 'polling');
  const tries = Array.from({ length: 3 }, () => [ways.climbDelayMs(0.5), ways.better()]);
  assert.deepEqual(tries, [
    [1000, 'websocket'],
    [2000, 'sse'],
    [4000, 'websocket'],
  ]);
  for (let n = 0; n < 50; n++) ways.better();
  assert.equal(ways.climbDelayMs(1), 3_600_000);
  ways.wasGood();
  assert.equal(ways.climbDelayMs(0), 500);
  ways.take('sse');
  assert.deepEqual([ways.current, ways.isBest, ways.better()], ['sse', false, 'websocket']);
});

test('a way that there is not is not tried again', () => {
  const ways = new Ways(['websocket', 'sse'], 1000);
  assert.equal(ways.fall(true), true);
  assert.deepEqual([ways.current, ways.isBest, ways.fall(false)], ['sse', true, false]);
});
