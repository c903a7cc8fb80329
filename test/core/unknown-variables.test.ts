import assert from 'node:assert/strict';
import { test } from 'node:test';
import { NEVER } from 'rxjs';
import { type Query, type RequestData, refuseUnknown, type Variables } from '../../src/core/base-plugin.ts';
import type { PluginClass } from '../../src/core/running/plugin-class.ts';
import { STREAM_VARIABLES } from '../../src/core/stream-variables.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { stage } from '../helpers/stage.ts';

const OWN = ['interval', 'last'];

/** It takes `interval`, and `last` for itself; its topic is called `ticks`. */
function strict(variables: Variables | undefined, hasTopic = true): PluginClass {
  const refuse = ({ requestHeaders: _headers, subpath: _subpath, method: _method, clientIp: _ip, ...query }: RequestData) => {
    refuseUnknown(query, OWN);
    return [200, {}];
  };
  const ticks = (query: Query) => {
    refuseUnknown(query, OWN);
    return NEVER;
  };
  const made = pluginOf('strict', { answer: (data) => refuse(data), topics: () => (hasTopic ? { ticks } : {}) });
  return Object.assign(made, variables && { variables });
}

/** `last` is its own. */
const HEEDED = ['interval', 'last', ...STREAM_VARIABLES.filter((name) => name !== 'last')].join(', ');
const declared = { interval: { description: 'pace' }, last: { description: 'its own' } };

for (const [what, plugin, url, allowed] of [
  ['of a plugin with topics those that the agent heeds are named, too', strict(declared), '/strict?foo=1', HEEDED],
  ['so they are of a topic', strict(declared), '/strict/ticks?foo=1', HEEDED],
  ['and where one of them is given', strict(declared), '/strict?since=0&foo=1', HEEDED],
  ['a history has its own', strict(declared), '/strict/history?foo=1', 'interval, since, last, step, fields'],
  ['a plugin without topics has no past', strict(declared, false), '/strict?foo=1', 'interval, last'],
  ['one that does not say what it takes is left all of them', strict(undefined), '/strict?foo=1', 'interval, last'],
] as const) {
  test(`an unknown variable is answered with those that there are: ${what}`, async (t) => {
    const at = await stage(t, { strict: plugin });
    const { status, body } = await at.get(url);
    assert.deepEqual([status, (body as { message: string }).message], [400, `variable is 'foo'; allowed: ${allowed}`]);
    assert.deepEqual(
      at.log.lines.filter(({ level }) => level === 'error'),
      [],
      'a client’s mistake is none of the plugin',
    );
  });
}

test('a plugin that fails at every GET is in the log whole once', async (t) => {
  const broken = pluginOf('broken', {
    answer: () => {
      throw new Error('no such bus');
    },
  });
  const at = await stage(t, { broken });
  for (let n = 0; n < 12; n++) assert.equal((await at.get('/broken')).status, 500);
  const told = at.log.lines.filter(({ level }) => level === 'error').map(({ fields, message }) => ['err' in fields, message]);
  assert.deepEqual(told, [
    [true, 'request handler failed'],
    [false, 'request handler failed: no such bus (10 times by now)'],
  ]);
  assert.equal((await at.pluginState('broken')).statistics.errors, 12);
});
