import { existsSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { ConfigSources } from '../core/config/config.ts';
import { isDirectoryPath } from '../core/loading/plugin-source.ts';

type CommandName = keyof typeof COMMANDS;

export interface CommandLine {
  readonly command: CommandName;
  /** What follows the command. */
  readonly operands: readonly string[];
  readonly file: string | undefined;
  readonly flags: NonNullable<ConfigSources['flags']>;
  readonly wants: 'help' | 'version' | null;
  /** Where `new` writes. */
  readonly directory: string;
  /** For `check`: parameters and variables by name, and how long it listens. */
  readonly parameters: ReadonlyMap<string, string>;
  readonly variables: ReadonlyMap<string, string>;
  readonly seconds: number;
  /** For `get` and `watch`: the agent, where it is not the configured one. */
  readonly url: string | undefined;
  /** For `watch`: variables with a flag of their own, and after how many lines it ends. */
  readonly interval: string | undefined;
  readonly when: string | undefined;
  readonly lines: number;
}

/** What follows each command, and the options that are its alone. */
const COMMANDS = {
  serve: { operands: 'none', options: ['watch'] },
  config: { operands: 'none', options: ['watch'] },
  health: { operands: 'none', options: [] },
  new: { operands: 'one', options: ['dir'], example: 'hostpulse new queue' },
  check: { operands: 'one', options: ['set', 'query', 'seconds'], example: 'hostpulse check plugins/queue.ts' },
  test: { operands: 'any', options: [] },
  get: { operands: 'one', options: ['query', 'url'], example: 'hostpulse get /netinfo' },
  watch: { operands: 'optional', options: ['query', 'url', 'interval', 'when', 'lines'], example: 'hostpulse watch cpu' },
} as const;

const OPTIONS = {
  config: { type: 'string' },
  host: { type: 'string' },
  port: { type: 'string' },
  plugins: { type: 'string', multiple: true },
  watch: { type: 'boolean' },
  'log-level': { type: 'string' },
  dir: { type: 'string' },
  set: { type: 'string', multiple: true },
  query: { type: 'string', multiple: true },
  seconds: { type: 'string' },
  url: { type: 'string' },
  interval: { type: 'string' },
  when: { type: 'string' },
  lines: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

const KEY_OF_FLAG = { host: 'network.host', port: 'network.port', 'log-level': 'log.level' } as const;
const MOST_SECONDS = 3600;

function parsed(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  } catch (error) {
    // It goes on with how to give an operand that begins with a hyphen, which none here does.
    throw new Error((error as Error).message.replace(/\. To specify a positional argument [\s\S]*/, ''));
  }
}

/** @throws Error that says what is wrong with the command line */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parsed(args);
  const [command = 'serve', ...operands] = positionals;
  if (!isCommand(command)) throw new Error(`there is no command '${command}'; there is: ${Object.keys(COMMANDS).join(', ')}`);
  const wants = values.help ? 'help' : values.version ? 'version' : null;
  if (wants === null) checkOperands(command, operands);
  checkOptions(command, Object.keys(values));
  const flags = new Map<string, { readonly value: string | readonly string[]; readonly flag: string }>();
  for (const [flag, key] of Object.entries(KEY_OF_FLAG)) {
    const value = values[flag as keyof typeof KEY_OF_FLAG];
    if (value !== undefined) flags.set(key, { value, flag: `--${flag}` });
  }
  if (values.plugins) flags.set('paths.plugins', { value: values.plugins.map(asPlace), flag: '--plugins' });
  if (values.watch) flags.set('paths.watch', { value: 'true', flag: '--watch' });
  return {
    command,
    operands,
    file: values.config,
    flags,
    wants,
    directory: values.dir ?? './plugins',
    parameters: assignments('--set', values.set),
    variables: assignments('--query', values.query),
    seconds: secondsOf(values.seconds ?? '3'),
    url: values.url,
    interval: values.interval,
    when: values.when,
    lines: linesOf(values.lines),
  };
}

/** Those that belong to some commands belong to no other. */
function checkOptions(command: CommandName, given: readonly string[]): void {
  for (const option of given) {
    const owners = Object.entries<{ readonly options: readonly string[] }>(COMMANDS).filter(([, { options }]) => options.includes(option));
    if (owners.length === 0 || owners.some(([owner]) => owner === command)) continue;
    throw new Error(`--${option} is for hostpulse ${owners.map(([owner]) => owner).join(', ')}, not for hostpulse ${command}`);
  }
}

function isCommand(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

function checkOperands(command: CommandName, operands: readonly string[]): void {
  const made = COMMANDS[command];
  if (made.operands === 'none' && operands.length > 0) throw new Error(`${command} takes no arguments, but got '${operands.join(' ')}'`);
  if (made.operands === 'optional' && operands.length > 1)
    throw new Error(`${command} takes one argument at most, but got '${operands.join(' ')}'; such as: ${made.example}`);
  if (made.operands === 'one' && operands.length !== 1)
    throw new Error(`${command} takes one argument, but got ${operands.length}; such as: ${made.example}`);
}

/** On a command line `plugins` is the directory of that name, where there is one. */
function asPlace(place: string): string {
  return isDirectoryPath(place) || !existsSync(place) ? place : `./${place}`;
}

/** `zone=UTC` -> zone, UTC */
function assignments(flag: string, given: readonly string[] = []): ReadonlyMap<string, string> {
  return new Map(
    given.map((text) => {
      const [, name, value] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
      if (name === undefined || value === undefined) throw new Error(`${flag} is '${text}'; allowed: NAME=VALUE, such as ${flag} zone=UTC`);
      return [name, value];
    }),
  );
}

function linesOf(text: string | undefined): number {
  if (text === undefined) return Number.POSITIVE_INFINITY;
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new Error(`--lines is '${text}'; allowed: a whole number from 1`);
}

function secondsOf(text: string): number {
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (seconds > 0 && seconds <= MOST_SECONDS) return seconds;
  throw new Error(`--seconds is '${text}'; allowed: a number above 0, up to ${MOST_SECONDS}`);
}
