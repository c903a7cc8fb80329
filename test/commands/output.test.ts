import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { standardOutput } from '../../src/commands/output.ts';

/** A reader that takes what it is given when it is told to. */
function slowReader() {
  let take: (error?: Error) => void = assert.fail;
  const stream = new Writable({
    write: (_chunk, _encoding, done) => {
      take = done;
    },
  });
  return { stream, take: (error?: Error) => take(error) };
}

test('what is written is waited for until it was taken, also where it is little', async () => {
  const { stream, take } = slowReader();
  const { write } = standardOutput(stream);
  let taken: boolean | null = null;
  const written = write('little').then((is) => {
    taken = is;
  });
  await turn();
  assert.equal(taken, null);
  take();
  await written;
  assert.equal(taken, true);
});

test('a reader that has gone is told by each write, and by the signal, whose reason is why', async () => {
  const { stream, take } = slowReader();
  const { write, closed } = standardOutput(stream);
  const gone = Object.assign(new Error('gone'), { code: 'EPIPE' });
  const written = write('little');
  take(gone);
  assert.equal(await written, false);
  assert.deepEqual([closed.aborted, closed.reason], [true, gone]);
  assert.equal(await write('more'), false);
});
