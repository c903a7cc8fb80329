/** What cpu says: the columns of its counters, and the fields of its answer with their units. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { burstGroup, burstVariables, parametersWithBursts } from '../shared/burst.ts';
import { rateFields, samplingVariables } from '../shared/sampling.ts';

/**
 * Order of the counters of a core. The first never decrease; the last three legally may, by a little: the kernel takes
 * idle and iowait of an idle core from a clock, of a busy one from ticks, and steal from what the hypervisor says.
 */
export const MODES = ['user', 'nice', 'system', 'irq', 'softirq', 'guest', 'guestNice', 'idle', 'iowait', 'steal'] as const;
export const MONOTONIC_MODES = 7;
/** Counters of the whole machine, in the first columns of their row. */
export const ACTIVITIES = ['contextSwitches', 'interrupts', 'forks'] as const;
/** Rows of a reading; cores follow. */
export const TOTAL_ROW = 0;
export const ACTIVITY_ROW = 1;
export const FIRST_CORE_ROW = 2;

/**
 * Ticks per second in /proc/stat. Not the kernel's own HZ: what it tells user space is scaled to USER_HZ, which is part
 * of the ABI and 100 on every architecture that Node runs on.
 */
export const USER_HZ = 100;

const seconds = (description: string) => ({ kind: 'counter', unit: 'seconds', description, nullable: true }) as const;
const ratio = (description: string) => ({ kind: 'gauge', unit: 'ratio', description, nullable: true }) as const;
const counter = (unit: string, description: string) => ({ kind: 'counter', unit, description, nullable: true }) as const;
const gauge = (unit: string, description: string) => ({ kind: 'gauge', unit, description, nullable: true }) as const;

/** What stands for whom: a core, or the sum of all. */
const usageFields = {
  usedRatio: ratio('neither idle nor waiting for a disk: 1 - `idleRatio` - `iowaitRatio`; contains what the hypervisor took'),
  userRatio: ratio('programs; contains `guestRatio`, as the kernel counts'),
  niceRatio: ratio('programs at low priority; contains `guestNiceRatio`'),
  systemRatio: ratio('the kernel'),
  idleRatio: ratio('nothing'),
  iowaitRatio: ratio('nothing, while something waited for a disk'),
  irqRatio: ratio('interrupts'),
  softirqRatio: ratio('what interrupts left to do'),
  stealRatio: ratio('taken by the hypervisor for others; `null` on kernels before 2.6.11'),
  guestRatio: ratio('virtual machines run here; contained in `userRatio`'),
  guestNiceRatio: ratio('virtual machines at low priority; contained in `niceRatio`'),
  userSeconds: seconds('since the start; contains `guestSeconds`'),
  niceSeconds: seconds('contains `guestNiceSeconds`'),
  systemSeconds: seconds('the kernel'),
  idleSeconds: seconds('may decrease a little'),
  iowaitSeconds: seconds('may decrease a little'),
  irqSeconds: seconds('interrupts'),
  softirqSeconds: seconds('what interrupts left to do'),
  stealSeconds: seconds('taken by the hypervisor'),
  guestSeconds: seconds('virtual machines'),
  guestNiceSeconds: seconds('virtual machines at low priority'),
  rateStatus: {
    kind: 'info',
    values: ['ok', 'first', 'reset', 'gap', 'short'],
    description:
      '`ok`, or why the ratios are `null`: `first` (nothing to compare with yet), `reset` (counters ran backwards, or for the total: ' +
      'a core went or came), `gap` (the host slept, or no sample was taken for long), `short` (no tick was counted in the interval)',
  },
} as const satisfies Fields;

export type UsageField = keyof typeof usageFields;

/** Shares of the time, which `burst` tells, too. */
export const RATIOS = [
  'usedRatio',
  'userRatio',
  'niceRatio',
  'systemRatio',
  'idleRatio',
  'iowaitRatio',
  'irqRatio',
  'softirqRatio',
  'stealRatio',
  'guestRatio',
  'guestNiceRatio',
] as const;
const burst = burstGroup(Object.fromEntries(RATIOS.map((field) => [field, 'ratio'])) as Record<(typeof RATIOS)[number], string>);

/** The kernel tells ticks of 10 ms: of a shorter step it would tell a few at most. */
export const parameterSchema = {
  ...parametersWithBursts,
  shortestBurstMs: { ...parametersWithBursts.shortestBurstMs, default: 100 },
} as const;

const coreFields = {
  core: { kind: 'info', description: "the kernel's number of it" },
  ...usageFields,
  frequencyHertz: gauge(
    'hertz',
    'as cpufreq says, each core at least every 15 s; without cpufreq as /proc/cpuinfo said at the start; `null` where neither tells',
  ),
} as const satisfies Fields;

export type CoreField = keyof typeof coreFields;
export const CORE_FIELDS = Object.keys(coreFields) as CoreField[];

export const fields = {
  ...rateFields,
  total: { description: 'all cores together, ratios of their sum', fields: { ...usageFields, burst } },
  cores: { description: 'one object per core that is online', identity: 'core', each: { ...coreFields, burst } },
  contextSwitches: counter('switches', 'since the start'),
  contextSwitchesPerSecond: gauge('switches/s', 'over `intervalMs`; `null` until known'),
  interrupts: counter('interrupts', 'served since the start'),
  interruptsPerSecond: gauge('interrupts/s', 'over `intervalMs`; `null` until known'),
  forks: counter('processes', 'processes and threads made since the start'),
  forksPerSecond: gauge('processes/s', 'over `intervalMs`; `null` until known'),
  rateStatus: {
    kind: 'info',
    values: ['ok', 'first', 'reset', 'gap'],
    description: 'of these three rates: `ok`, or why they are `null`, as above',
  },
  processesRunning: gauge('processes', 'threads that run or wait for a core; `null` where the system does not tell'),
  processesBlocked: gauge('processes', 'threads that wait for a disk; `null` where the system does not tell'),
  load1: gauge('threads', 'running, or waiting for a core or a disk: average of 1 minute; `null` where there is none (Windows)'),
  load5: gauge('threads', 'average of 5 minutes'),
  load15: gauge('threads', 'average of 15 minutes'),
  logicalCores: { kind: 'gauge', unit: 'cores', description: 'online' },
  physicalCores: gauge('cores', 'threads of one core count once; `null` where the topology is not told'),
  model: { kind: 'info', description: 'as the processor calls itself; `null` where it does not', nullable: true },
} as const satisfies Fields;

export const variables = {
  core: { description: 'only these cores', example: '0,1', list: true },
  fields: { description: 'only these fields of the total and of a core', example: 'core,usedRatio', list: true, values: CORE_FIELDS },
  ...samplingVariables,
  burst: { ...burstVariables.burst, example: '100ms' },
} as const satisfies Variables;
