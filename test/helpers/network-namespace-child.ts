/** What tests run inside a network namespace: `watch` is netinfo at work there, `send` a sender of a known pace. */
import { createSocket } from 'node:dgram';
import { setTimeout } from 'node:timers/promises';
import NetInfo from '../../src/plugins/netinfo/plugin.ts';
import { contextOf } from './plugins.ts';

const say = (line: object) => process.stdout.write(`${JSON.stringify(line)}\n`);

async function watch(interval: string, burst?: string): Promise<void> {
  const silent = {
    debug() {},
    info() {},
    warn() {},
    error: (fields: object | string) => say({ error: String((fields as { err?: Error }).err?.stack ?? fields) }),
  };
  const netinfo = new NetInfo(
    contextOf({ intervalMs: 200, shortestIntervalMs: 50, historyMs: 10_000, historyBytes: 1_000_000 }, { log: silent }),
  );
  await netinfo.initialize();
  const { rates, events } = netinfo.observables();
  events.values({}).subscribe((event) => say({ event }));
  rates.values(burst ? { interval, burst } : { interval }).subscribe((snapshot) => say({ snapshot }));
}

/** Packets go out on a schedule that does not drift, in the first part of every second: one that is late is caught up with. */
async function send(address: string, packetBytes: number, packetsPerSecond: number, onMs: number): Promise<void> {
  const socket = createSocket('udp4');
  const payload = Buffer.alloc(packetBytes);
  const startMs = performance.now();
  for (let sent = 0; ; ) {
    const sinceMs = performance.now() - startMs;
    const sendingMs = Math.floor(sinceMs / 1000) * onMs + Math.min(onMs, sinceMs % 1000);
    const due = Math.floor((sendingMs / 1000) * packetsPerSecond);
    const packets = Array.from({ length: due - sent }, () => new Promise((resolve) => socket.send(payload, 9, address, resolve)));
    await Promise.all(packets);
    sent = due;
    await setTimeout(2);
  }
}

// Whoever started this is gone when its standard input ends.
process.stdin.on('end', () => process.exit(0)).resume();
const [mode, first = '', ...numbers] = process.argv.slice(2);
if (mode === 'watch') await watch(first, numbers[0]);
else await send(first, Number(numbers[0]), Number(numbers[1]), Number(numbers[2]));
