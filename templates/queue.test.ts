import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { startPlugin } from 'hostpulse/testing';
import { filter, firstValueFrom } from 'rxjs';
import Queue from './queue.ts';

/** The plugin at work on a directory of its own, with a file in it. */
async function started(t: TestContext) {
  const directory = await mkdtemp(join(tmpdir(), 'queue-'));
  t.after(() => rm(directory, { recursive: true }));
  await writeFile(join(directory, 'first.log'), '');
  const plugin = await startPlugin(Queue, { parameters: { directory, intervalMs: 10 } });
  t.after(() => plugin.stop());
  return { plugin, directory };
}

test('a GET answers how many files there are', async (t) => {
  const { plugin } = await started(t);
  const [status, body] = await plugin.get();
  assert.equal(status, 200);
  assert.equal(body.files, 1);
  assert.deepEqual(await plugin.get({ suffix: '.txt' }, 'files'), [200, 0]);
});

test('subscribers are told of a new file', async (t) => {
  const { plugin, directory } = await started(t);
  const second = firstValueFrom(plugin.values().pipe(filter(({ files }) => files === 2)));
  await writeFile(join(directory, 'second.log'), '');
  assert.equal((await second).problem, null);
});

test('a directory that cannot be read is null, with the reason', async (t) => {
  const plugin = await startPlugin(Queue, { parameters: { directory: '/does/not/exist' } });
  t.after(() => plugin.stop());
  const [, body] = await plugin.get();
  assert.equal(body.files, null);
  assert.match(body.problem, /ENOENT/);
});

test('a variable that does not exist is refused', async (t) => {
  const { plugin } = await started(t);
  await assert.rejects(plugin.get({ sufix: '.txt' }), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('nothing is left behind', async (t) => {
  const { plugin } = await started(t);
  assert.deepEqual(await plugin.stop(), { timers: 0, subscriptions: 0 });
});
