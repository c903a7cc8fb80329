#!/usr/bin/env node
/** The command `hostpulse`: reads the command line and the configuration, then does what was asked for. */
import { type CommandLine, HELP, parseCommandLine } from './commands/command-line.ts';
import { health } from './commands/health.ts';
import { serve } from './commands/serve.ts';
import { configText } from './commands/show-config.ts';
import { loadConfig } from './core/config.ts';
import { declarations } from './core/plugin-loader.ts';
import { VERSION } from './core/version.ts';
import { builtIns } from './plugins/index.ts';

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
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
