import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { elsewhere } from '../../src/plugins/shared/threads.ts';

test('reads that do not come back hold three threads: answers are gzipped all the same, and others go on when one is back', {
  skip: process.platform === 'win32' && 'needs pipes with names',
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hostpulse-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  const pipes = [1, 2, 3, 4, 5].map((n) => join(folder, `pipe${n}`));
  execFileSync('mkfifo', pipes);
  const begun: string[] = [];
  // Opening a pipe waits for who writes into it.
  const reads = pipes.map((pipe) =>
    elsewhere(async () => {
      begun.push(pipe);
      const file = await open(pipe);
      const text = await file.readFile('utf8');
      await file.close();
      return text;
    }),
  );
  assert.deepEqual(begun, pipes.slice(0, 3));
  assert.equal((await promisify(gunzip)(await promisify(gzip)('answer'))).toString(), 'answer');
  assert.equal(begun.length, 3);
  for (const [at, pipe] of pipes.entries()) {
    writeFileSync(pipe, `${at}`);
    assert.equal(await reads[at], `${at}`);
    // In the order in which they came.
    assert.deepEqual(begun, pipes.slice(0, 4 + at));
  }
});

test('what fails makes room, too', async () => {
  const failing = Array.from({ length: 9 }, (_, n) => elsewhere(() => Promise.reject(new Error(`${n}`))));
  const told = (await Promise.allSettled(failing)).map((each) => each.status === 'rejected' && (each.reason as Error).message);
  assert.deepEqual(told, ['0', '1', '2', '3', '4', '5', '6', '7', '8']);
  assert.equal(await elsewhere(async () => 'well'), 'well');
});
