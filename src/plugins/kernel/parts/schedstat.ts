import type { Host } from '../../../core/base-plugin.ts';
import { integerOf, KernelFile, linesOf, wordsOf } from './kernel-file.ts';
import { counter, info, labelled, type Part } from './part.ts';

interface CpuSchedstat {
  readonly cpu: string;
  readonly runningSeconds: number;
  readonly waitingSeconds: number;
  readonly timeslices: number;
}

const PATH = '/proc/schedstat';
/** In earlier versions (kernels before 2.6.30) other counters stand in these columns. */
const FIRST_VERSION = 15;
const byCpu = labelled('cpu');

export const schedstat = {
  collector: 'schedstat',
  absence: 'the kernel was built without CONFIG_SCHEDSTATS',
  declared: {
    description: 'what the scheduler did, core by core',
    identity: 'cpu',
    nullable: true,
    each: {
      cpu: info("the kernel's number of the core"),
      runningSeconds: counter('seconds', 'that threads ran on it'),
      waitingSeconds: counter('seconds', 'that threads waited for it, each counted'),
      timeslices: counter('slices', 'of time that it gave'),
    },
  },
  open(host: Host) {
    const file = new KernelFile(`${host.procfs}/schedstat`, 16_384);
    const read = () => {
      const text = file.text();
      return text === null ? null : parseSchedstat(text);
    };
    return { read, close: () => file.close() };
  },
  toAnswer: (cpus) => cpus,
  tell(cpus, metrics) {
    const running = metrics.counter('node_schedstat_running_seconds_total', 'Number of seconds CPU spent running a process.');
    const waiting = metrics.counter('node_schedstat_waiting_seconds_total', 'Number of seconds spent by processing waiting for this CPU.');
    const timeslices = metrics.counter('node_schedstat_timeslices_total', 'Number of timeslices executed by CPU.');
    for (const told of cpus) {
      const labels = byCpu(told.cpu);
      running.add(told.runningSeconds, labels);
      waiting.add(told.waitingSeconds, labels);
      timeslices.add(told.timeslices, labels);
    }
  },
} as const satisfies Part<readonly CpuSchedstat[]>;

export function parseSchedstat(text: string): CpuSchedstat[] {
  const lines = linesOf(text, PATH);
  const version = /^version (\d+)$/.exec(lines[0] ?? '')?.[1];
  if (!(Number(version) >= FIRST_VERSION))
    throw new Error(`${PATH} is of version '${version ?? 'none'}'; known are those from ${FIRST_VERSION}`);
  return lines.flatMap((line) => {
    if (!line.startsWith('cpu')) return [];
    const words = wordsOf(line);
    const [running, waiting, timeslices] = [7, 8, 9].map((at) => integerOf(words[at], PATH)) as [number, number, number];
    return [{ cpu: (words[0] as string).slice(3), runningSeconds: running / 1e9, waitingSeconds: waiting / 1e9, timeslices }];
  });
}
