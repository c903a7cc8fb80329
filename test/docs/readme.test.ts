import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import test from 'node:test';
import { promisify } from 'node:util';
import pino from 'pino';
import { createAgent } from '../../src/core/agent.ts';
import { readSetup } from '../../src/core/loading/plugin-loader.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { type Cleanup, until } from '../helpers/build-agent.ts';

const readme = readFileSync('README.md', 'utf8');
const push = readFileSync('docs/push.md', 'utf8');
const linesOf = (text: string) => [...text.matchAll(/^\$ (curl .*)$/gm)].map(([, line]) => line as string);
const lines = [...linesOf(readme), ...linesOf(push)];
const run = promisify(execFile);

const hasCurl = await run('curl', ['--version']).then(
  () => true,
  () => false,
);

test('the curl lines of the README and of the guide to push answer as they say', { skip: hasCurl ? false : 'needs curl' }, async (t) => {
  const setup = await readSetup(builtIns, { values: { network: { port: 0 }, limits: { handlerMs: 60_000 } } });
  const agent = await createAgent({ setup, log: pino({ level: 'silent' }) });
  t.after(() => agent.close());
  await agent.start();
  const { port } = agent.app.server.address() as AddressInfo;
  assert.ok(linesOf(readme).length >= 8 && linesOf(push).length >= 4);
  await Promise.all(
    lines.map(async (line) => {
      const command = `exec ${line.replaceAll(':9192/', `:${port}/`)}`;
      if (line.includes('-sN')) return assertStreams(t, command);
      const { stdout } = await run('sh', ['-c', command]);
      assert.doesNotMatch(stdout, /^\{"statusCode"/, `${line}\n${stdout}`);
      JSON.parse(stdout);
    }),
  );
});

/** A stream has no end, and events come when something happens. */
async function assertStreams(t: Cleanup, command: string): Promise<void> {
  const curl = spawn('sh', ['-c', command.replace('curl ', 'curl -i ')], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => void curl.kill('SIGKILL'));
  let said = '';
  curl.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  // A comment comes first where the first value takes a while.
  const expected = command.includes('events') ? /^content-type: text\/event-stream/m : /\r\n\r\n(:\n\n)*(event: gap\n)?(id: \d+\n)?data: /;
  // What came instead is told below.
  await until(() => expected.test(said) || curl.exitCode !== null, command).catch(() => {});
  assert.match(said, expected, `${command}\n${said}`);
  assert.equal(curl.exitCode, null, command);
}

test('the links of the documents lead somewhere', () => {
  for (const file of [
    'README.md',
    'CONTRIBUTING.md',
    'docs/architecture.md',
    'docs/errors.md',
    'docs/plugins.md',
    'docs/push.md',
    'docs/conditions.md',
    'config/README.md',
  ]) {
    for (const [, target] of readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      assert.ok(existsSync(join(dirname(file), target as string)), `${file} links ${target}`);
    }
  }
});

test('the README names every plugin that there is', () => {
  const named = [...readme.matchAll(/^\| \[`\/(\w+)`\]\(src\/plugins\/(\w+)\/README\.md\)/gm)].map(([, route, name]) => {
    assert.equal(route, name);
    return name;
  });
  assert.deepEqual(named.sort(), Object.keys(builtIns).sort());
});
