import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { until } from '../helpers/build-agent.ts';
import { startChild } from '../helpers/child-agent.ts';
import { freePort } from '../helpers/free-port.ts';

const PYTHON = '/usr/bin/python3';
const [, example = ''] = /```python\n(.*?)```/s.exec(readFileSync('docs/push.md', 'utf8')) ?? [];

function whyNot(): string | false {
  try {
    execFileSync(PYTHON, ['-c', 'import websockets'], { stdio: 'ignore' });
    return false;
  } catch {
    return 'needs python3-websockets';
  }
}

test('the client in Python goes on after a restart of the agent, and says what is missing', { skip: whyNot() }, async (t) => {
  const environment = { HOSTPULSE_NETWORK_PORT: String(await freePort()), HOSTPULSE_PLUGINS_NETINFO_INTERVAL_MS: '200' };
  const first = await startChild(t, { environment });
  const python = spawn(PYTHON, ['-u', '-c', example.replace(':9192', `:${environment.HOSTPULSE_NETWORK_PORT}`)]);
  t.after(() => void python.kill('SIGKILL'));
  let said = '';
  for (const stream of [python.stdout, python.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      said += text;
    });
  }
  const numbers = () =>
    said
      .split('\n')
      .filter((line) => /^\d+$/.test(line))
      .map(Number);
  await until(() => numbers().length > 3, 'samples come');
  const before = numbers().length;
  first.process.kill('SIGTERM');
  await first.exited;
  await startChild(t, { environment });
  await until(() => numbers().length > before + 3, 'samples come again');
  assert.match(said, /missing: \{'sinceSequence': \d+, 'nextSequence': \d+, 'gapMs': \d+, 'reason': 'restart'\}/);
  const heard = numbers();
  assert.ok(
    heard.every((sequence, at) => at === 0 || sequence > (heard[at - 1] as number)),
    said,
  );
});
