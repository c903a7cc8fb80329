import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { authorFolder } from '../helpers/author-folder.ts';
import { until } from '../helpers/build-agent.ts';
import { startChild } from '../helpers/child-agent.ts';
import { connect } from '../helpers/ws-client.ts';

describe('an author', () => {
  test('writes a plugin outside the project, sees it appear, asks it, and edits it under a subscriber', async (t) => {
    const { folder, hostpulse, path, write } = authorFolder(t, { 'plugins/.keep': '' });
    const { base } = await startChild(t, { args: ['--plugins', 'plugins', '--watch'], cwd: folder });
    const get = async (url: string) => (await fetch(`${base}/${url}`)).json() as Promise<Record<string, unknown>>;
    assert.equal((await get('queue')).code, 'HOSTPULSE_ERR_NO_SUCH_PLUGIN');
    assert.equal((await hostpulse('new', 'queue')).code, 0);
    await until(async () => (await fetch(`${base}/queue`)).status === 200, 'it appears');
    assert.equal((await get('queue')).directory, '.');

    const socket = await connect(t, `${base.replace('http', 'ws')}/queue`);
    const messages = () => socket.messages.map((text) => JSON.parse(text) as Record<string, unknown>);
    await until(() => messages().length > 0, 'a first value');
    assert.equal('isEmpty' in (messages()[0] ?? {}), false);
    const text = readFileSync(path('plugins/queue.ts'), 'utf8');
    write('plugins/queue.ts', text.replace('files, problem });', 'files, isEmpty: files === 0, problem });'));
    await until(() => messages().at(-1)?.isEmpty === false, 'the new code speaks on the same socket');
    assert.equal(socket.socket.readyState, socket.socket.OPEN);
  });
});

describe('the command line', () => {
  test('names places of plugins, several of them, also a directory without ./', async (t) => {
    const plugin = (name: string) =>
      `import { BasePlugin } from 'hostpulse/plugin';\nexport default class ${name} extends BasePlugin {\n  requestHandler() { return [200, 1]; }\n}`;
    const { hostpulse } = authorFolder(t, { 'a/one.js': plugin('One'), 'b,c/two.js': plugin('Two') });
    const { code, stdout } = await hostpulse('config', '--plugins', 'a', '--plugins', './b,c', '--watch');
    assert.equal(code, 0);
    assert.match(stdout, /^paths\.plugins +\["\.\/a","\.\/b,c"\] +--plugins$/m);
    assert.match(stdout, /^paths\.watch +true +--watch$/m);
    assert.match(stdout, /^plugins\.two\.enabled +true +default$/m);
    const missing = await hostpulse('--plugins', 'nowhere');
    assert.deepEqual([missing.code, missing.stdout], [1, '']);
    assert.match(missing.stderr, /paths\.plugins: .*'nowhere'.*\.\/nowhere/);
  });
});
