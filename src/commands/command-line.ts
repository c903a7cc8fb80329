import { parseArgs } from 'node:util';

type CommandName = 'serve' | 'config' | 'health';

export interface CommandLine {
  readonly command: CommandName;
  readonly file: string | undefined;
  /** Configuration key -> value and the flag that gave it. */
  readonly flags: ReadonlyMap<string, { readonly value: string; readonly flag: string }>;
  readonly wants: 'help' | 'version' | null;
}

export const HELP = `hostpulse: host metrics to poll and to subscribe to

  hostpulse [serve]    run the agent (default)
  hostpulse config     show every configuration value and where it comes from
  hostpulse health     ask the running agent whether it is well; exit code 0 or 1

Options
  --config FILE        YAML or JSON file; default: HOSTPULSE_CONFIG, or
                       config/hostpulse.yaml where present
  --host ADDRESS       address to listen on (network.host)
  --port PORT          port to listen on (network.port)
  --log-level LEVEL    trace, debug, info, warn, error, fatal or silent (log.level)
  --help, --version

While it runs, on another terminal
  curl http://127.0.0.1:9192/netinfo
  curl -N -H 'accept: text/event-stream' 'http://127.0.0.1:9192/netinfo?interval=500ms'

Every key can also be set in the environment: network.port is HOSTPULSE_NETWORK_PORT.
`;

const KEY_OF_FLAG = { host: 'network.host', port: 'network.port', 'log-level': 'log.level' } as const;
const COMMANDS: readonly string[] = ['serve', 'config', 'health'] satisfies CommandName[];

/** @throws Error that says what is wrong with the command line */
export function parseCommandLine(args: readonly string[]): CommandLine {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      config: { type: 'string' },
      host: { type: 'string' },
      port: { type: 'string' },
      'log-level': { type: 'string' },
      help: { type: 'boolean', short: 'h' },
      version: { type: 'boolean', short: 'v' },
    },
  });
  const [command = 'serve', ...more] = positionals;
  if (!COMMANDS.includes(command)) throw new Error(`there is no command '${command}'; there is: ${COMMANDS.join(', ')}`);
  if (more.length > 0) throw new Error(`${command} takes no arguments, but got '${more.join(' ')}'`);
  const flags = Object.entries(KEY_OF_FLAG).flatMap(([flag, key]) => {
    const value = values[flag as keyof typeof KEY_OF_FLAG];
    return value === undefined ? [] : ([[key, { value, flag: `--${flag}` }]] as const);
  });
  const wants = values.help ? 'help' : values.version ? 'version' : null;
  return { command: command as CommandName, file: values.config, flags: new Map(flags), wants };
}
