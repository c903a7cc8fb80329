import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeOnce } from '../src/streams/frame.ts';
import { type Measured, sleep, startAgent, startPart } from './kit/process.ts';
import { body, requestByWrk, requestInARow } from './kit/requests.ts';
import { cpuPerCall, median } from './kit/rounds.ts';
import { printTable, ratio } from './kit/table.ts';

const IN_A_ROW = 200;
const WARM_UP = 3000;
const ROUNDS = 15;
const WRK_ROUNDS = 3;
const WRK_SECONDS = 2;

interface Subject {
  readonly name: string;
  readonly server: Measured;
  readonly url: string;
}

/** CPU of the server per request, one connection and eight, and what encoding once saves. */
export async function requests(): Promise<void> {
  const agent = startAgent();
  const agentUrl = await agent.ready;
  await sleep(1500);
  const sample = await body(`${agentUrl}/netinfo`);
  const [first] = JSON.parse(sample.toString()).interfaces as [{ iface: string }];
  const directory = mkdtempSync(join(tmpdir(), 'hostpulse-bench-'));
  writeFileSync(join(directory, 'sample.json'), sample);
  const bareHttp = startPart('bare-http', ['0', String(sample.length)]);
  const bareFastify = startPart('bare-fastify', ['0', String(sample.length)]);
  const plugins = startPart('plugin-agent', [join(directory, 'sample.json')]);
  const pluginsUrl = await plugins.ready;
  rmSync(directory, { recursive: true });

  const subjects: readonly Subject[] = [
    { name: 'bare node:http, constant body', server: bareHttp, url: `${await bareHttp.ready}/` },
    { name: 'limit: bare fastify, constant body', server: bareFastify, url: `${await bareFastify.ready}/` },
    { name: 'GET /netinfo', server: agent, url: `${agentUrl}/netinfo` },
    { name: `GET /netinfo/interfaces/${first.iface}`, server: agent, url: `${agentUrl}/netinfo/interfaces/${first.iface}` },
    { name: 'a plugin, same answer, frozen', server: plugins, url: `${pluginsUrl}/frozen` },
    { name: 'a plugin, same answer, never frozen', server: plugins, url: `${pluginsUrl}/thawed` },
  ];
  await printRequests(subjects, sample.length);
  for (const { server } of subjects) await server.stop();
  printEncoding(sample.toString());
}

async function printRequests(subjects: readonly Subject[], bytes: number): Promise<void> {
  const cold: number[] = [];
  for (const { server, url } of subjects) cold.push((await server.cpuUsDuring(() => requestInARow(url, IN_A_ROW))) / IN_A_ROW);
  for (const { url } of subjects) await requestInARow(url, WARM_UP);
  const warm: number[][] = subjects.map(() => []);
  for (let round = 0; round < ROUNDS; round++)
    for (const [row, { server, url }] of subjects.entries())
      warm[row]?.push((await server.cpuUsDuring(() => requestInARow(url, IN_A_ROW))) / IN_A_ROW);
  const busy: number[][] = subjects.map(() => []);
  const perSecond: number[][] = subjects.map(() => []);
  for (let round = 0; round < WRK_ROUNDS; round++)
    for (const [row, { server, url }] of subjects.entries()) {
      const before = await server.usage();
      const done = requestByWrk(url, WRK_SECONDS);
      const after = await server.usage();
      if (!done) continue;
      busy[row]?.push((after.cpuUs - before.cpuUs) / done.requests);
      perSecond[row]?.push(done.perSecond);
    }
  const medians = subjects.map(
    (_, row) => [warm, busy, perSecond].map((rounds) => median(rounds[row] as number[])) as [number, number, number],
  );
  const [, [limitWarm, limitBusy]] = medians as [unknown, [number, number, number]];
  printTable(
    `requests: CPU microseconds of the server per request, ${bytes} bytes (${IN_A_ROW} in a row on one connection; wrk: 8 connections)`,
    ['what is asked', 'first 200', 'warm', 'to limit', 'by wrk', 'to limit', 'requests/s'],
    medians.map(([one, eight, rate], row) => [
      subjects[row]?.name ?? '',
      cold[row] ?? null,
      one,
      ratio(one, limitWarm),
      eight,
      ratio(eight, limitBusy),
      rate,
    ]),
  );
}

function printEncoding(sample: string): void {
  const rows = [2, 16, 128, 1000].map((count) => {
    const answer = JSON.parse(sample);
    answer.interfaces = Array.from({ length: count }, (_, row) => answer.interfaces[row % answer.interfaces.length]);
    const frozen = Object.freeze({ ...answer });
    const us = cpuPerCall({ thawed: () => encodeOnce(answer), frozen: () => encodeOnce(frozen) }, { rounds: 15, roundUs: 10_000 });
    return [String(count), us.thawed, us.frozen, ratio(us.thawed, us.frozen)];
  });
  printTable('requests: CPU microseconds per encoding of one sample', ['interfaces', 'never frozen', 'frozen', 'saves'], rows);
}
