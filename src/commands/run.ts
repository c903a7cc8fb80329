import type { ConfigSources } from '../core/config/config.ts';
import { type PluginList, readConfig, readSetup } from '../core/loading/plugin-loader.ts';
import { VERSION } from '../core/version.ts';
import { BUILT_IN_NAMES } from '../plugins/names.ts';
import { useBundledRxjs } from './bundled-rxjs.ts';
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
      return say(configText((await readSetup(await builtIns(), sources)).config));
    // It runs every few seconds in a container: no plugin is loaded for it, and nothing of the agent.
    case 'health':
      return await health((await readConfig(BUILT_IN_NAMES, sources)).server);
    case 'new': {
      const { newPlugin } = await import('./new-plugin.ts');
      return say(newPlugin(operand, commandLine));
    }
    case 'check': {
      const { checkPlugin } = await import('./check/check-plugin.ts');
      return await checkPlugin(operand, { ...commandLine, builtIns: await builtIns(), sources });
    }
    case 'test': {
      const { testPlugins } = await import('./test-plugins.ts');
      return await testPlugins(operands.length > 0 ? operands : ['.']);
    }
    case 'get': {
      const { get } = await import('./get.ts');
      const { agentAddress } = await import('./agent-address.ts');
      return await get(operand, commandLine.variables, agentAddress(commandLine.url, await readConfig(BUILT_IN_NAMES, sources), sources));
    }
    case 'watch': {
      useBundledRxjs();
      const { watch } = await import('./watch/watch.ts');
      const { agentAddress } = await import('./agent-address.ts');
      return await watch(operands[0], commandLine, agentAddress(commandLine.url, await readConfig(BUILT_IN_NAMES, sources), sources));
    }
    default: {
      catchStrayErrors();
      const plugins = await builtIns();
      const { serve } = await import('./serve.ts');
      return await serve(await readSetup(plugins, sources));
    }
  }
}

/** Loaded only where they are run or judged: it takes as long as all else of the start. */
async function builtIns(): Promise<PluginList> {
  useBundledRxjs();
  return (await import('../plugins/index.ts')).builtIns;
}

function say(text: string): number {
  process.stdout.write(text);
  return 0;
}
