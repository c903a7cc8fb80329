import { loadConfig } from '../core/config/config.ts';
import { declarations } from '../core/loading/plugin-loader.ts';
import { VERSION } from '../core/version.ts';
import { builtIns } from '../plugins/index.ts';
import { type CommandLine, HELP, parseCommandLine } from './command-line.ts';
import { health } from './health.ts';
import { configText } from './show-config.ts';

/** Reads the command line and the configuration, then does what was asked for. @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  let commandLine: CommandLine;
  try {
    commandLine = parseCommandLine(args);
  } catch (error) {
    process.stderr.write(`hostpulse: ${(error as Error).message}\n\n${HELP}`);
    return 2;
  }
  if (commandLine.wants === 'help') return say(HELP);
  if (commandLine.wants === 'version') return say(`${VERSION}\n`);
  try {
    const { file, flags } = commandLine;
    const config = await loadConfig(declarations(builtIns), { file, flags, environment: process.env });
    if (commandLine.command === 'config') return say(configText(config));
    if (commandLine.command === 'health') return await health(config.server);
    // Loaded only where it is needed: a container's health check runs this command every few seconds.
    const { serve } = await import('./serve.ts');
    return await serve(config, builtIns);
  } catch (error) {
    process.stderr.write(`hostpulse: ${(error as Error).message}\n`);
    return 1;
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}
