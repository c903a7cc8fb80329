import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { builtIns } from '../src/plugins/index.ts';
import { AGENT, Measured } from './kit/process.ts';

/** What is remembered is soon as much as it will be. */
export const KEPT_MS = 5000;
const PLUGINS = ['netinfo', 'cpu', 'memory'];

/** Large samples at a quick pace, so that buffers are full soon. */
const FLOOD = `import { BasePlugin } from 'hostpulse/plugin';
import { interval, map } from 'rxjs';
const filler = 'x'.repeat(60_000);
export default class Flood extends BasePlugin {
  requestHandler(data) { return [200, { n: data.n ?? null }]; }
  observables() { return { values: interval(50).pipe(map((n) => Object.freeze({ n, filler }))) }; }
}
`;

/** An agent that gives up quickly who does not read, and soon forgets. */
export function startSoakAgent(): Measured {
  const directory = mkdtempSync(join(tmpdir(), 'hostpulse-bench-'));
  process.on('exit', () => rmSync(directory, { recursive: true }));
  writeFileSync(join(directory, 'flood.js'), FLOOD);
  const plugins = Object.keys(builtIns).map((name) => [name, PLUGINS.includes(name) ? { historyMs: KEPT_MS } : { enabled: false }]);
  const config = {
    paths: { plugins: [directory] },
    limits: { slowConsumerMs: 2000, historyMs: KEPT_MS, heldMs: 1000 },
    plugins: Object.fromEntries(plugins),
  };
  const file = join(directory, 'hostpulse.json');
  writeFileSync(file, JSON.stringify(config));
  return new Measured([AGENT, '--port', '0', '--config', file], /hostpulse is at (http:\/\/[\d.:]+)/);
}
