import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';

test('who leaves in the midst of a start that holds up the loop and asks for ever more files does not wait for its end', async () => {
  const leave = new URL('../../src/commands/leave.js', import.meta.url).href;
  // One look at a time, each a tenth of a second and more late.
  const program = `
    import { readFile } from 'node:fs';
    import { leave } from ${JSON.stringify(leave)};
    let turns = 0;
    process.on('SIGTERM', () => {});
    const start = () => {
      for (let at = 0; at < 4; at++) readFile(process.execPath, () => {});
      for (const endMs = Date.now() + 100; Date.now() < endMs; );
      console.log(++turns);
      if (turns < 100) setTimeout(start, 0);
    };
    start();
    await leave(3);`;
  const out = await new Promise<string>((resolve) => {
    execFile(process.execPath, ['--input-type=module', '-e', program], (_error, stdout) => resolve(stdout));
  });
  const turns = out.trim().split('\n').length;
  // Half a second of them, and the one that was under way: fewer on a slow machine.
  assert.ok(turns <= 10, `${turns} turns`);
});
