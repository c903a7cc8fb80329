import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { guard, type Measured, sleep, startPart } from './kit/process.ts';
import { body } from './kit/requests.ts';
import { quantile } from './kit/rounds.ts';
import { printTable } from './kit/table.ts';
import { KEPT_MS, startSoakAgent } from './soak-agent.ts';
import type { Counts, Pace } from './soak-clients.ts';
import type { LineCounts } from './soak-line.ts';

const PACE: Pace = { subscribes: 1000, connects: 100, polls: 50, deaf: 4 };
const WARM_MS = 30_000;
const RELOAD_MS = 7000;

/** Clients that come, go, do not read or are cut, all together: does anything of them stay? */
export async function soak(minutes: number): Promise<void> {
  const agent = startSoakAgent();
  const url = await agent.ready;
  const crowd = new Crowd(url);
  await crowd.ready;
  await crowd.during(WARM_MS);
  const memory = [await memoryOf(agent, url)];
  const before = await crowd.counts();
  const prober = startPart('prober', [`${url}/health`]);
  await prober.ready;
  const cpuUs = await agent.cpuUsDuring(async () => {
    for (let half = 0; half < 2; half++) {
      await crowd.during(minutes * 30_000);
      memory.push(await memoryOf(agent, url));
    }
  });
  const after = await crowd.counts();
  const getMs = await prober.ask<number[]>('took');
  await prober.stop();
  const { sessions } = JSON.parse(String(await body(`${url}/plugins`)));
  const seconds = minutes * 60;
  printTable(
    `soak: ${minutes} minutes; ${((cpuUs / seconds / 1e6) * 100).toFixed(0)} % of a core, ${crowd.reloads} reloads`,
    ['', 'in all', 'per second'],
    (['subscribes', 'connects', 'polls', 'toldSlow', 'cut', 'python', 'values', 'gaps', 'connections'] as const).map((name) => {
      const count = after[name] - before[name];
      return [LABELS[name], String(count), count / seconds];
    }),
  );
  printTable(
    'soak: the agent with nobody connected',
    ['', 'start', 'middle', 'end'],
    (['heap MB', 'resident MB', 'open files'] as const).map((name) => [name, ...memory.map((point) => point[name])]),
  );
  const [p50, p99, most] = [0.5, 0.99, 1].map((share) => quantile(getMs, share).toFixed(1));
  console.log(`\na GET of /health took meanwhile: p50 ${p50} ms, p99 ${p99} ms, at most ${most} ms`);
  console.log(`sessions: ${JSON.stringify(sessions)}\npython3-websockets that did not read were closed with: ${crowd.codes.join(' ')}`);
  if (after.failures.length > 0) console.log(`failures: ${after.failures.join('\n')}`);
  await crowd.stop();
  await agent.stop();
}

const LABELS = {
  subscribes: 'subscribed and unsubscribed',
  connects: 'connected and closed',
  polls: 'polls',
  toldSlow: 'did not read: closed with 1013',
  cut: 'did not read: cut',
  python: 'did not read: python3-websockets',
  values: 'behind a bad line: values',
  gaps: 'behind a bad line: gaps',
  connections: 'behind a bad line: connections',
} as const;

async function memoryOf(agent: Measured, url: string) {
  const open = async () => JSON.parse(String(await body(`${url}/plugins`))).sessions.open as number;
  while ((await open()) > 0) await sleep(100);
  await sleep(KEPT_MS);
  await agent.usage({ afterGc: true });
  await sleep(1000);
  const { heapBytes, rssBytes } = await agent.usage({ afterGc: true });
  const files = readdirSync(`/proc/${agent.child.pid}/fd`).length;
  return { 'heap MB': heapBytes / 1e6, 'resident MB': rssBytes / 1e6, 'open files': files };
}

/** All clients together, and reloads now and then. */
class Crowd {
  readonly ready: Promise<unknown>;
  readonly codes: string[] = [];
  reloads = 0;
  readonly #url: string;
  readonly #clients: Measured;
  readonly #line: Measured;

  constructor(url: string) {
    this.#url = url;
    this.#clients = startPart('soak-clients', [url]);
    this.#line = startPart('soak-line', [url]);
    this.ready = Promise.all([this.#clients.ready, this.#line.ready]);
  }

  async during(ms: number): Promise<void> {
    await Promise.all([this.#clients.ask(`go ${JSON.stringify(PACE)}`), this.#line.ask('go')]);
    const python = this.#python();
    const reloading = setInterval(() => {
      const what = this.reloads++ % 4 === 0 ? 'all' : 'flood';
      fetch(`${this.#url}/reload/${what}`, { method: 'POST' }).catch(() => {});
    }, RELOAD_MS);
    await sleep(ms);
    clearInterval(reloading);
    python.kill('SIGKILL');
    await Promise.all([this.#clients.ask('stop'), this.#line.ask('stop')]);
  }

  async counts() {
    const [clients, line] = [await this.#clients.ask<Counts>('counts'), await this.#line.ask<LineCounts>('stop')];
    return { ...clients, ...line, python: this.codes.length };
  }

  async stop(): Promise<void> {
    for (const part of [this.#clients, this.#line]) await part.stop();
  }

  #python(): ChildProcess {
    const child = spawn('/usr/bin/python3', ['bench/soak-deaf.py', `${this.#url.replace('http', 'ws')}/flood`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    guard(child);
    child.stdout.on('data', (text: Buffer) => this.codes.push(...(String(text).match(/\S+/g) ?? [])));
    return child;
  }
}
