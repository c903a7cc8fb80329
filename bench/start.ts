import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { AGENT_START, end, exporter, hasExporter, type Startable, startPlain } from './kit/plain.ts';
import { AGENT, cpuUsOf, INSTALLED_AGENT, rssBytesOf, sleep } from './kit/process.ts';
import { median } from './kit/rounds.ts';
import { printTable, ratio } from './kit/table.ts';

const ROUNDS = 15;
/** At its end a process says how much it has used, microseconds. */
const TELL_CPU = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeSync(2, String(user + system));
  });`)}`;
const RUN = fileURLToPath(new URL('./run.js', import.meta.url));

interface Taken {
  readonly name: string;
  readonly wallMs: number[];
  readonly cpuMs: number[];
  readonly rssMb: number[];
}

/** From the start to the first answer, in turns; with `--agent FILE` that build beside the installed one. And what a health check costs. */
export async function start(): Promise<void> {
  const part =
    (name: string): Startable['command'] =>
    (port) => [process.execPath, RUN, `part:${name}`, String(port), '1000'];
  const startables: Startable[] = [
    { name: 'bare node:http', command: part('bare-http'), path: '/' },
    { name: 'limit: bare fastify', command: part('bare-fastify'), path: '/' },
    { ...AGENT_START, command: agentAt(INSTALLED_AGENT) },
  ];
  if (AGENT !== INSTALLED_AGENT) startables.push({ ...AGENT_START, name: 'agent of --agent', command: agentAt(AGENT) });
  if (hasExporter()) startables.push({ name: 'node_exporter', command: exporter(), path: '/metrics' });
  const taken = startables.map(({ name }): Taken => ({ name, wallMs: [], cpuMs: [], rssMb: [] }));
  const checks = [...new Set([INSTALLED_AGENT, AGENT])].map((file) => ({ file, cpuMs: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    const rows = startables.map((_, row) => row);
    for (const row of round % 2 === 0 ? rows : rows.toReversed()) await startOnce(startables[row] as Startable, taken[row] as Taken);
    for (const check of checks) check.cpuMs.push(await healthCpuMs(check.file));
  }
  const limitMs = median(taken[1]?.cpuMs ?? []);
  printTable(
    `start: to the first answer (median of ${ROUNDS}, in turns)`,
    ['process', 'wall ms', 'CPU ms', 'least CPU ms', 'CPU to limit', 'RSS MB then'],
    taken.map(({ name, wallMs, cpuMs, rssMb }) => {
      return [name, median(wallMs), median(cpuMs), Math.min(...cpuMs), ratio(median(cpuMs), limitMs), median(rssMb)];
    }),
  );
  printTable(
    `start: hostpulse health, all of it (median of ${ROUNDS})`,
    ['build', 'CPU ms'],
    checks.map(({ file, cpuMs }) => [file === INSTALLED_AGENT ? 'agent' : 'agent of --agent', median(cpuMs)]),
  );
}

function agentAt(file: string): Startable['command'] {
  return (port) => [process.execPath, file, '--port', String(port), '--log-level', 'warn'];
}

async function startOnce(startable: Startable, { wallMs, cpuMs, rssMb }: Taken): Promise<void> {
  const started = await startPlain(startable);
  wallMs.push(started.wallMs);
  cpuMs.push(cpuUsOf(started.pid) / 1000);
  await sleep(500);
  rssMb.push(rssBytesOf(started.pid) / 1e6);
  await end(started.child);
}

/** Nobody listens at that port: all but the answer is the same. */
async function healthCpuMs(file: string): Promise<number> {
  const child = spawn(process.execPath, ['--import', TELL_CPU, file, 'health', '--port', '1'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let told = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    told += text;
  });
  await once(child, 'close');
  return Number(told) / 1000;
}
