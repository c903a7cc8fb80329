import assert from 'node:assert/strict';
import { test } from 'node:test';
import { agentAddress, urlBelow } from '../../src/commands/agent-address.ts';
import { loadConfig } from '../../src/core/config/config.ts';

async function address(given: string | undefined, parts: { values?: object; environment?: Record<string, string>; file?: string } = {}) {
  const sources = { values: {}, ...parts };
  return agentAddress(given, await loadConfig([{ name: 'netinfo', parameterSchema: {} }], { ...sources, file: undefined }), sources);
}

test('the agent that is asked: named by a flag, by the environment, else the configured one', async () => {
  const environment = { HOSTPULSE_URL: 'https://example.org/pulse' };
  assert.equal((await address(undefined)).url.href, 'http://127.0.0.1:9192/');
  assert.equal((await address(undefined, { values: { network: { port: 9200 } } })).url.href, 'http://127.0.0.1:9200/');
  const everywhere = { network: { host: '::' }, auth: { apiKey: 'k' } };
  assert.equal((await address(undefined, { values: everywhere })).url.href, 'http://[::1]:9192/');
  assert.equal((await address(undefined, { environment })).url.href, 'https://example.org/pulse');
  assert.equal((await address('http://other:1', { environment })).url.href, 'http://other:1/');
});

test('a key is sent to the agent that it is for, and elsewhere only where it was set for this call', async () => {
  const values = { auth: { apiKey: 'of the file' } };
  assert.equal((await address(undefined, { values })).keyFor('netinfo'), 'of the file');
  assert.equal((await address('http://other:1', { values })).keyFor('netinfo'), '');
  assert.equal((await address('http://other:1', { values, file: 'other.yaml' })).keyFor('netinfo'), 'of the file');
  assert.equal((await address('http://other:1', { environment: { HOSTPULSE_AUTH_API_KEY: 'k' } })).keyFor('netinfo'), 'k');
  const ofPlugin = await address(undefined, { values: { plugins: { netinfo: { apiKey: 'own' } } } });
  assert.deepEqual([ofPlugin.keyFor('netinfo/interfaces/lo'), ofPlugin.keyFor('cpu')], ['own', '']);
});

test('a URL that is none is explained, without the password in it', async () => {
  await assert.rejects(address('localhost:9192'), /--url is 'localhost:9192'; allowed: an address such as http/);
  await assert.rejects(
    address('http://me:secret@host'),
    (error: Error) => !error.message.includes('secret') && /--url/.test(error.message),
  );
  await assert.rejects(address(undefined, { environment: { HOSTPULSE_URL: 'ftp://host' } }), /HOSTPULSE_URL is/);
});

test('a path leads below the agent and nowhere else', () => {
  const below = (path: string, variables = {}) => urlBelow(new URL('http://host:1/pulse/'), path, new Map(Object.entries(variables))).href;
  assert.equal(below('netinfo'), 'http://host:1/pulse/netinfo');
  assert.equal(below('//evil.org/x'), 'http://host:1/pulse/evil.org/x');
  assert.equal(below('/a/eth0#1?unit=bits&x=1', { unit: 'bytes' }), 'http://host:1/pulse/a/eth0%231?unit=bytes&x=1');
  assert.equal(below('/disks/devices/md%2F0'), 'http://host:1/pulse/disks/devices/md%2F0');
  assert.throws(() => below('http://evil.org/x'), /is a URL; give the path alone/);
});
