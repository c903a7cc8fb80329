import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import { AGENT, Measured, sleep } from './kit/process.ts';
import { printTable } from './kit/table.ts';

const TURNS = [100, 200, 300] as const;
const SUBSCRIBERS = 10;

interface Case {
  readonly name: string;
  readonly file: string;
  /** What is written before the nth reload; null: the file stays as it is. */
  readonly source: (turn: number) => string | null;
  readonly subscribers?: number;
  readonly wanted?: string;
}

const plugin = (turn: number, members = '') => `import { BasePlugin } from 'hostpulse/plugin';
import { interval } from 'rxjs';
export const turn = ${turn};
export default class Probe extends BasePlugin {
  requestHandler() { return [200, { turn }]; }
  observables() { return { ticks: interval(100) }; }
  ${members}
}
`;
const first = (text: string) => (turn: number) => (turn === 0 ? text : null);
const leaking = 'initialize() { setInterval(() => {}, 1000); this.plugins.observe("probe").subscribe(); }';

const CASES: readonly Case[] = [
  { name: 'unchanged .js', file: 'probe.js', source: first(plugin(0)) },
  { name: 'unchanged .js, ten sockets', file: 'probe.js', source: first(plugin(0)), subscribers: SUBSCRIBERS },
  { name: 'unchanged .js that leaks a timer and a subscription', file: 'probe.js', source: first(plugin(0, leaking)) },
  { name: 'unchanged .js, all plugins', file: 'probe.js', source: first(plugin(0)), wanted: 'all' },
  { name: '.js edited each time', file: 'probe.js', source: plugin },
  { name: '.ts edited each time', file: 'probe.ts', source: plugin },
  { name: '.js that fails each time', file: 'probe.js', source: first("throw new Error('no');") },
];

/** What reloads leave behind: memory after a collection, and open files. */
export async function reloads(): Promise<void> {
  const rows = [];
  for (const each of CASES) rows.push([each.name, ...(await measure(each))]);
  const head = (what: string) => ['before', ...TURNS].map((turn) => `${what} ${turn}`);
  printTable('Reloads of one plugin: megabytes, and open files', ['', ...head('heap'), ...head('resident'), 'files before', 'after'], rows);
}

async function measure({ file, source, subscribers = 0, wanted = 'probe' }: Case): Promise<number[]> {
  const directory = mkdtempSync(join(tmpdir(), 'hostpulse-bench-'));
  const write = (turn: number) => {
    const text = source(turn);
    if (text !== null) writeFileSync(join(directory, file), text);
  };
  write(0);
  const agent = new Measured([AGENT, '--port', '0', '--plugins', directory, '--log-level', 'info'], /hostpulse is at (http:\/\/[\d.:]+)/);
  const url = await agent.ready;
  const sockets = Array.from({ length: subscribers }, () => new WebSocket(`${url.replace('http', 'ws')}/probe`));
  const reload = async () => (await fetch(`${url}/reload/${wanted}`, { method: 'POST' })).text();
  // What is made with the first one stays.
  for (let warm = 0; warm < 5; warm++) await reload();
  const openFiles = () => readdirSync(`/proc/${agent.child.pid}/fd`).length;
  const memory = async () => {
    await sleep(1500);
    const { heapBytes, rssBytes } = await agent.usage({ afterGc: true });
    return [heapBytes / 1e6, rssBytes / 1e6] as const;
  };
  const filesBefore = openFiles();
  const seen = [await memory()];
  for (let turn = 1; turn <= Math.max(...TURNS); turn++) {
    write(turn);
    await reload();
    if ((TURNS as readonly number[]).includes(turn)) seen.push(await memory());
  }
  const filesAfter = openFiles();
  for (const socket of sockets) socket.terminate();
  await agent.stop();
  rmSync(directory, { recursive: true });
  return [...seen.map(([heap]) => heap), ...seen.map(([, resident]) => resident), filesBefore, filesAfter];
}
