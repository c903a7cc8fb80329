import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Cleanup, until, within } from './build-agent.ts';
import { TinyTerminal } from './tiny-terminal.ts';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));

/** Why there is no terminal to be had here. */
export const noTerminal = spawnSync('python3', ['-c', 'import pty, termios, fcntl']).status !== 0 && 'wants python3';

export interface WatchedScreen {
  readonly terminal: TinyTerminal;
  /** Of the command itself. */
  readonly pid: number;
  /** All that was written so far. */
  readonly written: () => string;
  type(text: string): void;
  resize(columns: number, rows: number): void;
  /** From now on nobody reads what is written. */
  deafen(): void;
  /** Closes the terminal. */
  hangUp(): void;
  shows(pattern: RegExp, what?: string): Promise<void>;
  ended(): Promise<{ readonly code: number; readonly restored: boolean | null }>;
}

export interface WatchedOptions {
  readonly args: readonly string[];
  readonly columns?: number;
  readonly rows?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** In place of the command. */
  readonly script?: readonly string[];
}

/** `hostpulse` on a terminal of its own, whose screen can be read. */
export async function watchedScreen(t: Cleanup, options: WatchedOptions): Promise<WatchedScreen> {
  const { args, columns = 100, rows = 30, environment = {}, script } = options;
  const terminal = new TinyTerminal(columns, rows);
  const inherited = Object.entries(process.env).filter(([name]) => !/^(HOSTPULSE_|NODE_|LC_|LANG|NO_COLOR)/.test(name));
  const env = { ...Object.fromEntries(inherited), TERM: 'xterm-256color', LANG: 'C.UTF-8', ...environment };
  const command = script ?? [process.execPath, MAIN, ...args];
  const runner = spawn('python3', ['test/helpers/typed-terminal.py', String(columns), String(rows), ...command], {
    env,
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  });
  const stdin = runner.stdin as NonNullable<ChildProcess['stdin']>;
  let [written, told, failure] = ['', '', null as unknown];
  (runner.stdout as Readable).setEncoding('utf8').on('data', (text: string) => {
    written += text;
    try {
      terminal.write(text);
    } catch (error) {
      failure ??= error;
    }
  });
  (runner.stdio[3] as Readable).setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  const closed = new Promise<void>((resolve) => void runner.once('close', () => resolve()));
  await until(() => told.includes('\n'), 'the process id');
  const pid = Number(told.split('\n')[0]);
  t.after(() => {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It has ended.
    }
    runner.kill('SIGKILL');
  });
  const order = (command: object) => void stdin.write(`${JSON.stringify(command)}\n`);
  return {
    terminal,
    pid,
    written: () => written,
    type: (text) => order({ type: text }),
    resize: (newColumns, newRows) => {
      terminal.resize(newColumns, newRows);
      order({ size: [newColumns, newRows] });
    },
    deafen: () => order({ deaf: true }),
    hangUp: () => void stdin.end(),
    shows: async (pattern, what = String(pattern)) => {
      const isShown = () => {
        if (failure) throw failure;
        // Not in the midst of a picture: what a test looks at next may be in its other half.
        return terminal.modes.get('2026') !== true && pattern.test(terminal.text);
      };
      await until(isShown, what).catch((error: Error) => {
        throw new Error(`${error.message}; the screen is\n${terminal.text}`, { cause: error });
      });
    },
    ended: async () => {
      await within(closed, 'the command ends');
      if (failure) throw failure;
      return JSON.parse(told.trim().split('\n').at(-1) as string);
    },
  };
}
