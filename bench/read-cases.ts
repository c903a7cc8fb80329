/** The measured side of `read`: runs inside the namespace and prints its figures as JSON. */
import { openSync, readFileSync, readSync } from 'node:fs';
import { Host } from '../src/core/host.ts';
import type { Links } from '../src/plugins/netinfo/link.ts';
import { LinuxSource } from '../src/plugins/netinfo/linux-source.ts';
import { MONOTONIC_COLUMNS } from '../src/plugins/netinfo/schema.ts';
import { toSnapshot } from '../src/plugins/netinfo/snapshot.ts';
import { encodeOnce } from '../src/streams/frame.ts';
import { counterRate } from '../src/streams/sampling/counter-rate.ts';
import type { Reading } from '../src/streams/sampling/counter-table.ts';
import { EpochTracker } from '../src/streams/sampling/epoch-tracker.ts';
import { cpuPerCall } from './kit/rounds.ts';

const PATH = '/proc/self/net/dev';
/** systeminformation keeps its answer for half a second; a call sooner measures nothing. */
const UNCACHED_MS = 550;
const SYSTEMINFORMATION_CALLS = 5;

export interface ReadFigures {
  readonly interfaces: number;
  readonly limit: number;
  readonly plain: number;
  readonly source: number;
  readonly tick: number;
  readonly readFile: number;
  readonly inspect: number;
  readonly snapshot: number;
  readonly encode: number;
  /** Its processes included. */
  readonly systeminformation: number | null;
}

export async function measure(withSysteminformation: boolean): Promise<ReadFigures> {
  const source = new LinuxSource(new Host({ procfs: '/proc', sysfs: '/sys' }));
  const { bytes, readAll } = openFile();
  const tick = ticker(source);
  const interfaces = source.read().names.length;
  const links = inspect(source);
  tick();
  const sample = tick();
  const view = { iface: null, kinds: null, fields: null, unit: 'bytes', key: '' } as const;
  const figures = cpuPerCall(
    {
      limit: readAll,
      plain: () => toNumbers(bytes.toString('latin1', 0, readAll())),
      source: () => source.read(),
      tick,
      readFile: () => toNumbers(readFileSync(PATH, 'latin1')),
    },
    { rounds: 31, roundUs: 20_000 },
  );
  const rest = cpuPerCall(
    {
      inspect: () => inspect(source),
      snapshot: () => toSnapshot(sample, links, 'host', view),
      encode: () => encodeOnce({ ...toSnapshot(sample, links, 'host', view) }),
    },
    { rounds: 11, roundUs: 20_000 },
  );
  source.close();
  const systeminformation = withSysteminformation ? await networkStats() : null;
  return { interfaces, ...figures, ...rest, encode: rest.encode - rest.snapshot, systeminformation };
}

/** All that a tick does: the read, who counts on, and the rates. */
function ticker(source: LinuxSource) {
  const epochs = new EpochTracker(MONOTONIC_COLUMNS);
  let previous: Reading | null = null;
  let sequence = 0;
  return () => {
    const table = source.read();
    const { names, keys, counters, width } = table;
    const reading: Reading = {
      names,
      keys,
      counters,
      width,
      sequence: ++sequence,
      timestampMs: Date.now(),
      monotonicMs: performance.now(),
      epochs: epochs.track(table),
      sleeps: 0,
    };
    const sample = counterRate(previous, reading);
    previous = reading;
    return sample;
  };
}

function openFile() {
  const fd = openSync(PATH, 'r');
  const bytes = Buffer.allocUnsafeSlow(1024 * 1024);
  const readAll = () => {
    let length = 0;
    for (let count = -1; count !== 0; length += count) count = readSync(fd, bytes, length, bytes.length - length, length);
    return length;
  };
  return { bytes, readAll };
}

function toNumbers(text: string): [name: string, numbers: number[]][] {
  const lines = text.split('\n').slice(2, -1);
  return lines.map((line) => {
    const colon = line.indexOf(':');
    const numbers = line
      .slice(colon + 1)
      .trim()
      .split(/ +/);
    return [line.slice(0, colon).trim(), numbers.map(Number)];
  });
}

async function networkStats(): Promise<number> {
  const { networkStats } = await import('systeminformation');
  await networkStats('*');
  const before = cpuWithChildrenUs();
  for (let call = 0; call < SYSTEMINFORMATION_CALLS; call++) {
    await new Promise((resolve) => setTimeout(resolve, UNCACHED_MS));
    await networkStats('*');
  }
  return (cpuWithChildrenUs() - before) / SYSTEMINFORMATION_CALLS;
}

function cpuWithChildrenUs(): number {
  const TICK_US = 10_000;
  const fields = readFileSync('/proc/self/stat', 'latin1')
    .replace(/^.*\) /, '')
    .split(' ');
  return [11, 12, 13, 14].reduce((sum, field) => sum + Number(fields[field]), 0) * TICK_US;
}

/** A whole look in one go. */
function inspect(source: LinuxSource): Links {
  const walk = source.inspect();
  for (;;) {
    const { value, done } = walk.next();
    if (done) return value;
  }
}
