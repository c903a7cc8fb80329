import assert from 'node:assert/strict';
import test from 'node:test';
import { badVariable } from '../../src/core/base-plugin.ts';
import { buildAgent, type Cleanup, recordingLog } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';

const fields = { heat: { kind: 'gauge', unit: 'degrees', description: 'of the oven' } } as const;
const oven = pluginOf('oven', { fields, answer: () => [200, { heat: 21 }] });

async function shown(t: Cleanup, values: Record<string, object>, headers: Record<string, string> = {}): Promise<string> {
  const { app } = await buildAgent(t, { plugins: { oven }, values });
  return (await app.inject({ url: '/metrics', headers })).body;
}

const isTold = /^hostpulse_oven_heat 21$/m;

test('a plugin’s own key guards its numbers in /metrics, too', async (t) => {
  const guarded = { plugins: { oven: { apiKey: 'its own' } } };
  assert.match(await shown(t, {}), isTold);
  assert.doesNotMatch(await shown(t, guarded), isTold);
  assert.doesNotMatch(await shown(t, guarded, { authorization: 'Bearer wrong' }), isTold);
  assert.match(await shown(t, guarded, { authorization: 'Bearer its own' }), isTold);
  assert.match(await shown(t, { ...guarded, auth: { apiKey: 'global' } }, { authorization: 'Bearer global' }), isTold);
});

test('a plugin that wants a variable has nothing to tell, which is no failure', async (t) => {
  const log = recordingLog();
  const answer = () => {
    throw badVariable('room', undefined, 'kitchen, hall');
  };
  const { app } = await buildAgent(t, { plugins: { choosy: pluginOf('choosy', { fields, answer }) }, log });
  const { body } = await app.inject('/metrics');
  assert.match(body, /^hostpulse_collector_success\{collector="choosy"\} 1$/m);
  assert.doesNotMatch(body, /hostpulse_choosy/);
  assert.deepEqual(
    log.lines.filter(({ level }) => level === 'error'),
    [],
  );
});

test('what a guarded plugin’s errors say is guarded, too', async (t) => {
  const answer = () => {
    throw new Error('VALUE 42');
  };
  const plugins = { oven: pluginOf('oven', { answer }) };
  const { app } = await buildAgent(t, { plugins, values: { plugins: { oven: { apiKey: 'its own' } } } });
  const headers = { authorization: 'Bearer its own' };
  assert.equal((await app.inject({ url: '/oven', headers })).statusCode, 500);
  const without = await app.inject('/plugins');
  assert.doesNotMatch(without.body, /VALUE 42/);
  assert.match(without.body, /shown only to who has the plugin's key/);
  assert.match((await app.inject({ url: '/plugins', headers })).body, /VALUE 42/);
});
