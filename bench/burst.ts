import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BurstFigures } from './burst-cases.ts';
import { Namespace } from './kit/namespace.ts';
import { cpuUsOf, guard, rssBytesOf, sleep } from './kit/process.ts';
import { median } from './kit/rounds.ts';
import { printTable, ratio } from './kit/table.ts';

const SIZES = [5, 500];
/** What reads at that pace and does nothing else is the limit of each. */
const SUBJECTS = [
  { name: 'plain', query: 'interval=1s', paceMs: 1000 },
  { name: 'burst=50ms', query: 'interval=1s&burst=50ms', paceMs: 50 },
  { name: 'burst=20ms', query: 'interval=1s&burst=20ms', paceMs: 20 },
];
const SETTLE_MS = 6000;
const SLICE_MS = 2000;
const SLICES = 11;
const RUN = fileURLToPath(new URL('./run.js', import.meta.url));

/** CPU of netinfo with one subscriber, plain and with bursts, in processes that run beside one another. */
export async function burst(): Promise<void> {
  const namespace = Namespace.create();
  if (!namespace) return console.log('burst: needs root and iproute2, for namespaces with many interfaces');
  const rows: (string | number)[][] = [];
  const steps: (string | number)[][] = [];
  for (const size of SIZES) {
    namespace.growTo(size);
    rows.push(...(await measured(namespace.name, size)));
    const { stepUs, takeUs, heapBytesPerStep } = await casesIn(namespace.name);
    steps.push([String(size), stepUs, takeUs, heapBytesPerStep]);
  }
  namespace.remove();
  const columns = ['interfaces', 'one subscriber at 1 s', 'CPU us/s', 'CPU %', 'to plain', 'to plain reader', 'RSS MB'];
  printTable(`burst: netinfo and the encoding of its samples (median of ${SLICES} slices of ${SLICE_MS / 1000} s)`, columns, rows);
  printTable(
    'burst: what a step costs beside the reading, and what a sample does',
    ['interfaces', 'step CPU us', 'sample CPU us', 'heap bytes per step'],
    steps,
  );
}

async function measured(namespace: string, size: number): Promise<(string | number)[][]> {
  const start = (...args: string[]) => inNamespace(namespace, ['--no-memory-reducer', RUN, ...args]);
  const subjects = SUBJECTS.map(({ query }) => start('part:netinfo-alone', query));
  const limits = SUBJECTS.map(({ paceMs }) => start('part:bare-poll', String(paceMs)));
  const all = [...subjects, ...limits];
  await sleep(SETTLE_MS);
  const totals = [all.map(({ pid }) => cpuUsOf(pid as number))];
  for (let slice = 0; slice < SLICES; slice++) {
    await sleep(SLICE_MS);
    totals.push(all.map(({ pid }) => cpuUsOf(pid as number)));
  }
  const us = all.map((_, at) => {
    const own = totals.map((each) => each[at] as number);
    return (median(own.slice(1).map((total, slice) => total - (own[slice] as number))) * 1000) / SLICE_MS;
  });
  const rows = SUBJECTS.map(({ name }, at) => {
    const [used, limit] = [us[at] as number, us[SUBJECTS.length + at] as number];
    const rssMb = rssBytesOf(subjects[at]?.pid as number) / 1e6;
    return [String(size), name, used, (used / 10_000).toFixed(3), ratio(used, us[0] as number), ratio(used, limit), rssMb];
  });
  for (const child of all) {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
  return rows;
}

async function casesIn(namespace: string): Promise<BurstFigures> {
  const child = inNamespace(namespace, ['--expose-gc', RUN, 'part:burst-cases']);
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk;
  });
  await once(child, 'close');
  return JSON.parse(text) as BurstFigures;
}

/** `ip` becomes the process that it starts, so its number is the one to be measured. */
function inNamespace(namespace: string, args: readonly string[]): ChildProcess {
  const child = spawn('ip', ['netns', 'exec', namespace, process.execPath, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  guard(child);
  return child;
}
