/** Clients that come, go, and do not read, in a process that is not measured. Asked over IPC: `go {...}`, `stop`, `counts`. */
import { Agent, get } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { openAndClose, openRaw } from './kit/raw-socket.ts';
import { Stream } from './kit/stream-socket.ts';

/** Of each so many in a second. */
export interface Pace {
  readonly subscribes: number;
  readonly connects: number;
  readonly polls: number;
  /** So many at a time do not read. */
  readonly deaf: number;
  /** Only this one; else all in turns. */
  readonly question?: string;
  /** Where it is connected to; else to /stream and to topics in turns. */
  readonly path?: string;
}

export interface Counts {
  readonly subscribes: number;
  readonly connects: number;
  readonly polls: number;
  /** Those who did not read, by how that ended. */
  readonly toldSlow: number;
  readonly cut: number;
  readonly failures: readonly string[];
}

const STREAMS = 8;
const MOST_AT_ONCE = 200;
/** Long enough for the buffers of both ends to be full, and for the agent's patience. */
const DEAF_MS = 10_000;
const ENOUGH = 10;

/** Every kind of question; n tells the one from the other. */
const QUESTIONS: Readonly<Record<string, (n: number) => object>> = {
  'the same': () => ({ topic: 'netinfo' }),
  'ever new filters': (n) => ({ topic: 'netinfo', query: { iface: `x${n}` } }),
  'ninety intervals': (n) => ({ topic: 'netinfo', query: { interval: `${100 + 10 * (n % 90)}ms` } }),
  'a path into it': () => ({ topic: 'memory/usage/usedRatio' }),
  'events since 0': () => ({ topic: 'netinfo/events', query: { since: 0 } }),
  'the last 3 s': () => ({ topic: 'netinfo', query: { last: '3s' } }),
  'ever new conditions': (n) => ({ topic: 'netinfo', query: { when: `rxBytesPerSecond>${n}` } }),
};
export const QUESTION_NAMES = Object.keys(QUESTIONS);
const PATHS: readonly ((n: number) => string)[] = [
  (n) => `/netinfo?iface=x${n}`,
  (n) => `/netinfo?iface=y${n}&last=2s`,
  (n) => `/netinfo/history?last=5s&fields=rxBytesPerSecond&iface=z${n}`,
  () => '/netinfo/events?since=0',
  (n) => `/flood?n=${n}`,
  () => '/plugins',
];
const SAMPLES = { accept: 'application/vnd.hostpulse.samples+json' };

export function soakClients(url: string): void {
  const wsUrl = url.replace('http', 'ws');
  const counts = { subscribes: 0, connects: 0, polls: 0, toldSlow: 0, cut: 0, failures: [] as string[] };
  const stops: (() => Promise<void>)[] = [];
  const fail = (error: unknown) => {
    if (counts.failures.length < ENOUGH) counts.failures.push(String(error));
  };
  const go = (pace: Pace) => {
    const asked = pace.question === undefined ? QUESTION_NAMES : [pace.question];
    const questionOf = (n: number) => QUESTIONS[asked[n % asked.length] as string]?.(n) ?? {};
    const pathOf = (n: number) => pace.path ?? (n % 2 ? '/stream' : `/netinfo?iface=${n % 4 ? 'eth*' : `x${n}`}`);
    const streams = Array.from({ length: pace.subscribes > 0 ? STREAMS : 0 }, () => new Stream(`${wsUrl}/stream`, fail));
    const connections = new Agent({ keepAlive: true });
    const works = {
      subscribes: (n: number) => (streams[n % STREAMS] as Stream).subscribeOnce(`s${n}`, questionOf(n)),
      connects: (n: number) => openAndClose(wsUrl + pathOf(n)),
      polls: (n: number) => poll(url, n, connections),
    };
    for (const kind of ['subscribes', 'connects', 'polls'] as const) {
      const work = async (n: number) => {
        await works[kind](n);
        counts[kind]++;
      };
      if (pace[kind] > 0) stops.push(atPace(pace[kind], work, fail));
    }
    const paces = stops.splice(0);
    stops.push(async () => {
      await Promise.all(paces.map((stop) => stop()));
      for (const stream of streams) await stream.close();
      connections.destroy();
    });
    for (let i = 0; i < pace.deaf; i++) stops.push(staysDeaf(`${wsUrl}/flood`, counts));
  };
  process.on('message', async (text: string) => {
    const [word = '', rest = ''] = text.split(/ (.*)/s);
    if (word === 'go') go(JSON.parse(rest));
    if (word === 'stop') {
      const ending = stops.splice(0).map((stop) => stop());
      await Promise.all(ending);
    }
    process.send?.(counts);
  });
  process.channel?.ref();
  console.log('ready');
}

/** Begins so many in a second, in bunches, and no more than so many before others have ended. @returns how to end it */
function atPace(perSecond: number, work: (n: number) => Promise<void>, fail: (error: unknown) => void): () => Promise<void> {
  let [begun, running, skipped] = [0, 0, 0];
  const startMs = performance.now();
  const timer = setInterval(() => {
    const due = ((performance.now() - startMs) / 1000) * perSecond - skipped;
    while (begun < due && running < MOST_AT_ONCE) {
      running++;
      work(begun++)
        .catch(fail)
        .finally(() => running--);
    }
    // What could not be begun in time is not made up for.
    if (begun < due) skipped += due - begun;
  }, 10);
  return async () => {
    clearInterval(timer);
    while (running > 0) await sleep(20);
  };
}

function poll(url: string, n: number, agent: Agent): Promise<void> {
  const path = (PATHS[n % PATHS.length] as (n: number) => string)(n);
  return new Promise((resolve, reject) => {
    const request = get(url + path, { agent, headers: n % 4 === 0 && n % PATHS.length < 2 ? SAMPLES : {} }, (response) => {
      const { statusCode = 0 } = response;
      response.resume().once('error', reject);
      // 204: nothing was published yet of what nobody had asked before.
      response.once('end', () => (statusCode === 200 || statusCode === 204 ? resolve() : reject(new Error(`${path}: ${statusCode}`))));
    });
    request.once('error', (error) => reject(new Error(`${path}: ${error.message}`)));
  });
}

/** Reads nothing until it is too late, again and again. */
function staysDeaf(url: string, counts: { toldSlow: number; cut: number }): () => Promise<void> {
  const stopped = new AbortController();
  const turns = (async () => {
    while (!stopped.signal.aborted) {
      const { socket } = await openRaw(url);
      socket.pause();
      await sleep(DEAF_MS, undefined, { signal: stopped.signal }).catch(() => {});
      let end = Buffer.alloc(0);
      const closed = new Promise((resolve) => socket.once('close', resolve));
      socket.on('data', (chunk: Buffer) => {
        end = Buffer.concat([end, chunk]).subarray(-200);
      });
      if (stopped.signal.aborted) return void socket.destroy();
      socket.resume();
      await closed;
      if (end.includes(Buffer.from([0x03, 0xf5]))) counts.toldSlow++;
      else counts.cut++;
    }
  })();
  return async () => {
    stopped.abort();
    await turns.catch(() => {});
  };
}
