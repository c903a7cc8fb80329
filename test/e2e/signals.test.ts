import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const SIGTERM_BIT = 1n << 14n;
const TRIES = 8;

/** Has the process a handler for SIGTERM? */
function catchesSigterm(pid: number): boolean {
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${caught}`) & SIGTERM_BIT) !== 0n;
  } catch {
    return false;
  }
}

test('a signal is heard at every moment of the start', { skip: process.platform === 'linux' ? false : 'needs /proc' }, async () => {
  for (let turn = 0; turn < TRIES; turn++) {
    const child = spawn(process.execPath, [MAIN, '--port', '0', '--log-level', 'silent'], { stdio: 'ignore' });
    const exited = once(child, 'exit');
    while (!catchesSigterm(child.pid as number)) await pause(2);
    await pause(turn * 40);
    child.kill('SIGTERM');
    const stuck = setTimeout(() => child.kill('SIGKILL'), 8000);
    const [code, signal] = await exited;
    clearTimeout(stuck);
    // 143: nothing was running yet. 0: the agent was, and closed.
    assert.ok(code === 143 || code === 0, `turn ${turn}: code ${code}, signal ${signal}`);
  }
});
