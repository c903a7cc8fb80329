import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { Agent, get } from 'node:http';
import { createServer } from 'node:net';

/** Requests one after the other on one connection. @returns bytes of the last body */
export async function requestInARow(url: string, count: number): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  let length = 0;
  for (let i = 0; i < count; i++) length = (await body(url, agent)).length;
  agent.destroy();
  return length;
}

export function body(url: string, agent?: Agent): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    get(url, { ...(agent && { agent }) }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        if (response.statusCode === 200) resolve(Buffer.concat(chunks));
        else reject(new Error(`${url} answered ${response.statusCode}`));
      });
    }).on('error', reject);
  });
}

/** As many requests as wrk gets through in so long, on 8 connections; null without wrk. */
export function requestByWrk(url: string, seconds: number): { readonly requests: number; readonly perSecond: number } | null {
  const { stdout, status } = spawnSync('wrk', ['-t1', '-c8', `-d${seconds}s`, url], { encoding: 'utf8' });
  if (status !== 0) return null;
  return { requests: Number(/(\d+) requests in/.exec(stdout)?.[1]), perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)?.[1]) };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
