import { once } from 'node:events';
import { WebSocket } from 'ws';
import { AGENT_START, EXPORTER, end, exporter, hasExporter, type Startable, startPlain } from './kit/plain.ts';
import { cpuUsOf, type Measured, rssBytesOf, sleep, startAgent, startPart } from './kit/process.ts';
import { requestInARow } from './kit/requests.ts';
import { median } from './kit/rounds.ts';
import { printTable, ratio } from './kit/table.ts';

/** V8 tidies up once, some ten to twenty seconds after the start: the median of short slices does not see it. */
const SETTLE_MS = 15_000;
const SLICE_MS = 2000;
const SLICES = 11;
const SCRAPES = 200;

/** The whole agent at rest and with few subscribers; and scrapes beside node_exporter. */
export async function tick(): Promise<void> {
  await printSteadyState();
  await printScrapes();
}

interface Situation {
  readonly name: string;
  readonly process: Measured;
  /** What its subscribers ask for. */
  readonly intervals: readonly string[];
}

async function printSteadyState(): Promise<void> {
  const distinct = Array.from({ length: 10 }, (_, n) => `${100 * (n + 1)}ms`);
  const situations: readonly Situation[] = [
    { name: 'limit: plain reader, 1 s', process: startPart('bare-poll', ['1000']), intervals: [] },
    { name: 'limit: plain reader, 100 ms', process: startPart('bare-poll', ['100']), intervals: [] },
    { name: 'agent, nobody listens', process: startAgent(), intervals: [] },
    { name: 'agent, 1 subscriber at 1 s', process: startAgent(), intervals: ['1s'] },
    { name: 'agent, 1 subscriber at 100 ms', process: startAgent(), intervals: ['100ms'] },
    { name: 'agent, 10 intervals, 100 ms to 1 s', process: startAgent(), intervals: distinct },
  ];
  for (const { process, intervals } of situations) {
    const url = (await process.ready).replace('http', 'ws');
    for (const interval of intervals) await once(new WebSocket(`${url}/netinfo?interval=${interval}`), 'open');
  }
  await sleep(SETTLE_MS);
  const usages = [await Promise.all(situations.map(({ process }) => process.usage()))];
  for (let slice = 0; slice < SLICES; slice++) {
    await sleep(SLICE_MS);
    usages.push(await Promise.all(situations.map(({ process }) => process.usage())));
  }
  const cpuUs = situations.map((_, row) => {
    const totals = usages.map((usage) => usage[row]?.cpuUs ?? Number.NaN);
    return (median(totals.slice(1).map((total, slice) => total - (totals[slice] ?? Number.NaN))) / SLICE_MS) * 1000;
  });
  const [slow = Number.NaN, fast = Number.NaN] = cpuUs;
  printTable(
    `tick: a whole process at rest (median of ${SLICES} slices of ${SLICE_MS / 1000} s)`,
    ['process', 'CPU us/s', 'CPU %', 'to limit', 'RSS MB'],
    situations.map(({ name, process, intervals }, row) => {
      const us = cpuUs[row] ?? Number.NaN;
      const isFast = intervals.length > 0 ? intervals[0] !== '1s' : row === 1;
      return [name, us, (us / 10_000).toFixed(3), ratio(us, isFast ? fast : slow), rssBytesOf(process.child.pid as number) / 1e6];
    }),
  );
  await Promise.all(situations.map(({ process }) => process.stop()));
}

async function printScrapes(): Promise<void> {
  if (!hasExporter()) return console.log(`\n${EXPORTER} is not installed: nothing to compare scrapes with`);
  const network = ['--collector.disable-defaults', '--collector.netdev', '--collector.netclass'];
  const subjects: Startable[] = [
    AGENT_START,
    { name: 'node_exporter, netdev and netclass', command: exporter(network), path: '/metrics' },
    { name: 'node_exporter, as installed', command: exporter(), path: '/metrics' },
  ];
  const rows = [];
  for (const subject of subjects) {
    const { child, pid, url } = await startPlain(subject);
    await sleep(1500);
    const bytes = await requestInARow(url, SCRAPES);
    const before = cpuUsOf(pid);
    await requestInARow(url, SCRAPES);
    rows.push({ name: subject.name, us: (cpuUsOf(pid) - before) / SCRAPES, bytes, rssMb: rssBytesOf(pid) / 1e6 });
    await end(child);
  }
  const ours = rows[0]?.us ?? Number.NaN;
  printTable(
    `tick: CPU per question, second ${SCRAPES} of ${2 * SCRAPES}`,
    ['process', 'CPU us', 'to ours', 'bytes', 'RSS MB'],
    rows.map(({ name, us, bytes, rssMb }) => [name, us, ratio(us, ours), String(bytes), rssMb]),
  );
}
