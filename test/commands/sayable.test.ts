import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sayable, sayableJson, sayableLines } from '../../src/commands/sayable.ts';

test('nothing that steers a terminal, or turns a line around, is passed on to one', () => {
  assert.equal(sayable('eth\u001b[31m0\u009b2J\n\u202egone'), 'eth\ufffd[31m0\ufffd2J\ufffd\ufffdgone');
  assert.equal(sayable('Büro 日本 😀'), 'Büro 日本 😀');
  assert.equal(sayableLines('a\tb\r\n\u001b]0;title\u0007c\n'), 'a\tb\ufffd\n\ufffd]0;title\ufffdc\n');
});

test('JSON keeps its meaning', () => {
  const value = { name: 'a\u009b2J\u202eb\ud800', text: 'line\nnext' };
  const text = sayableJson(JSON.stringify(value, null, 2));
  assert.deepEqual(JSON.parse(text), value);
  assert.doesNotMatch(text, /[\u0080-\u009f\u202e]/);
});
