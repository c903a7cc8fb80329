/** What containers says: the columns of its table, its parameters and variables, and the parts of its answer. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { burstGroup, burstVariables, parametersWithBursts } from '../shared/burst.ts';
import { rateFields, type SamplingParameters, samplingVariables, stampFields } from '../shared/sampling.ts';
import { containerFields } from './container-fields.ts';

/** Order of a container's numbers. Only the first never decreases whatever happens to it; the last are no counters at all. */
const COLUMNS = [
  'cpuSeconds',
  'cpuUserSeconds',
  'cpuSystemSeconds',
  'cpuPeriods',
  'cpuThrottledPeriods',
  'cpuThrottledSeconds',
  'oomKills',
  'readBytes',
  'writtenBytes',
  'reads',
  'writes',
  'rxBytes',
  'txBytes',
  'rxPackets',
  'txPackets',
  'rxErrors',
  'txErrors',
  'rxDropped',
  'txDropped',
  'memoryChargedBytes',
  'memoryInactiveFileBytes',
  'memoryAnonBytes',
  'memoryFileBytes',
  'swapUsedBytes',
  'pids',
] as const;
export type Column = (typeof COLUMNS)[number];
export const WIDTH = COLUMNS.length;
export const MONOTONIC_COLUMNS = 1;
export const COLUMN = Object.fromEntries(COLUMNS.map((name, column) => [name, column])) as Readonly<Record<Column, number>>;

export const RUNTIMES = ['docker', 'podman', 'containerd', 'crio', 'nspawn', 'lxc'] as const;
export type Runtime = (typeof RUNTIMES)[number];
const STATES = ['running', 'paused', 'empty'] as const;
export type State = (typeof STATES)[number];
export const EVENTS = ['added', 'removed', 'renamed', 'oomKilled', 'paused', 'resumed', 'gap'] as const;

export interface Parameters extends SamplingParameters {
  readonly socketPath: string;
}

export const parameterSchema = {
  ...parametersWithBursts,
  // Several files per container are read at each step.
  shortestBurstMs: { ...parametersWithBursts.shortestBurstMs, default: 100 },
  socketPath: {
    doc: 'Unix socket of Docker or Podman (/var/run/docker.sock), asked for names and images; empty: not asked',
    format: String,
    default: '',
  },
} as const;

/** What `burst` tells of a container. */
export const BURST_UNITS = {
  cpuRatio: 'ratio',
  cpuUserRatio: 'ratio',
  cpuSystemRatio: 'ratio',
  throttledRatio: 'ratio',
  readBytesPerSecond: 'bytes/s',
  writtenBytesPerSecond: 'bytes/s',
  readsPerSecond: 'operations/s',
  writesPerSecond: 'operations/s',
  rxBytesPerSecond: 'bytes/s',
  txBytesPerSecond: 'bytes/s',
  rxPacketsPerSecond: 'packets/s',
  txPacketsPerSecond: 'packets/s',
} as const;

export type Field = keyof typeof containerFields;
export const FIELDS = Object.keys(containerFields) as Field[];

const gauge = (unit: string, description: string) => ({ kind: 'gauge', unit, description, nullable: true }) as const;
const text = (description: string) => ({ kind: 'info', description, nullable: true }) as const;

export const fields = {
  ...rateFields,
  status: {
    kind: 'info',
    values: ['ok', 'unsupported'],
    description: '`unsupported`: there are no control groups to be seen here, and no container is told',
  },
  cgroupVersion: { ...text('how the kernel keeps control groups; `null` where `unsupported`'), values: ['v1', 'v2', 'hybrid'] },
  nameReason: text('why names and images are `null`: no `socketPath`, or what went wrong there; `null` where they are asked for'),
  containers: {
    description: 'one object per container',
    identity: 'container',
    each: { ...containerFields, burst: burstGroup(BURST_UNITS) },
  },
  totals: {
    description: 'of all that were asked for; what runs in another one of them is counted there',
    fields: {
      containers: gauge('containers', 'how many, with those within others; `null` where `status` is `unsupported`'),
      cpuRatio: gauge('ratio', 'of one core; `null` while that of one of them is unknown'),
      memoryUsedBytes: gauge('bytes', '`null` while that of one of them is unknown'),
    },
  },
} as const satisfies Fields;

const optional = (description: string) => ({ kind: 'info', description, optional: true }) as const;

export const eventFields = {
  ...stampFields,
  event: { kind: 'info', values: EVENTS, description: 'what happened, below' },
  container: text('which; `null` where it happened to the measuring of all'),
  id: optional('of the container'),
  runtime: { ...text('of the container; `null` where nothing tells'), values: RUNTIMES, optional: true },
  image: { ...text('of one that came or went; `null` where the engine is not asked'), optional: true },
  before: optional('what it was called before it was renamed'),
  kills: { kind: 'gauge', unit: 'processes', description: 'how many were killed since the sample before', optional: true },
  reason: optional('of a gap'),
  gapMs: { ...gauge('ms', 'how long a gap was'), optional: true },
} as const satisfies Fields;

export const variables = {
  container: { description: 'containers by name; `*` stands for any characters, `?` for one', example: 'web,db-*' },
  runtime: { description: 'containers of these runtimes', example: 'docker,podman', values: RUNTIMES, list: true },
  fields: { description: 'only these fields of a container', example: 'container,cpuRatio,memoryUsedBytes', values: FIELDS, list: true },
  ...samplingVariables,
  burst: { ...burstVariables.burst, example: '100ms' },
} as const satisfies Variables;
