import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type Cleanup, until } from '../helpers/build-agent.ts';
import { startChild } from '../helpers/child-agent.ts';
import { pluginDirectory, pluginText } from '../helpers/plugin-files.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

async function watching(t: Cleanup, files: Readonly<Record<string, string>>, environment: Readonly<Record<string, string>> = {}) {
  const directory = pluginDirectory(t, files);
  const child = await startChild(t, {
    environment: { HOSTPULSE_PATHS_PLUGINS: directory.path, HOSTPULSE_PATHS_WATCH: 'true', ...environment },
  });
  const status = async (path: string) => (await fetch(child.base + path)).status;
  const text = async (path: string) => (await fetch(child.base + path)).text();
  return { ...directory, child, status, text };
}

/** TypeScript, with a topic. */
const clock = (says: string) =>
  pluginText('Clock', {
    above: "import { interval, map } from 'rxjs';\nimport type { Answer } from 'hostpulse/plugin';\nimport { word } from './_word.ts';",
    answer: `\`${says} \${word}\``,
    members: `observables(): Record<string, unknown> { return { ticks: interval(20).pipe(map((): string => \`${says} \${word}\`)) }; }`,
  }).replace('requestHandler()', 'requestHandler(): Answer');
const word = (text: string) => `export const word: string = '${text}';`;

describe('with paths.watch', () => {
  test('a plugin that appears is served, edited it is told on the same socket, and gone it is a 404', async (t) => {
    const { put, remove, child, status, text } = await watching(t, {});
    assert.equal(await status('/clock'), 404);
    put('_word.ts', word('o’clock'));
    put('clock.ts', clock('one'));
    await until(async () => (await status('/clock')) === 200, 'it appears');
    const socket = await connectWs(t, `${child.base.replace('http', 'ws')}/clock`);
    const hears = (says: string) => until(() => socket.messages.at(-1) === JSON.stringify(says), `${says} is heard`);
    await hears('one o’clock');
    put('clock.ts', clock('two'));
    await hears('two o’clock');
    put('_word.ts', word('past'));
    await hears('two past');
    // A slip of the pen: the old one goes on.
    put('clock.ts', clock('three').replace('interval(20)', 'interval(20'));
    await until(() => child.stdout().includes('plugin cannot be reloaded and stays as it was'), 'it is told of');
    assert.match(child.stdout(), /clock\.ts:\d+: /);
    assert.equal(await text('/clock'), 'two past');
    put('clock.ts', clock('four'));
    await hears('four past');
    remove('clock.ts');
    await until(async () => (await status('/clock')) === 404, 'it goes');
    assert.deepEqual(await socket.closed, { code: 1000, reason: 'the stream has ended' });
  });

  test('only what has changed is reloaded', async (t) => {
    const { put, child } = await watching(t, { 'a.js': pluginText('A'), 'b.js': pluginText('B') });
    put('a.js', pluginText('A', { answer: "'2'" }));
    await until(() => child.stdout().includes('plugin is reloaded'), 'it is reloaded');
    const reloaded = child
      .stdout()
      .split('\n')
      .filter((line) => line.includes('plugin is reloaded'));
    assert.deepEqual(
      reloaded.map((line) => JSON.parse(line).plugin),
      ['a'],
    );
  });

  test('a directory that the configuration names later is watched, too', async (t) => {
    const [first, second] = [pluginDirectory(t), pluginDirectory(t)];
    const config = join(first.path, 'hostpulse.yaml');
    const write = (...places: string[]) =>
      writeFileSync(config, JSON.stringify({ paths: { plugins: places, watch: true }, network: { port: 0 } }));
    write(first.path);
    const child = await startChild(t, { args: ['--config', config] });
    write(first.path, second.path);
    child.process.kill('SIGHUP');
    await until(() => child.stdout().includes('plugin is reloaded'), 'all is reloaded');
    second.put('late.js', pluginText('Late'));
    await until(async () => (await fetch(`${child.base}/late`)).status === 200, 'it appears');
  });

  test('a directory that goes leaves its plugins running; back, with other files, it is heeded', async (t) => {
    const { path, put, remove, child } = await watching(t, {});
    put('plugins/a.js', pluginText('A'));
    symlinkSync('plugins', join(path, 'link'));
    const other = await startChild(t, { environment: { HOSTPULSE_PATHS_PLUGINS: join(path, 'link'), HOSTPULSE_PATHS_WATCH: 'true' } });
    child.process.kill('SIGKILL');
    remove('plugins');
    await until(() => other.stdout().includes('nothing was reloaded, all runs on as before'), 'it is told of');
    assert.equal(await (await fetch(`${other.base}/a`)).text(), '1');
    put('plugins/a.js', pluginText('A', { answer: "'2'" }));
    await until(async () => (await (await fetch(`${other.base}/a`)).text()) === '2', 'it is heeded');
  });
});
