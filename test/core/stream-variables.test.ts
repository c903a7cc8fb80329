import assert from 'node:assert/strict';
import { test } from 'node:test';
import { splitStreamVariables } from '../../src/core/stream-variables.ts';

const split = (variables: object, declared?: object) => splitStreamVariables(variables as Record<string, unknown>, declared);

test('where to begin is the agent’s to heed, the rest goes to the plugin', () => {
  const { own, start } = split({ since: '1790000000123', iface: 'eth0' });
  assert.deepEqual([{ ...own }, start], [{ iface: 'eth0' }, { afterSequence: 1_790_000_000_123, fromTimestampMs: 0 }]);
  assert.deepEqual(split({ since: 5 }).start, { afterSequence: 5, fromTimestampMs: 0 });
  const last = split({ last: '60s' }).start;
  assert.equal(last?.afterSequence, 0);
  assert.ok(Math.abs((last?.fromTimestampMs ?? 0) - (Date.now() - 60_000)) < 1000);
  assert.deepEqual(split({ iface: 'eth0' }), { own: { iface: 'eth0' }, start: null, when: null, isConflated: true });
});

test('a condition is the agent’s to heed, unless the plugin declares a variable of that name', () => {
  const { own, start, when } = split({ when: 'a > 1', iface: 'eth0' });
  assert.deepEqual([{ ...own }, start, when], [{ iface: 'eth0' }, null, 'a > 1']);
  assert.deepEqual(split({ when: 'noon' }, { when: {} }), { own: { when: 'noon' }, start: null, when: null, isConflated: true });
});

test('whether a reader that falls behind is told the newest is said in a URL and in JSON', () => {
  assert.equal(split({}).isConflated, true);
  for (const conflate of [false, 'false']) assert.deepEqual({ ...split({ conflate }).own }, {});
  assert.deepEqual(
    [false, 'false', true, 'true'].map((conflate) => split({ conflate }).isConflated),
    [false, false, true, true],
  );
});

test('a plugin that declares a variable of such a name has it for itself', () => {
  const { own, start } = split({ since: 'yesterday' }, { since: {} });
  assert.deepEqual([own, start], [{ since: 'yesterday' }, null]);
  assert.equal(split({ since: '7' }, { toString: {} }).start?.afterSequence, 7);
});

for (const [variables, name] of [
  [{ since: 'yesterday' }, 'since'],
  [{ since: '-1' }, 'since'],
  [{ since: '1.5' }, 'since'],
  [{ since: '99999999999999999999' }, 'since'],
  [{ since: '9999999999999999' }, 'since'],
  [{ since: { a: 1 } }, 'since'],
  [{ last: '60' }, 'last'],
  [{ last: '25h' }, 'last'],
  [{ last: '0s' }, 'last'],
  [{ last: '5s', since: '5' }, 'last'],
  [{ since: null }, 'since'],
  [{ last: null }, 'last'],
  [{ when: null }, 'when'],
  [{ conflate: 'no' }, 'conflate'],
  [{ conflate: null }, 'conflate'],
] as const) {
  test(`${JSON.stringify(variables)} is refused by the name of ${name}`, () => {
    assert.throws(() => split(variables), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message: new RegExp(`^${name} is '`) });
  });
}

test('what is no text is answered with what is allowed, in full', () => {
  assert.throws(() => split({ last: null }), /last is 'null'; allowed: a number with ms, s, m or h, from 1ms to 86400s, such as 2s/);
  assert.throws(() => split({ since: null }), /since is 'null'; allowed: the sequence of the sample that you have/);
  assert.throws(() => split({ when: null }), /when is 'null'; allowed: a condition/);
});
