import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { remembered } from '../../src/streams/remembered.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

test('the same bytes are made something of once, others anew', () => {
  let calls = 0;
  const upper = remembered((bytes) => {
    calls++;
    return Buffer.from(bytes.toString().toUpperCase());
  });
  const bytes = Buffer.from('a');
  assert.equal(upper(bytes), upper(bytes));
  assert.equal(calls, 1);
  assert.notEqual(upper(Buffer.from('a')), upper(bytes));
  assert.equal(upper(Buffer.from('b')).toString(), 'B');
});

test('what nobody has any more is let go, although the bytes stay', async () => {
  const upper = remembered((bytes) => Buffer.from(bytes.toString().toUpperCase()));
  const bytes = Buffer.from('a');
  const made = new WeakRef(upper(bytes));
  // Until the end of its turn it is held by the reference itself.
  await setImmediate();
  collectGarbage();
  assert.equal(made.deref(), undefined);
  assert.equal(upper(bytes).toString(), 'A');
});
