import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Cleanup, until, within } from './build-agent.ts';

/** Nobody has put a configuration file here. */
const EMPTY_FOLDER = mkdtempSync(join(tmpdir(), 'hostpulse-empty-'));
process.on('exit', () => rmSync(EMPTY_FOLDER, { recursive: true, force: true }));
const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

export interface ChildOptions {
  readonly args?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** A script to run instead of the command. */
  readonly script?: string;
  /** What its command begins with. */
  readonly prefix?: readonly string[];
  /** Where it runs; else in a folder without a configuration file. */
  readonly cwd?: string;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Child {
  readonly process: ChildProcess;
  readonly stdout: () => string;
  readonly stderr: () => string;
  readonly exited: Promise<Exit>;
  /** The URL that the log names, once the agent listens. */
  url(): Promise<string>;
}

/** Runs the command in a process of its own. Killed after the test. */
export function runChild(
  t: Cleanup,
  { args = [], environment = {}, script = MAIN, cwd = EMPTY_FOLDER, prefix = [] }: ChildOptions = {},
): Child {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(HOSTPULSE_|NODE_)/.test(name));
  const env = { ...Object.fromEntries(inherited), ...environment };
  const [program = '', ...rest] = [...prefix, process.execPath, script, ...args];
  const child = spawn(program, rest, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => void child.kill('SIGKILL'));
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const exited = once(child, 'close').then(([code, signal]): Exit => ({ code, signal }));
  const found = () => /hostpulse is at (\w+:\/\/[^;\s]+);/.exec(stdout)?.[1];
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    exited,
    url: async () => {
      await until(() => found() !== undefined || child.exitCode !== null, 'the agent listens');
      const url = found();
      if (url === undefined) throw new Error(`ended with ${child.exitCode}: ${stdout}${stderr}`);
      return url;
    },
  };
}

/** The agent, listening on any free port. */
export async function startChild(t: Cleanup, options: ChildOptions = {}): Promise<Child & { readonly base: string }> {
  const environment = { HOSTPULSE_NETWORK_PORT: '0', ...options.environment };
  const child = runChild(t, { ...options, environment });
  return Object.assign(child, { base: await child.url() });
}

/** Runs to the end. */
export async function runToEnd(
  t: Cleanup,
  options: ChildOptions = {},
): Promise<Exit & { readonly stdout: string; readonly stderr: string }> {
  const child = runChild(t, options);
  const exit = await within(child.exited, 'the command ends', 30_000);
  return { ...exit, stdout: child.stdout(), stderr: child.stderr() };
}
