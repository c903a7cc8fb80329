import { spawn, spawnSync } from 'node:child_process';
import { builtIns } from '../src/plugins/index.ts';
import { AGENT, cpuUsOf, guard, rssBytesOf, sleep } from './kit/process.ts';
import { body, freePort } from './kit/requests.ts';
import { printTable, ratio } from './kit/table.ts';

/** Compiling and tidying up go on for about a minute. */
const SETTLE_MS = 60_000;
const MEASURE_MS = 60_000;
/** So many at a time: more would only disturb one another. */
const MOST_AT_ONCE = 4;
const EXPORTER = 'prometheus-node-exporter';
const NAMES = Object.keys(builtIns);

interface Subject {
  readonly name: string;
  readonly command: (port: number) => readonly [string, ...string[]];
  /** These plugins are switched off. */
  readonly without?: readonly string[];
  /** Scraped once a second while it is measured. */
  readonly isScraped?: boolean;
}

interface Used {
  readonly cpuUsPerSecond: number;
  readonly rssMb: number;
}

/** The agent with nobody listening: with all plugins, with none, and what each of them adds. Process time, kernel's included. */
export async function idle(): Promise<void> {
  const agent = (name: string, without: readonly string[]): Subject => ({
    name,
    without,
    command: (port) => [process.execPath, AGENT, '--port', String(port), '--log-level', 'error'],
  });
  const subjects: Subject[] = [
    { name: 'limit: bare node, a timer', command: () => [process.execPath, '-e', 'setInterval(() => {}, 1000)'] },
    agent('agent, no plugin', NAMES),
    agent('agent, all plugins', []),
  ];
  if (spawnSync(EXPORTER, ['--version'], { stdio: 'ignore' }).status === 0) {
    const command = (port: number): [string, ...string[]] => [EXPORTER, `--web.listen-address=127.0.0.1:${port}`];
    subjects.push({ name: 'node_exporter, scraped every second', command, isScraped: true });
  }
  const whole = await measured(subjects);
  const [, none, all] = whole.map(({ cpuUsPerSecond }) => cpuUsPerSecond) as [number, number, number];
  print(`idle: a whole process with nobody listening (${MEASURE_MS / 1000} s after ${SETTLE_MS / 1000} s)`, subjects, whole, all);
  const alone = NAMES.map((name) => {
    return agent(
      name,
      NAMES.filter((other) => other !== name),
    );
  });
  const each = (await measured(alone)).map((used) => ({ ...used, cpuUsPerSecond: used.cpuUsPerSecond - none }));
  print('idle: what each plugin adds to an agent without any', alone, each, all);
}

function print(title: string, subjects: readonly Subject[], used: readonly Used[], allUs: number): void {
  printTable(
    title,
    ['process', 'CPU us/s', 'CPU %', 'to all', 'RSS MB'],
    subjects.map(({ name }, row) => {
      const { cpuUsPerSecond: us, rssMb } = used[row] as Used;
      return [name, us, (us / 10_000).toFixed(3), ratio(us, allUs), rssMb];
    }),
  );
}

async function measured(subjects: readonly Subject[]): Promise<Used[]> {
  const used: Used[] = [];
  for (let at = 0; at < subjects.length; at += MOST_AT_ONCE) {
    used.push(...(await Promise.all(subjects.slice(at, at + MOST_AT_ONCE).map(measure))));
  }
  return used;
}

async function measure({ command, without = [], isScraped = false }: Subject): Promise<Used> {
  const port = await freePort();
  const [file, ...args] = command(port);
  const off = Object.fromEntries(without.map((name) => [`HOSTPULSE_PLUGINS_${name.toUpperCase()}_ENABLED`, 'false']));
  const child = spawn(file, args, { stdio: 'ignore', env: { ...process.env, ...off } });
  guard(child);
  const pid = child.pid as number;
  const scrape = isScraped ? setInterval(() => void body(`http://127.0.0.1:${port}/metrics`).catch(() => {}), 1000) : undefined;
  await sleep(SETTLE_MS);
  const [beforeUs, startMs] = [cpuUsOf(pid), performance.now()];
  await sleep(MEASURE_MS);
  const cpuUsPerSecond = ((cpuUsOf(pid) - beforeUs) / (performance.now() - startMs)) * 1000;
  const rssMb = rssBytesOf(pid) / 1e6;
  clearInterval(scrape);
  child.kill('SIGTERM');
  return { cpuUsPerSecond, rssMb };
}
