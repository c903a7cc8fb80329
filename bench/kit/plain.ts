import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { AGENT, guard, sleep } from './process.ts';
import { body, freePort } from './requests.ts';

export const EXPORTER = 'prometheus-node-exporter';

/** A program as it is started, without a probe in it. */
export interface Startable {
  readonly name: string;
  readonly command: (port: number) => readonly [string, ...string[]];
  readonly path: string;
}

export const AGENT_START: Startable = {
  name: 'agent',
  command: (port) => [process.execPath, AGENT, '--port', String(port), '--log-level', 'warn'],
  path: '/netinfo',
};

export async function startPlain({ command, path }: Startable) {
  const port = await freePort();
  const [file, ...args] = command(port);
  const url = `http://127.0.0.1:${port}${path}`;
  const startMs = performance.now();
  const child = spawn(file, args, { stdio: 'ignore' });
  guard(child);
  while (!(await body(url).catch(() => null))) {
    if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}`);
    await sleep(2);
  }
  return { child, pid: child.pid as number, url, wallMs: performance.now() - startMs };
}

export async function end(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}

export function exporter(more: readonly string[] = []): Startable['command'] {
  return (port) => [EXPORTER, `--web.listen-address=127.0.0.1:${port}`, ...more];
}

export function hasExporter(): boolean {
  return spawnSync(EXPORTER, ['--version'], { stdio: 'ignore' }).status === 0;
}
