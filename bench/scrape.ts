import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { AGENT, cpuUsOf, guard, rssBytesOf, sleep, startAgent } from './kit/process.ts';
import { body, freePort } from './kit/requests.ts';
import { median } from './kit/rounds.ts';
import { printTable, ratio } from './kit/table.ts';

const EXPORTER = 'prometheus-node-exporter';
const ROUNDS = 11;
const SCRAPES = 40;
const WARM_UP = 400;
/** For the memory: as many as Prometheus makes in eight hours. */
const MANY = 2000;

interface Process {
  readonly child: ChildProcess;
  readonly pid: number;
  readonly base: string;
}

interface Way {
  readonly name: string;
  readonly isKept: boolean;
  readonly headers: Readonly<Record<string, string>>;
}

const PROMETHEUS = { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5', 'accept-encoding': 'gzip' };
const WAYS: readonly Way[] = [
  { name: 'as Prometheus asks: kept connection, gzip offered', isKept: true, headers: PROMETHEUS },
  { name: 'kept connection, no gzip', isKept: true, headers: {} },
  { name: 'new connection each time, no gzip', isKept: false, headers: {} },
];

/** CPU per scrape of /metrics, beside node_exporter with the same collectors; memory over many scrapes. */
export async function scrape(): Promise<void> {
  if (spawnSync(EXPORTER, ['--version'], { stdio: 'ignore' }).status !== 0) return console.log(`\n${EXPORTER} is not installed`);
  const ours = await start((port) => [process.execPath, AGENT, '--port', String(port), '--log-level', 'warn']);
  const theirs = await start((port) => [EXPORTER, `--web.listen-address=127.0.0.1:${port}`]);
  const names = await Promise.all([ours, theirs].map(collectorsOf));
  const common = (names[0] as string[]).filter((name) => names[1]?.includes(name));
  const query = `?${common.map((name) => `collect[]=${name}`).join('&')}`;
  const subjects = [
    { name: 'node_exporter, same collectors', process: theirs, path: `/metrics${query}` },
    { name: 'agent, same collectors', process: ours, path: `/metrics${query}` },
    { name: 'agent, everything', process: ours, path: '/metrics' },
    { name: 'agent, a path that does not exist', process: ours, path: '/nothing' },
  ];
  for (const { process, path } of subjects) await scrapes(process, path, WARM_UP, WAYS[0] as Way);
  for (const way of WAYS) {
    const taken = subjects.map(() => [] as number[]);
    const bytes = subjects.map(() => 0);
    for (let round = 0; round < ROUNDS; round++) {
      for (const [row, { process, path }] of subjects.entries()) {
        const before = cpuUsOf(process.pid);
        bytes[row] = await scrapes(process, path, SCRAPES, way);
        taken[row]?.push((cpuUsOf(process.pid) - before) / SCRAPES);
      }
    }
    const limit = median(taken[0] ?? []);
    printTable(
      `scrape: ${way.name}; ${common.length} collectors (median of ${ROUNDS} rounds of ${SCRAPES})`,
      ['process', 'CPU us', 'to node_exporter', 'bytes'],
      subjects.map(({ name }, row) => [name, median(taken[row] ?? []), ratio(median(taken[row] ?? []), limit), String(bytes[row])]),
    );
  }
  await Promise.all([end(ours), end(theirs)]);
  await printMemory();
}

/** After a collection: what is kept, and not what has not been tidied up yet. */
async function printMemory(): Promise<void> {
  const agent = startAgent();
  const base = await agent.ready;
  const subject = { child: agent.child, pid: agent.child.pid as number, base };
  const heapMb: number[] = [];
  const rssMb: number[] = [];
  for (let quarter = 0; quarter < 5; quarter++) {
    await scrapes(subject, '/metrics', MANY / 4, WAYS[0] as Way);
    const { heapBytes } = await agent.usage({ afterGc: true });
    heapMb.push(heapBytes / 1e6);
    rssMb.push(rssBytesOf(subject.pid) / 1e6);
  }
  const head = ['agent, MB', ...heapMb.map((_, quarter) => `after ${((quarter + 1) * MANY) / 4}`)];
  printTable('scrape: memory over many scrapes of everything', head, [
    ['heap after a collection', ...heapMb],
    ['resident', ...rssMb],
  ]);
  await agent.stop();
}

async function collectorsOf({ base }: Process): Promise<string[]> {
  const text = (await body(`${base}/metrics`)).toString();
  return [...text.matchAll(/^node_scrape_collector_success\{collector="(.*)"\} 1$/gm)].map((match) => match[1] as string);
}

async function scrapes({ base }: Process, path: string, count: number, { isKept, headers }: Way): Promise<number> {
  const agent = new Agent({ keepAlive: isKept, maxSockets: 1 });
  let length = 0;
  for (let n = 0; n < count; n++) length = await read(`${base}${path}`, agent, headers);
  agent.destroy();
  return length;
}

function read(url: string, agent: Agent, headers: Way['headers']): Promise<number> {
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
      });
      response.on('error', reject);
      response.on('end', () => resolve(length));
    }).on('error', reject);
  });
}

async function start(command: (port: number) => readonly [string, ...string[]]): Promise<Process> {
  const port = await freePort();
  const [file, ...args] = command(port);
  const child = spawn(file, args, { stdio: 'ignore' });
  guard(child);
  const base = `http://127.0.0.1:${port}`;
  while (!(await body(`${base}/metrics`).catch(() => null))) {
    if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}`);
    await sleep(5);
  }
  return { child, pid: child.pid as number, base };
}

async function end({ child }: Process): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  await ended;
}
