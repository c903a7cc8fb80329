/** What processes says: the fields of its answer with their units, its variables and parameters. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { rateFields, samplingParameters, samplingVariables } from '../shared/sampling.ts';

/** As /proc/PID/stat has them, and as they are told. */
export const STATES = {
  R: 'running',
  S: 'sleeping',
  D: 'blocked',
  I: 'idle',
  Z: 'zombie',
  T: 'stopped',
  t: 'traced',
} as const;
export type State = (typeof STATES)[keyof typeof STATES] | 'other';
export const STATE_NAMES: readonly State[] = [...Object.values(STATES), 'other'];
/** Order of the counters of a process. They only rise while it lives. */
export const COLUMNS = ['userTicks', 'systemTicks'] as const;
/** Per second; part of what the kernel promises to programs, whatever its own clock. */
export const USER_HZ = 100;
export const MOST_TOP = 100;

export const parameterSchema = {
  ...samplingParameters,
  intervalMs: { ...samplingParameters.intervalMs, default: 10_000 },
  shortestIntervalMs: { ...samplingParameters.shortestIntervalMs, default: 1000 },
} as const;

const count = (unit: string, description: string) => ({ kind: 'gauge', unit, description, nullable: true }) as const;
const state = (description: string) => count('processes', description);

const processFields = {
  pid: { kind: 'info', type: 'integer', description: 'its number' },
  name: { kind: 'info', description: 'of its program, cut to 15 bytes by the kernel; threads of the kernel may have longer ones' },
  cpuRatio: {
    kind: 'gauge',
    unit: 'ratio',
    description: 'of one core over `intervalMs`, so 2 is two cores; `null` where it is seen for the first time',
    nullable: true,
  },
  cpuSeconds: { kind: 'counter', unit: 'seconds', description: 'since it began' },
  residentBytes: { kind: 'gauge', unit: 'bytes', description: 'of its memory that is in RAM; what it shares with others counts for each' },
  virtualBytes: { kind: 'gauge', unit: 'bytes', description: 'addresses that it has laid out' },
  threads: { kind: 'gauge', unit: 'threads', description: 'of it' },
  state: { kind: 'info', values: STATE_NAMES, description: 'as in `states`' },
  parent: { kind: 'info', type: 'integer', description: 'number of the process that began it; 0 for none' },
} as const satisfies Fields;

const top = (what: string) =>
  ({ description: `${what}; only where \`top\` was asked for`, identity: 'pid', each: processFields, optional: true }) as const;

export const fields = {
  ...rateFields,
  status: {
    kind: 'info',
    values: ['ok', 'hidden', 'unsupported'],
    description:
      "`hidden`: other users' are hidden from the agent's (`hidepid`), so how many there are is `null`, and `top` tells its own; `unsupported`: they are counted on Linux only, and every number is `null`",
  },
  total: count('processes', 'that there are, threads of the kernel included'),
  threads: count('threads', 'of all of them'),
  states: {
    description: 'processes by state',
    fields: {
      running: state('on a core, or waiting for one'),
      sleeping: state('waiting for something'),
      blocked: state('waiting for a disk or a server, and not to be disturbed'),
      idle: state('threads of the kernel with nothing to do; among the sleeping on kernels before 4.14'),
      zombie: state('ended, and their parent has not asked how'),
      stopped: state('by a signal'),
      traced: state('by a debugger'),
      other: state('in any other state'),
    },
  },
  maxProcesses: count('processes', 'numbers that the kernel gives (pid_max)'),
  maxThreads: count('threads', 'that there can be (threads-max)'),
  topByCpu: top('who used most of the processors over `intervalMs`'),
  topByMemory: top('who has most memory in RAM'),
} as const satisfies Fields;

export const variables = {
  top: { description: `so many of who used most, 1 to ${MOST_TOP}`, example: '10' },
  name: { description: 'only programs of these names; `*` stands for any characters, `?` for one', example: 'nginx*,node', list: true },
  ...samplingVariables,
  interval: { ...samplingVariables.interval, example: '2s' },
} as const satisfies Variables;
