import type { ConfigSources } from '../core/config/config.ts';
import { readConfig, readSetup } from '../core/loading/plugin-loader.ts';
import { VERSION } from '../core/version.ts';
import { builtIns } from '../plugins/index.ts';
import { type CommandLine, parseCommandLine } from './command-line.ts';
import { CommandFailure } from './exit-codes.ts';
import { health } from './health.ts';
import { HELP } from './help.ts';
import { configText } from './show-config.ts';
import { catchStrayErrors } from './stray-errors.ts';

/** Reads the command line, then does what was asked for. @returns the exit code */
export async function run(args: readonly string[]): Promise<number> {
  let commandLine: CommandLine;
  try {
    commandLine = parseCommandLine(args);
  } catch (error) {
    process.stderr.write(`hostpulse: ${(error as Error).message}\n(hostpulse --help shows what there is)\n`);
    return 2;
  }
  if (commandLine.wants === 'help') return say(HELP);
  if (commandLine.wants === 'version') return say(`${VERSION}\n`);
  try {
    return await obey(commandLine);
  } catch (error) {
    process.stderr.write(`hostpulse: ${(error as Error).message}\n`);
    if (error instanceof CommandFailure) return error.exitCode;
    return commandLine.command === 'check' ? 2 : 1;
  }
}

async function obey(commandLine: CommandLine): Promise<number> {
  const { command, file, flags, operands } = commandLine;
  const sources: ConfigSources = { file, flags, environment: process.env };
  const [operand = ''] = operands;
  switch (command) {
    case 'config':
      return say(configText((await readSetup(builtIns, sources)).config));
    // It runs every few seconds in a container: no plugin is loaded for it, and nothing of the agent.
    case 'health':
      return await health((await readConfig(builtIns, sources)).server);
    case 'new': {
      const { newPlugin } = await import('./new-plugin.ts');
      return say(newPlugin(operand, { ...commandLine, builtIns }));
    }
    case 'check': {
      const { checkPlugin } = await import('./check/check-plugin.ts');
      return await checkPlugin(operand, { ...commandLine, builtIns, sources });
    }
    case 'test': {
      const { testPlugins } = await import('./test-plugins.ts');
      return await testPlugins(operands.length > 0 ? operands : ['.']);
    }
    case 'get': {
      const { get } = await import('./get.ts');
      const { agentAddress } = await import('./agent-address.ts');
      return await get(operand, commandLine.variables, agentAddress(commandLine.url, await readConfig(builtIns, sources), sources));
    }
    case 'watch': {
      const { watch } = await import('./watch/watch.ts');
      const { agentAddress } = await import('./agent-address.ts');
      return await watch(operands[0], commandLine, agentAddress(commandLine.url, await readConfig(builtIns, sources), sources));
    }
    default: {
      const { serve } = await import('./serve.ts');
      catchStrayErrors();
      return await serve(await readSetup(builtIns, sources));
    }
  }
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}
