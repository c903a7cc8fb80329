import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Usage } from './probe.ts';

const PROBE = new URL('./probe.js', import.meta.url).href;
const RUN = fileURLToPath(new URL('../run.js', import.meta.url));

export const INSTALLED_AGENT = fileURLToPath(new URL('./dist/main.js', import.meta.resolve('hostpulse/package.json')));
/** The agent as it is installed, or the build that `--agent` names. */
export const AGENT = process.env.BENCH_AGENT ?? INSTALLED_AGENT;

/** Ends with us, whatever happens. */
export function guard(child: ChildProcess): void {
  running.add(child);
  child.once('exit', () => running.delete(child));
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** A Node process with the probe in it. */
export class Measured {
  readonly child: ChildProcess;
  /** What it wrote first that matched. */
  readonly ready: Promise<string>;

  /** @param announces the line of its output that says it is ready; the first group is what `ready` gives */
  constructor(args: readonly string[], announces: RegExp, flags: readonly string[] = []) {
    this.child = spawn(process.execPath, ['--expose-gc', '--import', PROBE, ...flags, ...args], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
      env: { ...process.env, HOSTPULSE_LOG_FORMAT: 'json' },
    });
    guard(this.child);
    this.ready = firstMatch(this.child, announces);
  }

  usage(options: { readonly afterGc?: boolean } = {}): Promise<Usage> {
    return this.ask(options.afterGc ? 'usage after gc' : 'usage');
  }

  async ask<T>(question: string): Promise<T> {
    this.child.send(question);
    const [answer] = await once(this.child, 'message');
    return answer as T;
  }

  /** CPU microseconds that it uses while something else is done. */
  async cpuUsDuring(work: () => unknown): Promise<number> {
    const before = await this.usage();
    await work();
    return (await this.usage()).cpuUs - before.cpuUs;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null) return;
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** V8 tidies up once, some ten seconds after the start: 35 ms that would fall into one short window and not into the other. */
export const WITHOUT_TIDYING = ['--no-memory-reducer'];

/** The agent, on a free port of loopback, with its defaults. `ready` is its URL. */
export function startAgent(flags: readonly string[] = []): Measured {
  return new Measured([AGENT, '--port', '0'], /hostpulse is at (http:\/\/[\d.:]+)/, flags);
}

/** One of this program's own parts (see run.ts) in a process of its own. `ready` is what it printed after `ready`. */
export function startPart(name: string, args: readonly string[] = [], flags: readonly string[] = []): Measured {
  return new Measured([RUN, `part:${name}`, ...args], /^ready ?(.*)$/m, flags);
}

function firstMatch(child: ChildProcess, pattern: RegExp): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk;
      const match = pattern.exec(text);
      if (match) {
        text = '';
        resolve(match[1] ?? '');
      }
    });
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`${child.spawnargs.slice(0, 6).join(' ')} ended with ${code} before it was ready`)));
  });
}

/** CPU time of a process that has no probe: all of its threads, from the scheduler's account. */
export function cpuUsOf(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'latin1').split(' ')[0]),
  );
  return nanoseconds.reduce((sum, ns) => sum + ns, 0) / 1000;
}

export function rssBytesOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) * 1024;
}

export const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
