/** The agent with a plugin that makes trouble, to be run in a process of its own: `node troubled-agent.js [what]`. */
import { NEVER } from 'rxjs';
import { serve } from '../../src/commands/serve.ts';
import { listenToSignals } from '../../src/commands/signals.ts';
import { readSetup } from '../../src/core/loading/plugin-loader.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { pluginOf } from './plugins.ts';

const [what = ''] = process.argv.slice(2);
const never = new Promise<never>(() => {});

const trouble = pluginOf('trouble', {
  initialize: () => {
    if (what === 'stray-errors') {
      setTimeout(() => {
        throw new Error('thrown by a timer');
      }, 20);
      setTimeout(() => void Promise.reject(new Error('rejected by a timer')), 40);
    }
    return what === 'slow-start' ? never : undefined;
  },
  topics: () => ({ silent: NEVER }),
  terminate: () => {
    if (what === 'second-signal') setTimeout(() => process.kill(process.pid, 'SIGTERM'), 150);
    return what === 'slow-end' || what === 'second-signal' ? never : undefined;
  },
});
listenToSignals();
const plugins = { ...builtIns, trouble };
process.exit(await serve(await readSetup(plugins, { environment: process.env })));
