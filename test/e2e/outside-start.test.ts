import assert from 'node:assert/strict';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { until } from '../helpers/build-agent.ts';
import { runToEnd, startChild } from '../helpers/child-agent.ts';
import { pluginDirectory, pluginText } from '../helpers/plugin-files.ts';

interface Row {
  readonly name: string;
  readonly state: string;
  readonly lastError: { readonly message: string } | null;
}

describe('a start with plugins from outside', () => {
  test('serves those that work, in a directory of any kind and in packages, and says nothing to a person who reads the terminal but what is wrong', async (t) => {
    const { path, put } = pluginDirectory(t, {
      'project/plugins/typed.ts': pluginText('Typed', { above: 'const one: number = 1;', answer: '{ one }' }),
      'project/plugins/plain.js': pluginText('Plain'),
      'project/node_modules/hostpulse-plugin-packed/package.json':
        '{"name":"hostpulse-plugin-packed","type":"module","exports":"./index.js"}',
      'project/node_modules/hostpulse-plugin-packed/index.js': pluginText('Packed'),
      'other/odd.js': 'export default 5;',
    });
    symlinkSync('nowhere', join(path, 'other/broken.js'));
    // What Node would warn of: a package.json without a type, far above.
    put('package.json', '{"name":"far-above"}');
    const environment = { HOSTPULSE_PATHS_PLUGINS: `./plugins,hostpulse-plugin-packed,../other` };
    const child = await startChild(t, { cwd: join(path, 'project'), environment });
    const rows = ((await (await fetch(`${child.base}/plugins`)).json()) as { plugins: Row[] }).plugins;
    const stateOf = (name: string) => rows.find((row) => row.name === name)?.state;
    assert.deepEqual(['typed', 'plain', 'packed', 'odd', 'broken'].map(stateOf), ['ready', 'ready', 'ready', 'failed', 'failed']);
    for (const route of ['typed', 'plain', 'packed']) assert.equal((await fetch(`${child.base}/${route}`)).status, 200, route);
    const refused = await fetch(`${child.base}/odd`);
    assert.deepEqual([refused.status, ((await refused.json()) as { code: string }).code], [503, 'HOSTPULSE_ERR_PLUGIN_NOT_READY']);
    assert.equal(child.stderr(), '');
    const told = child
      .stdout()
      .split('\n')
      .filter((line) => line.includes('plugin failed and is not served'));
    assert.equal(told.length, 2);
  });

  test('is held up by no module that never ends, nor by stray errors before there is a log, nor by variables for a plugin that cannot be asked what it knows', async (t) => {
    const { path } = pluginDirectory(t, {
      'broken.js': 'export default ;',
      'off.js': '',
      'forever.js': 'await new Promise(() => {});',
      'stray.js': pluginText('Stray', {
        above: "void Promise.reject(new Error('rejected early')); setTimeout(() => { throw new Error('thrown early'); }, 1);",
      }),
      'well.js': pluginText('Well'),
    });
    const child = await startChild(t, {
      environment: {
        HOSTPULSE_PATHS_PLUGINS: path,
        HOSTPULSE_LIMITS_INITIALIZE_MS: '3000',
        HOSTPULSE_PLUGINS_BROKEN_PACE_MS: '5',
        HOSTPULSE_PLUGINS_OFF_ENABLED: 'no',
        HOSTPULSE_PLUGINS_OFF_PACE_MS: '5',
      },
    });
    assert.deepEqual([(await fetch(`${child.base}/well`)).status, (await fetch(`${child.base}/stray`)).status], [200, 200]);
    for (const text of ['rejected early', 'thrown early', 'forever.js took longer than 3000 ms to import'])
      await until(() => child.stdout().includes(text), text);
  });

  test('is refused where a place is none, with every problem at once', async (t) => {
    const { path, put } = pluginDirectory(t);
    const environment = { HOSTPULSE_PATHS_PLUGINS: `${path}/nope,${put('file.ts', '')},no-such-package`, HOSTPULSE_LOG_LEVEL: 'loud' };
    const { code, stderr } = await runToEnd(t, { environment });
    assert.equal(code, 1);
    assert.match(stderr, /^hostpulse: 4 problems in the configuration:/);
    for (const text of ['nope does not exist', 'file.ts is not a directory', "no npm package 'no-such-package'"])
      assert.ok(stderr.includes(text), stderr);
  });

  test('is asked by hostpulse config and health without running more than must be', async (t) => {
    const { path } = pluginDirectory(t, {
      'loud.js': pluginText('Loud', {
        above: "console.log('the plugin was run');",
        members: "static parameterSchema = { word: { doc: 'what it says', format: 'text', default: 'hi' } };",
      }),
      'broken.js': 'export default ;',
    });
    const environment = { HOSTPULSE_PATHS_PLUGINS: path, HOSTPULSE_PLUGINS_LOUD_WORD: 'hello' };
    const { code, stdout } = await runToEnd(t, { args: ['config'], environment });
    assert.equal(code, 0);
    assert.match(stdout, /^plugins\.loud\.word +"?hello"? +HOSTPULSE_PLUGINS_LOUD_WORD$/m);
    assert.match(stdout, /^plugins\.broken\.enabled +true +default$/m);
    const asked = await runToEnd(t, { args: ['health', '--port', '1'], environment });
    assert.match(asked.stdout, /^not well: /);
    assert.ok(!asked.stdout.includes('the plugin was run'));
  });
});
