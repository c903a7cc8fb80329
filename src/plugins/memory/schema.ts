/** What memory says: where each number stands in the kernel's files, and the fields of its answer with their units. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { rateFields, samplingVariables } from '../shared/sampling.ts';

/** Field -> line of /proc/meminfo. */
export const MEMORY_LINES = {
  totalBytes: 'MemTotal',
  availableBytes: 'MemAvailable',
  freeBytes: 'MemFree',
  buffersBytes: 'Buffers',
  cachedBytes: 'Cached',
  sharedBytes: 'Shmem',
  slabReclaimableBytes: 'SReclaimable',
  slabUnreclaimableBytes: 'SUnreclaim',
  activeBytes: 'Active',
  inactiveBytes: 'Inactive',
  dirtyBytes: 'Dirty',
  writebackBytes: 'Writeback',
  anonBytes: 'AnonPages',
  mappedBytes: 'Mapped',
  pageTablesBytes: 'PageTables',
  kernelStackBytes: 'KernelStack',
  committedBytes: 'Committed_AS',
  commitLimitBytes: 'CommitLimit',
} as const;
export const SWAP_LINES = { totalBytes: 'SwapTotal', freeBytes: 'SwapFree', cachedBytes: 'SwapCached' } as const;
export const HUGE_LINES = {
  sizeBytes: 'Hugepagesize',
  total: 'HugePages_Total',
  free: 'HugePages_Free',
  reserved: 'HugePages_Rsvd',
  surplus: 'HugePages_Surp',
  transparentBytes: 'AnonHugePages',
} as const;
export const LINES = [...new Set([MEMORY_LINES, SWAP_LINES, HUGE_LINES].flatMap((lines) => Object.values(lines)))];

/** Lines of /proc/vmstat, in the order of the counters. All of them only rise. */
export const COUNTERS = ['pswpin', 'pswpout', 'pgmajfault', 'oom_kill'] as const;

const bytes = (description: string) => ({ kind: 'gauge', unit: 'bytes', description, nullable: true }) as const;
const gauge = (unit: string, description: string) => ({ kind: 'gauge', unit, description, nullable: true }) as const;
const counter = (unit: string, description: string) => ({ kind: 'counter', unit, description, nullable: true }) as const;

const swapFields = {
  totalBytes: bytes('0 without swap'),
  freeBytes: bytes('of it'),
  usedBytes: bytes('`totalBytes` - `freeBytes`'),
  usedRatio: gauge('ratio', 'of `totalBytes`; `null` without swap'),
  cachedBytes: bytes('in swap and in memory, too'),
  inPages: counter('pages', 'read from swap since the start'),
  outPages: counter('pages', 'written to swap since the start'),
  inPagesPerSecond: gauge('pages/s', 'over `intervalMs`; `null` until known'),
  outPagesPerSecond: gauge('pages/s', 'over `intervalMs`; `null` until known'),
} as const satisfies Fields;

const hugeFields = {
  sizeBytes: bytes('of one page'),
  total: gauge('pages', 'set aside'),
  free: gauge('pages', 'of them, not in use'),
  reserved: gauge('pages', 'free but promised'),
  surplus: gauge('pages', 'above what was set aside'),
  transparentBytes: bytes('in huge pages that nobody asked for (AnonHugePages)'),
} as const satisfies Fields;

const ownFields = {
  totalBytes: { ...bytes('of the machine, less what the kernel keeps for itself'), nullable: false },
  availableBytes: bytes('that programs can have without swapping: MemAvailable'),
  availableStatus: {
    kind: 'info',
    values: ['ok', 'unsupported'],
    description:
      '`unsupported`: the kernel is older than 3.14 and does not tell; an estimate from the other lines would be wrong by gigabytes',
  },
  usedBytes: bytes('`totalBytes` - `availableBytes`; `null` with it'),
  usedRatio: gauge('ratio', 'of `totalBytes`; `null` with `availableBytes`'),
  freeBytes: bytes('used for nothing at all; little on a healthy machine'),
  buffersBytes: bytes('raw blocks of disks'),
  cachedBytes: bytes('contents of files, shared memory included'),
  sharedBytes: bytes('tmpfs and shared memory'),
  slabReclaimableBytes: bytes("the kernel's caches that it gives up when asked"),
  slabUnreclaimableBytes: bytes("the kernel's own"),
  activeBytes: bytes('used lately'),
  inactiveBytes: bytes('not used lately'),
  dirtyBytes: bytes('to be written to disk'),
  writebackBytes: bytes('on its way to disk'),
  anonBytes: bytes('of programs, in no file: heaps and stacks'),
  mappedBytes: bytes('files that programs have mapped'),
  pageTablesBytes: bytes('what it takes to know whose page is where'),
  kernelStackBytes: bytes("of the kernel's threads"),
  committedBytes: bytes('promised to programs'),
  commitLimitBytes: bytes('that can be promised where overcommitting is off'),
  majorFaults: counter('faults', 'pages that had to be read from disk, since the start'),
  majorFaultsPerSecond: gauge('faults/s', 'over `intervalMs`; `null` until known'),
  oomKills: counter('processes', 'killed for want of memory since the start; `null` on kernels before 4.13'),
  rateStatus: {
    kind: 'info',
    values: ['ok', 'first', 'reset', 'gap'],
    description:
      '`ok`, or why all rates are `null`: `first` (nothing to compare with yet), `reset` (a counter ran backwards), ' +
      '`gap` (the host slept, or no sample was taken for long)',
  },
  swap: { description: 'swap space', fields: swapFields },
  hugePages: { description: 'huge pages', fields: hugeFields },
} as const satisfies Fields;

export type OwnField = keyof typeof ownFields;
export const OWN_FIELDS = Object.keys(ownFields) as OwnField[];

export const fields = { ...rateFields, ...ownFields } as const satisfies Fields;

export const variables = {
  fields: { description: 'only these', example: 'availableBytes,swap', list: true, values: OWN_FIELDS },
  ...samplingVariables,
} as const satisfies Variables;
