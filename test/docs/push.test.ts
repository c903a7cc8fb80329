import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { Subject } from 'rxjs';
import { type Cleanup, startAgent, until } from '../helpers/build-agent.ts';
import { ChaosProxy } from '../helpers/chaos-proxy.ts';
import { startChild } from '../helpers/child-agent.ts';
import { freePort } from '../helpers/free-port.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { PYTHON, whyNoWebsockets } from '../helpers/programs.ts';

const [, example = ''] = /```python\n(.*?)```/s.exec(readFileSync('docs/push.md', 'utf8')) ?? [];

/** Runs it. @returns the numbers that it has printed so far, and all that it has said */
function follow(t: Cleanup, script: string) {
  const python = spawn(PYTHON, ['-u', '-c', script]);
  t.after(() => void python.kill('SIGKILL'));
  let said = '';
  for (const stream of [python.stdout, python.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const lines = () => said.split('\n').slice(0, -1);
  const numbers = () =>
    lines()
      .filter((line) => /^\d+$/.test(line))
      .map(Number);
  return { numbers, said: () => said };
}

test('the client in Python, alone and cut off, has all that a plugin published that remembers nothing', {
  skip: whyNoWebsockets(),
}, async (t) => {
  const source = new Subject<unknown>();
  const agent = await startAgent(t, {
    plugins: { fed: pluginOf('fed', { topics: () => ({ values: source }) }) },
    values: { limits: { heldMs: 3_600_000 } },
  });
  const { listeners } = agent.registry.get('fed').topics;
  const proxy = await ChaosProxy.start(t, agent.port);
  const { numbers, said } = follow(t, example.replace('127.0.0.1:9192/netinfo', `127.0.0.1:${proxy.port}/fed`));
  let sequence = 0;
  for (let cut = 0; cut < 3; cut++) {
    await until(() => listeners.count === 1, 'it listens');
    for (let n = 0; n < 20; n++) source.next({ sequence: ++sequence });
    await until(() => numbers().length > 20 * cut, 'it has some of them');
    // It is not to come back before this has been looked at.
    proxy.fates = Array(10_000).fill({ isRefused: true });
    proxy.cutAll();
    await until(() => listeners.count === 0, 'it is cut off');
    for (let n = 0; n < 20; n++) source.next({ sequence: ++sequence });
    proxy.fates = [];
  }
  await until(() => numbers().length >= sequence, 'it has all of them');
  assert.deepEqual(
    numbers(),
    Array.from({ length: sequence }, (_, n) => n + 1),
  );
  assert.doesNotMatch(said(), /missing/);
});

test('the client in Python goes on after a restart of the agent, and says what is missing', { skip: whyNoWebsockets() }, async (t) => {
  const environment = { HOSTPULSE_NETWORK_PORT: String(await freePort()), HOSTPULSE_PLUGINS_NETINFO_INTERVAL_MS: '200' };
  const first = await startChild(t, { environment });
  const { numbers, said } = follow(t, example.replace(':9192', `:${environment.HOSTPULSE_NETWORK_PORT}`));
  await until(() => numbers().length > 3, 'samples come');
  first.process.kill('SIGTERM');
  await first.exited;
  await startChild(t, { environment });
  await until(() => said().includes('missing'), 'it says so');
  const before = numbers().length;
  await until(() => numbers().length > before + 3, 'samples come again');
  assert.match(said(), /missing: \{'sinceSequence': \d+, 'nextSequence': (\d+|None), 'gapMs': \d+, 'reason': 'restart'\}/);
  const heard = numbers();
  assert.ok(
    heard.every((sequence, at) => at === 0 || sequence > (heard[at - 1] as number)),
    said(),
  );
});
