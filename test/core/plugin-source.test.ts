import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { loadConfig } from '../../src/core/config/config.ts';
import { findPackage } from '../../src/core/loading/plugin-package.ts';
import { directoryOf, findSources, isDirectoryPath } from '../../src/core/loading/plugin-source.ts';
import { pluginDirectory } from '../helpers/plugin-files.ts';

const NOBODY = 65_534;

/** What is found: name, and file below the directory or why it is refused. */
function found(directory: string, entries: readonly string[] = [directory], taken = new Map<string, string>()) {
  return findSources(entries, taken).map(({ name, file, refusal }) => [
    name,
    refusal?.replaceAll(`${directory}/`, '') ?? relative(directory, file),
  ]);
}

describe('a directory of plugins', () => {
  test('is every source in it, and every folder with a plugin file', (t) => {
    const { path } = pluginDirectory(t, {
      'a.js': '',
      'b.mjs': '',
      'c.ts': '',
      'd.mts': '',
      'e/plugin.ts': '',
      'f/plugin.mjs': '',
      'f/other.js': '',
      'my-clock_2.ts': '',
    });
    assert.deepEqual(found(path), [
      ['a', 'a.js'],
      ['b', 'b.mjs'],
      ['c', 'c.ts'],
      ['d', 'd.mts'],
      ['e', 'e/plugin.ts'],
      ['f', 'f/plugin.mjs'],
      ['my-clock_2', 'my-clock_2.ts'],
    ]);
  });

  test('may hold what is no plugin: helpers, tests, declarations, hidden files, other kinds, folders without a plugin file', (t) => {
    const names = ['_helper.ts', '_shared/plugin.ts', '.hidden.js', '.git/plugin.js', 'a.d.ts', 'a.test.ts', 'a-test.js', 'a.spec.mjs'];
    names.push('a.cjs', 'a.json', 'README.md', 'a.ts~', 'a.js.swp', 'folder/a.js', 'node_modules/x/plugin.js', 'node_modules/plugin.js');
    names.push('__proto__.js', 'package.json', 'a.tsx', 'ts', '.ts');
    const { path } = pluginDirectory(t, Object.fromEntries(names.map((name) => [name, ''])));
    assert.deepEqual(found(path), []);
  });

  test('may hold sockets, pipes, and links that lead nowhere or in a circle; those with a plugin’s name are told of', async (t) => {
    const { path } = pluginDirectory(t, { 'real.js': '' });
    symlinkSync('nowhere', join(path, 'README'));
    symlinkSync('nowhere.js', join(path, 'broken.js'));
    symlinkSync('circle.ts', join(path, 'circle.ts'));
    symlinkSync('real.js', join(path, 'linked.js'));
    symlinkSync('loop', join(path, 'loop'));
    execFileSync('mkfifo', [join(path, 'pipe.js')]);
    const server = createServer().listen(join(path, 'socket.js'));
    t.after(() => void server.close());
    await new Promise((done) => server.once('listening', done));
    assert.deepEqual(found(path), [
      ['broken', 'broken.js is a link that leads nowhere'],
      ['circle', 'circle.ts cannot be read (ELOOP)'],
      ['linked', 'linked.js'],
      ['pipe', 'pipe.js is no file'],
      ['real', 'real.js'],
      ['socket', 'socket.js is no file'],
    ]);
  });

  test('may hold a source that is far too big: it is told of and not read', (t) => {
    const { path, put } = pluginDirectory(t);
    truncateSync(put('big.js', ''), 8 * 2 ** 30);
    assert.deepEqual(found(path), [['big', 'big.js has 8589934592 bytes; allowed: 16777216']]);
  });

  test('refuses names that cannot key parameters, each with its file', (t) => {
    const bad = ['my clock', 'a.b', 'ü', '-x', 'constructor', 'prototype', 'all', '日本', "it's", 'a,b', '%2e'];
    const { path } = pluginDirectory(t, Object.fromEntries(bad.map((name) => [`${name}.js`, ''])));
    const sources = findSources([path], new Map());
    assert.equal(sources.length, bad.length);
    for (const { name, file, refusal } of sources)
      assert.ok(refusal?.startsWith(`${file}: '${name}' cannot be a plugin's name; allowed: letters, digits, - and _`), refusal ?? name);
  });

  test('takes names that JavaScript’s objects have, and keeps the case', (t) => {
    const names = ['hasOwnProperty', 'toString', 'valueOf', 'Clock', 'enabled', '0'];
    const { path } = pluginDirectory(t, Object.fromEntries(names.map((name) => [`${name}.js`, ''])));
    assert.deepEqual(
      findSources([path], new Map()).map(({ name, refusal }) => [name, refusal]),
      names.sort().map((name) => [name, null]),
    );
  });

  test('gives a name once: sources go before what is compiled from them, single files before folders', (t) => {
    const { path } = pluginDirectory(t, { 'a.js': '', 'a.ts': '', 'a/plugin.ts': '', 'b/plugin.js': '', 'b/plugin.ts': '', 'cpu.ts': '' });
    assert.deepEqual(found(path, [path], new Map([['cpu', 'the plugin that is built in']])), [
      ['a', 'a.ts'],
      ['a', `a.js: the name 'a' is taken by a.ts; rename or remove one of the two`],
      ['a', `a/plugin.ts: the name 'a' is taken by a.ts; rename or remove one of the two`],
      ['b', 'b/plugin.ts'],
      ['cpu', `cpu.ts: the name 'cpu' is taken by the plugin that is built in; rename the file`],
    ]);
  });

  test('may be one of several; in the second a name of the first is refused', (t) => {
    const first = pluginDirectory(t, { 'b.js': '', 'c.js': '' });
    const second = pluginDirectory(t, { 'a.js': '', 'b.ts': '' });
    const sources = findSources([first.path, second.path], new Map());
    assert.deepEqual(
      sources.map(({ name, refusal }) => [name, refusal]),
      [
        ['b', null],
        ['c', null],
        ['a', null],
        ['b', `${second.path}/b.ts: the name 'b' is taken by ${first.path}/b.js; rename or remove one of the two`],
      ],
    );
  });

  test('named twice, in another way or by a link, is one', (t) => {
    const { path, put } = pluginDirectory(t);
    put('one/a.js', '');
    symlinkSync('one', join(path, 'two'));
    const one = join(path, 'one');
    assert.deepEqual(found(path, [one, one, `${one}/`, `${one}/../one`, relative('.', one), join(path, 'two')]), [['a', 'one/a.js']]);
  });

  test('may be given relative to where the agent was started, or to its user’s home', () => {
    for (const [entry, directory] of [
      ['./plugins', resolve('plugins')],
      ['../plugins', resolve('../plugins')],
      ['.', resolve('.')],
      ['/srv/plugins', '/srv/plugins'],
      ['~', homedir()],
      ['~/plugins', join(homedir(), 'plugins')],
      ['./~', resolve('~')],
    ] as const) {
      assert.ok(isDirectoryPath(entry), entry);
      assert.equal(directoryOf(entry), directory);
    }
    for (const entry of ['plugins', '@me/plugins', '~someone', 'a/b', '']) assert.ok(!isDirectoryPath(entry), entry);
  });
});

/** The only thing that is wrong with such a configuration. */
async function problemOf(...entries: unknown[]): Promise<string> {
  const error = await loadConfig([], { values: { paths: { plugins: entries } } }).then(
    () => null,
    (error: Error) => error,
  );
  return error?.message.split('\n').slice(1).join('\n').trim() ?? 'none';
}

describe('paths.plugins', () => {
  test('that does not exist, or is a file, stops the start and says so', async (t) => {
    const { path, put } = pluginDirectory(t);
    const file = put('clock.ts', '');
    const allowed = '; allowed: directories, and npm packages by name';
    assert.equal(await problemOf(`${path}/nope`), `- paths.plugins: ${path}/nope does not exist${allowed}`);
    assert.equal(await problemOf(file), `- paths.plugins: ${file} is not a directory${allowed}`);
    assert.equal(await problemOf(path), 'none');
    assert.equal(
      await problemOf('nope-nope'),
      `- paths.plugins: there is no npm package 'nope-nope' here; a directory is written ./nope-nope`,
    );
    for (const odd of ['', 'a/b', '@me', 'fs:', 'node:fs'])
      assert.match(await problemOf(odd), /^- paths\.plugins: '.*' is neither a directory \(\.\/.*\) nor the name of an npm package$/, odd);
    assert.match(await problemOf(5), /^- paths\.plugins: allowed: a list of texts/);
    assert.equal((await problemOf(`${path}/x`, 'nope-nope')).split('\n').length, 2);
  });

  test('that cannot be read is told of, with the system’s reason', { skip: process.getuid?.() !== 0 && 'wants root' }, async (t) => {
    const { path } = pluginDirectory(t, { 'shut/clock.js': '', 'lost+found/x': '', 'open.js': '' });
    chmodSync(path, 0o755);
    chmodSync(join(path, 'shut'), 0o700);
    chmodSync(join(path, 'lost+found'), 0o700);
    const modules = [
      new URL('../../src/core/config/config.js', import.meta.url),
      new URL('../../src/core/loading/plugin-source.js', import.meta.url),
    ];
    const [config = '', source = ''] = modules.map((url) => `await import('${url}')`);
    // Loaded before root is left: it may be the only one who may read us.
    const load = `const c = ${config}, s = ${source};`;
    const script = (code: string) => ['--input-type=module', '-e', `${load} process.setgid(${NOBODY}); process.setuid(${NOBODY}); ${code}`];
    const run = (code: string) => spawnSync(process.execPath, script(code), { encoding: 'utf8' });
    const shut = JSON.stringify([join(path, 'shut')]);
    const refused = run(`c.loadConfig([], { values: { paths: { plugins: ${shut} } } }).catch((error) => console.log(error.message))`);
    assert.equal(refused.stderr, '');
    assert.match(refused.stdout, /paths\.plugins: .*shut cannot be read \(EACCES\); allowed: directories/);
    const sources = run(`console.log(JSON.stringify(s.findSources(${JSON.stringify([path])}, new Map())))`);
    assert.equal(sources.stderr, '');
    assert.deepEqual(
      JSON.parse(sources.stdout).map(({ name, refusal }: { name: string; refusal: string | null }) => [name, refusal]),
      [
        ['open', null],
        ['shut', `${path}/shut/plugin.ts cannot be read (EACCES)`],
      ],
    );
  });

  test('is a comma-separated list in the environment', async (t) => {
    const [a, b] = [pluginDirectory(t).path, pluginDirectory(t).path];
    const { server } = await loadConfig([], { values: {}, environment: { HOSTPULSE_PATHS_PLUGINS: ` ${a}, ${b},` } });
    assert.deepEqual(server.paths.plugins, [a, b]);
  });
});

describe('an npm package', () => {
  /** Packages installed where the agent is started. */
  function installed(t: Parameters<typeof pluginDirectory>[0], packages: Record<string, [manifest: object, ...files: string[]]>) {
    const { path, put } = pluginDirectory(t);
    for (const [name, [manifest, ...files]] of Object.entries(packages)) {
      put(`node_modules/${name}/package.json`, JSON.stringify({ name, ...manifest }));
      for (const file of files) put(`node_modules/${name}/${file}`, '');
    }
    const before = process.cwd();
    process.chdir(path);
    t.after(() => process.chdir(before));
    return join(path, 'node_modules');
  }

  test('is known by its name without hostpulse-, hostpulse-plugin- and its scope', (t) => {
    const names = ['ups', 'hostpulse-fan', 'hostpulse-plugin-gpu', '@me/hostpulse-plugin-ntp', '@me/disk2'];
    installed(t, Object.fromEntries(names.map((name) => [name, [{}, 'index.js']])));
    assert.deepEqual(
      findSources(names, new Map()).map(({ name, isPackage, refusal }) => [name, isPackage, refusal]),
      ['ups', 'fan', 'gpu', 'ntp', 'disk2'].map((name) => [name, true, null]),
    );
    assert.deepEqual(found('', ['ups', 'ups', 'hostpulse-fan']).length, 2);
  });

  test('is run from where its package.json says, as Node imports it', (t) => {
    const modules = installed(t, {
      plain: [{}, 'index.js'],
      main: [{ main: 'lib/a.js' }, 'lib/a.js'],
      bare: [{ main: './lib/a' }, 'lib/a.js'],
      folder: [{ main: 'lib' }, 'lib/index.js'],
      text: [{ exports: './x.mjs', main: 'y.js' }, 'x.mjs', 'y.js'],
      esm: [{ exports: { import: './esm.js' } }, 'esm.js'],
      both: [
        { exports: { '.': { types: './t.d.ts', require: './r.cjs', import: { node: './n.js', default: './d.js' } } } },
        'r.cjs',
        'n.js',
        'd.js',
      ],
      list: [{ exports: { '.': [{ require: './r.cjs' }, './l.js'] } }, 'r.cjs', 'l.js'],
    });
    const mains = Object.entries({
      plain: 'index.js',
      main: 'lib/a.js',
      bare: 'lib/a.js',
      folder: 'lib/index.js',
      text: 'x.mjs',
      esm: 'esm.js',
      both: 'n.js',
      list: 'l.js',
    });
    for (const [name, file] of mains) assert.deepEqual(findPackage(name), { folder: join(modules, name), file: join(modules, name, file) });
  });

  test('that has nothing to import, or is broken, is told of with its place', (t) => {
    const modules = installed(t, {
      cjs: [{ exports: { require: './r.cjs' } }, 'r.cjs'],
      gone: [{ main: 'gone.js' }],
      broken: [{}, 'index.js'],
    });
    writeFileSync(join(modules, 'broken/package.json'), '{"name":');
    for (const name of ['cjs', 'gone'])
      assert.equal(findPackage(name), `npm package '${name}' has no main module that can be imported (${modules}/${name})`);
    assert.match(String(findPackage('broken')), /^npm package 'broken' cannot be read: /);
  });

  test('that is linked is known by where it really is', (t) => {
    const modules = installed(t, { other: [{}, 'index.js'] });
    mkdirSync(join(modules, '../dev'));
    writeFileSync(join(modules, '../dev/package.json'), '{"exports":"./src.ts"}');
    writeFileSync(join(modules, '../dev/src.ts'), '');
    symlinkSync('../dev', join(modules, 'linked'));
    assert.deepEqual(findPackage('linked'), { folder: resolve('dev'), file: resolve('dev/src.ts') });
  });
});
