import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { OWN_FOLDER } from '../../src/core/version.ts';
import { authorFolder } from '../helpers/author-folder.ts';
import { runToEnd } from '../helpers/child-agent.ts';

const read = (path: string) => readFileSync(path, 'utf8');

/** What the image has of ours, by the last part of the Dockerfile: dist, templates ... */
function copiedByDockerfile(): string[] {
  const [, image = ''] = read('Dockerfile').split(/^FROM (?!.* AS )/m);
  return [...image.matchAll(/^COPY --from=\w+ \/app\/(\S+) /gm)].map(([, path]) => path as string);
}

describe('hostpulse new', () => {
  test('writes a plugin, its test, and what an editor needs, and says how to go on', async (t) => {
    const { hostpulse, path } = authorFolder(t);
    const { code, stdout, stderr } = await hostpulse('new', 'disk-temp', '--dir', 'own plugins', '--port', '9310');
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(readdirSync(path('own plugins')), ['disk-temp.test.ts', 'disk-temp.ts', 'tsconfig.json']);
    assert.match(read(path('own plugins/disk-temp.ts')), /export default class DiskTemp extends BasePlugin/);
    assert.match(read(path('own plugins/disk-temp.ts')), /override readonly route = 'disk-temp';/);
    assert.match(read(path('own plugins/disk-temp.test.ts')), /import DiskTemp from '\.\/disk-temp\.ts';/);
    for (const line of [
      "--plugins './own plugins' --watch --port 9310",
      'curl http://127.0.0.1:9310/disk-temp',
      "check 'own plugins/disk-temp.ts'",
      "test 'own plugins'",
    ])
      assert.ok(stdout.includes(`${line}\n`), `${line} in ${stdout}`);
  });

  for (const name of ['queue', 'disk-temp', '2nd']) {
    test(`writes ${name} such that its test passes and its check has nothing to mend`, async (t) => {
      const { hostpulse } = authorFolder(t);
      await hostpulse('new', name);
      const tested = await hostpulse('test', 'plugins');
      assert.equal(tested.code, 0, tested.stdout + tested.stderr);
      assert.match(tested.stdout, /^ℹ pass 5$/m);
      assert.match(tested.stdout, /^ℹ fail 0$/m);
      const checked = await hostpulse('check', `plugins/${name}.ts`, '--seconds', '1.5');
      assert.deepEqual([checked.code, checked.stderr], [0, ''], checked.stdout);
      // A machine that is busy may hold up the loop.
      assert.doesNotMatch(checked.stdout, /✗|! (?!event loop)/);
    });
  }

  test('writes what an editor takes without a complaint, with nothing installed there', async (t) => {
    const { hostpulse, path } = authorFolder(t);
    await hostpulse('new', 'queue');
    const { stdout } = await promisify(execFile)('node_modules/.bin/tsc', ['-p', path('plugins')]).catch(
      (error: { stdout: string }) => error,
    );
    assert.equal(stdout, '');
  });

  test('overwrites nothing', async (t) => {
    const own = {
      'plugins/tsconfig.json': '{"own":1}',
      'plugins/mine.js': '// mine',
      'plugins/ups/plugin.js': '',
      'plugins/fan.test.ts': '',
    };
    const { hostpulse, path } = authorFolder(t, own);
    for (const name of ['mine', 'Mine', 'ups', 'fan']) {
      const { code, stderr } = await hostpulse('new', name);
      assert.equal(code, 1);
      assert.match(stderr, /^hostpulse: .*(is taken by plugins\/|exists already).*not overwritten; choose another name, or --dir\n$/, name);
    }
    assert.equal((await hostpulse('new', 'other')).code, 0);
    assert.equal(read(path('plugins/tsconfig.json')), '{"own":1}');
    assert.equal(read(path('plugins/mine.js')), '// mine');
  });

  test('makes the directory, also one within another that is not there, or says why it cannot', async (t) => {
    const { hostpulse, path } = authorFolder(t);
    assert.equal((await hostpulse('new', 'fan', '--dir', 'a/b')).code, 0);
    assert.equal(existsSync(path('a/b/fan.ts')), true);
    const { code, stderr } = await hostpulse('new', 'fan', '--dir', '/proc/nope/deeper');
    assert.deepEqual([code, stderr], [1, 'hostpulse: /proc/nope/deeper cannot be written (ENOENT); name another directory by --dir\n']);
  });

  test('works where our types have been left out, as of an image, and writes no settings that lead nowhere', async (t) => {
    const { folder, path } = authorFolder(t);
    mkdirSync(path('app'));
    const [own, built] = [fileURLToPath(OWN_FOLDER), fileURLToPath(new URL('../../src', import.meta.url))];
    for (const copied of copiedByDockerfile()) {
      if (copied === 'dist') cpSync(built, path('app/dist'), { recursive: true, filter: (file) => !/\.d\.ts$|\.map$/.test(file) });
      else if (copied === 'node_modules') symlinkSync(join(own, copied), path('app/node_modules'));
      else cpSync(join(own, copied), path(`app/${copied}`), { recursive: true });
    }
    const { code, stderr } = await runToEnd(t, { script: path('app/dist/main.js'), args: ['new', 'fan'], cwd: folder });
    assert.deepEqual([code, stderr], [0, '']);
    assert.deepEqual(readdirSync(path('plugins')), ['fan.test.ts', 'fan.ts']);
  });

  test('refuses names that the agent would refuse, before it writes anything', async (t) => {
    const { hostpulse, path } = authorFolder(t);
    const refused: [string, RegExp][] = [
      ['../up', /'\.\.\/up' cannot be a plugin's name; allowed: letters, digits, - and _, beginning with a letter or digit/],
      ['.hidden', /cannot be a plugin's name/],
      ['two words', /cannot be a plugin's name/],
      ['constructor', /cannot be a plugin's name/],
      ['all', /cannot be a plugin's name/],
      ['Stream', /\/stream is the agent's own; choose another name/],
      ['health', /\/health is the agent's own/],
      ['plugin', /plugin\.ts is what the file in a plugin's own folder is called; choose another name/],
      ['netinfo', /'netinfo' is a plugin that is built in; choose another name/],
    ];
    for (const [name, message] of refused) {
      const { code, stderr } = await hostpulse('new', name);
      assert.equal(code, 1);
      assert.match(stderr, message);
    }
    assert.equal(existsSync(path('plugins')), false);
    assert.match((await hostpulse('new')).stderr, /^hostpulse: new takes one argument, but got 0; such as: hostpulse new queue\n/);
  });
});
