import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Cleanup, until, within } from '../helpers/build-agent.ts';
import { startChild } from '../helpers/child-agent.ts';
import { pluginDirectory, pluginText } from '../helpers/plugin-files.ts';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const ON_A_TERMINAL = 'test/helpers/on-a-terminal.py';
const skip = spawnSync('python3', ['-c', 'import pty']).status !== 0 && 'wants python3';

describe('SIGHUP', () => {
  test('reloads all, with the configuration, and names what wants a new start', async (t) => {
    const { path, put } = pluginDirectory(t, { 'a.js': pluginText('A', { answer: 'this.parameters' }) });
    const config = (parts: object) => put('hostpulse.json', JSON.stringify({ paths: { plugins: [path] }, ...parts }));
    const child = await startChild(t, { args: ['--config', config({ plugins: { a: { zone: 'UTC' } } })] });
    const zone = async () => ((await (await fetch(`${child.base}/a`)).json()) as { zone?: string }).zone;
    assert.equal(await zone(), 'UTC');
    config({ plugins: { a: { zone: 'CET' } }, limits: { handlerMs: 4000 }, auth: { apiKey: 'later' } });
    child.process.kill('SIGHUP');
    await until(async () => (await zone()) === 'CET', 'the parameter arrives');
    await until(() => child.stdout().includes('only a new start heeds'), 'it is told');
    assert.match(child.stdout(), /"keys":\["auth\.apiKey","limits\.handlerMs"\]/);
    assert.ok(!child.stdout().includes('later'));
    put('hostpulse.json', '{ "limits": { "handlerMs": "soon" } }');
    child.process.kill('SIGHUP');
    await until(() => child.stdout().includes('nothing was reloaded, all runs on as before'), 'it is refused');
    assert.match(child.stdout(), /limits\.handlerMs: allowed: a whole number from 1/);
    assert.equal(await zone(), 'CET');
    child.process.kill('SIGTERM');
    assert.deepEqual(await child.exited, { code: 0, signal: null });
  });

  test('while all is being loaded, or the agent goes down, does no harm', async (t) => {
    const child = await startChild(t);
    for (let turn = 0; turn < 5; turn++) child.process.kill('SIGHUP');
    child.process.kill('SIGTERM');
    child.process.kill('SIGHUP');
    assert.deepEqual(await within(child.exited, 'it ends'), { code: 0, signal: null });
  });
});

/** The agent on a terminal of its own, which closes with `close`. */
async function onTerminal(t: Cleanup, ...command: readonly string[]) {
  const { path, put } = pluginDirectory(t, { 'a.js': pluginText('A') });
  const env = {
    ...process.env,
    HOSTPULSE_PATHS_PLUGINS: path,
    HOSTPULSE_NETWORK_PORT: '0',
    HOSTPULSE_LOG_FORMAT: 'json',
    LOG: join(path, 'agent.log'),
  };
  const runner = spawn('python3', [ON_A_TERMINAL, ...command], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = once(runner, 'exit');
  const lines = createInterface(runner.stdout)[Symbol.asyncIterator]();
  const pid = Number((await within(lines.next(), 'the process id')).value);
  t.after(async () => {
    runner.stdin.end();
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
    await exited;
  });
  const log = () => {
    try {
      return readFileSync(join(path, 'agent.log'), 'utf8');
    } catch {
      return '';
    }
  };
  await until(() => log().includes('hostpulse is at'), 'the agent listens', 20_000);
  return { pid, put, log, close: () => void runner.stdin.end(), ended: async () => (await within(lines.next(), 'the agent ends')).value };
}

describe('an agent that was started on a terminal', { skip }, () => {
  test('reloads at SIGHUP and ends when the terminal is closed, also with its output elsewhere', async (t) => {
    const { pid, log, close, ended } = await onTerminal(t, 'sh', '-c', `exec '${process.execPath}' '${MAIN}' > "$LOG" 2>&1`);
    process.kill(pid, 'SIGHUP');
    await until(() => log().includes('plugin is reloaded'), 'it reloads');
    close();
    // By the signal, having closed properly.
    assert.equal(await ended(), '-1');
    assert.match(log(), /shutting down/);
  });

  test('with nohup goes on when the terminal is closed', async (t) => {
    const { pid, log, close } = await onTerminal(t, 'sh', '-c', `exec nohup '${process.execPath}' '${MAIN}' > "$LOG" 2>&1 < /dev/null`);
    close();
    await until(() => log().includes('plugin is reloaded'), 'it takes that for a wish to reload');
    process.kill(pid, 0);
  });
});
