/** The agent in this process with two plugins that answer the same object: one has frozen it, the other never does. */
import { readFileSync } from 'node:fs';
import { createAgent } from '../src/core/agent.ts';
import { type Answer, BasePlugin } from '../src/core/base-plugin.ts';
import { readSetup } from '../src/core/loading/plugin-loader.ts';
import { createLogger } from '../src/core/logger.ts';

let answered: object = {};

class Frozen extends BasePlugin {
  readonly #answer = Object.freeze({ ...answered });
  override requestHandler(): Answer {
    return [200, this.#answer];
  }
}

class Thawed extends BasePlugin {
  readonly #answer = { ...answered };
  override requestHandler(): Answer {
    return [200, this.#answer];
  }
}

/** @param file JSON that both answer */
export async function pluginAgent(file: string): Promise<void> {
  answered = JSON.parse(readFileSync(file, 'utf8'));
  const plugins = { frozen: Frozen, thawed: Thawed };
  const setup = await readSetup(plugins, { values: { network: { port: 0 } } });
  const agent = await createAgent({ setup, log: await createLogger({ level: 'warn', format: 'json' }) });
  console.log(`ready ${await agent.start()}`);
}
