import type { ConfigSources } from '../core/config/config.ts';
import { readConfig, readSetup } from '../core/loading/plugin-loader.ts';
import { VERSION } from '../core/version.ts';
import { builtIns } from '../plugins/index.ts';
import { type CommandLine, HELP, parseCommandLine } from './command-line.ts';
import { health } from './health.ts';
import { configText } from './show-config.ts';

/** Reads the command line, then does what was asked for. @returns the exit code */
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
    return await obey(commandLine);
  } catch (error) {
    process.stderr.write(`hostpulse: ${(error as Error).message}\n`);
    return 1;
  }
}

async function obey({ command, file, flags }: CommandLine): Promise<number> {
  const sources: ConfigSources = { file, flags, environment: process.env };
  if (command === 'config') return say(configText((await readSetup(builtIns, sources)).config));
  // It runs every few seconds in a container: no plugin is loaded for it, and nothing of the agent.
  if (command === 'health') return await health((await readConfig(builtIns, sources)).server);
  const { serve } = await import('./serve.ts');
  return await serve(await readSetup(builtIns, sources));
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}
