import assert from 'node:assert/strict';
import { test } from 'node:test';
import { invocation, quoted } from '../../src/commands/invocation.ts';

test('what is suggested can be pasted: it is called as this was called', () => {
  assert.equal(invocation('/usr/local/bin/hostpulse', {}), 'hostpulse');
  assert.equal(invocation('/home/me/node_modules/.bin/hostpulse', { npm_command: 'exec' }), 'npx hostpulse');
  assert.equal(invocation('/srv/hostpulse/dist/main.js', { npm_command: 'start', npm_lifecycle_event: 'start' }), 'npm start --');
  assert.equal(invocation('dist/main.js', {}), 'node dist/main.js');
  assert.equal(invocation('my agent/main.js', {}), "node 'my agent/main.js'");
});

test('a word is quoted where a shell would take it for several', () => {
  assert.equal(quoted('plugins/queue.ts'), 'plugins/queue.ts');
  assert.equal(quoted("it's $HOME"), `'it'\\''s $HOME'`);
});
