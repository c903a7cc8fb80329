import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BUILT_IN_NAMES } from '../src/plugins/names.ts';
import type { HistoryCase } from './history-cases.ts';
import { printTable } from './kit/table.ts';

const RUN = fileURLToPath(new URL('./run.js', import.meta.url));
const SAMPLES = 2000;
/** They remember no readings of their own. */
const WITHOUT: readonly string[] = ['example', 'systeminfo', 'upgrades'];
const PLUGINS = BUILT_IN_NAMES.filter((name) => !WITHOUT.includes(name));

/** What it takes to remember: memory per reading of each built-in plugin, and time to make samples of readings again. */
export async function history(): Promise<void> {
  const cases = PLUGINS.map((name) => {
    const { stdout, stderr, status } = spawnSync(process.execPath, ['--expose-gc', RUN, 'part:history', name, String(SAMPLES)], {
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
    return JSON.parse(stdout) as HistoryCase | null;
  });
  printTable(
    `history: a reading in memory (of ${SAMPLES}, here), and a sample made of it anew`,
    ['plugin', 'heap bytes', 'as estimated', 'JSON bytes', 'replay us'],
    cases
      .filter((one) => one !== null)
      .map(({ name, heapBytes, estimatedBytes, jsonBytes, replayUs }) => [name, heapBytes, estimatedBytes, jsonBytes, replayUs]),
  );
}
