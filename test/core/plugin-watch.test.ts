import assert from 'node:assert/strict';
import { EventEmitter } from 'node:events';
import { mkdirSync, renameSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { firstValueFrom, type Observable } from 'rxjs';
import { pluginChanges } from '../../src/core/loading/plugin-watch.ts';
import { type Cleanup, until } from '../helpers/build-agent.ts';
import { pluginDirectory } from '../helpers/plugin-files.ts';

/** Longer than a burst may last in quiet. */
const QUIET_MS = 400;

async function watched(t: Cleanup, entries: readonly string[]) {
  const seen = { count: 0, error: null as unknown };
  const watching = pluginChanges(entries).subscribe({ next: () => seen.count++, error: (error) => (seen.error = error) });
  t.after(() => watching.unsubscribe());
  await until(() => seen.count > 0, 'it watches');
  return {
    seen,
    /** One change is told after this, and not more of them; a machine that stands still meanwhile may make several of it. */
    once: async (what: string, change: (attempt: number) => void) => {
      const told: number[] = [];
      while (told.at(-1) !== 1 && told.length < 5) {
        const before = seen.count;
        change(told.length);
        await until(() => seen.count > before, what);
        await sleep(QUIET_MS);
        told.push(seen.count - before);
      }
      assert.equal(told.at(-1), 1, `${what}: ${told}`);
    },
  };
}

// Most of it is waiting; each has a directory of its own.
describe('a watched directory', { concurrency: true }, () => {
  test('tells each way in which editors save, once', async (t) => {
    const { path, put } = pluginDirectory(t, { 'a.js': '1', 'folder/plugin.js': '1' });
    const { once, seen } = await watched(t, [path]);
    const file = join(path, 'a.js');
    await once('written over', (n) => writeFileSync(file, `2${n}`));
    await once('another put in its place', () => {
      put('.a.js.tmp', '3');
      renameSync(join(path, '.a.js.tmp'), file);
    });
    await once('written over after that', (n) => writeFileSync(file, `4${n}`));
    await once('taken away and written anew', () => {
      rmSync(file);
      put('a.js', '5');
    });
    await once('touched', () => utimesSync(file, new Date(), new Date()));
    const before = seen.count;
    for (let part = 0; part < 10; part++) {
      writeFileSync(file, 'import'.slice(0, part));
      await sleep(20);
    }
    await until(() => seen.count > before, 'written in parts');
    await sleep(QUIET_MS);
    // One, but on a machine that stood still meanwhile.
    assert.ok(seen.count - before < 5, `${seen.count - before} for ten parts`);
    await once('in a folder', () => void put('folder/deep/helper.js', '1'));
    await once('fifty files at once', () => {
      for (let n = 0; n < 50; n++) put(`${n}.js`, '1');
    });
    await once('taken away', (n) => rmSync(join(path, `${n}.js`)));
    assert.equal(seen.error, null);
  });

  test('is not interested in hidden files, and packages', async (t) => {
    const { path, put } = pluginDirectory(t, { '.git/x': '', 'node_modules/x/index.js': '' });
    const { seen } = await watched(t, [path]);
    for (const name of ['.git/x', '.git/index.lock', 'node_modules/x/index.js', 'node_modules/y/index.js', '.a.js.swp']) put(name, '2');
    await sleep(QUIET_MS);
    assert.equal(seen.count, 1);
  });

  test('may lie below a hidden one, be relative, and be an npm package', async (t) => {
    const { path, put } = pluginDirectory(t, {
      '.config/plugins/a.js': '1',
      'node_modules/x/index.js': '',
      'node_modules/x/package.json': '{}',
    });
    const before = process.cwd();
    process.chdir(path);
    t.after(() => process.chdir(before));
    const { once } = await watched(t, ['./.config/plugins', 'x']);
    await once('hidden', () => void put('.config/plugins/a.js', '2'));
    await once('a package', () => void put('node_modules/x/index.js', '2'));
  });

  test('may come, go and come back, or be another one behind its link', async (t) => {
    const { path, put, remove } = pluginDirectory(t, { 'now/a.js': '1', 'next/a.js': '2' });
    symlinkSync('now', join(path, 'link'));
    const { seen } = await watched(t, [join(path, 'link'), join(path, 'dir')]);
    const told = async (what: string, change: () => void) => {
      const before = seen.count;
      change();
      await until(() => seen.count > before, what);
      // Watching anew may be told, too.
      await sleep(1500);
    };
    await told('comes', () => mkdirSync(join(path, 'dir')));
    await told('filled', () => void put('dir/a.js', '1'));
    await told('goes', () => remove('dir'));
    await told('comes back', () => void put('dir/a.js', '2'));
    await told('is watched again', () => void put('dir/a.js', '3'));
    await told('the link leads elsewhere', () => {
      symlinkSync('next', join(path, 'other'));
      renameSync(join(path, 'other'), join(path, 'link'));
    });
    await told('what it leads to is watched', () => void put('next/a.js', '3'));
  });

  test('may be made anew at once, with the same number that the one before had', async (t) => {
    const { path, put, remove } = pluginDirectory(t, { 'now/a.js': '1' });
    symlinkSync('now', join(path, 'link'));
    const { seen } = await watched(t, [join(path, 'link')]);
    remove('now');
    mkdirSync(join(path, 'now'));
    await sleep(1500);
    const before = seen.count;
    put('now/a.js', '2');
    await until(() => seen.count > before, 'it is watched again');
  });

  test('may be a mount that is exchanged by a link inside it, as Kubernetes does', async (t) => {
    const { path } = pluginDirectory(t, { '..1/a.js': '1', '..2/a.js': '2' });
    symlinkSync('..1', join(path, '..data'));
    symlinkSync('..data/a.js', join(path, 'a.js'));
    const { seen } = await watched(t, [path]);
    symlinkSync('..2', join(path, '..data_tmp'));
    renameSync(join(path, '..data_tmp'), join(path, '..data'));
    await until(() => seen.count > 1, 'exchanged');
  });

  test('that never gets quiet is told of all the same', async (t) => {
    const { path, put } = pluginDirectory(t);
    const { seen } = await watched(t, [path]);
    let n = 0;
    const noise = setInterval(() => put('log.txt', String(n++)), 40);
    t.after(() => clearInterval(noise));
    await until(() => seen.count > 1, 'told');
  });

  test('that cannot be watched says so', async () => {
    const told = (changes: Observable<void>) => assert.rejects(firstValueFrom(changes), /no space left/);
    await told(pluginChanges(['/'], () => Promise.reject(new Error('no space left'))));
    let isClosed = false;
    const watcher = Object.assign(new EventEmitter(), { close: () => (isClosed = true) });
    const failing = pluginChanges(['/'], async () => () => watcher as never);
    setTimeout(() => watcher.emit('error', new Error('no space left')), 20);
    await told(failing);
    assert.ok(isClosed);
  });
});
