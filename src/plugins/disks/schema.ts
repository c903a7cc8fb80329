/** What disks says: the columns of its counters, and the fields of its answer with their units. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { burstGroup, burstVariables } from '../shared/burst.ts';
import { rateFields, samplingVariables, stampFields } from '../shared/sampling.ts';

/**
 * Order of the counters of a device. The first never decrease while it lives; times may: the kernel works some of
 * them out from how many requests it believes to be under way. `inProgress` is no counter at all.
 */
export const COLUMNS = [
  'reads',
  'readsMerged',
  'readSectors',
  'writes',
  'writesMerged',
  'writtenSectors',
  'discards',
  'discardsMerged',
  'discardedSectors',
  'flushes',
  'readMs',
  'writeMs',
  'ioMs',
  'weightedIoMs',
  'discardMs',
  'flushMs',
  'inProgress',
] as const;
export type Column = (typeof COLUMNS)[number];
export const MONOTONIC_COLUMNS = 10;
/** Those that start from 0 again behind 2^32. */
export const WRAPPING_COLUMNS = 16;
/** Of everything that the block layer counts, whatever the sectors of a device are: it is the kernel's own unit. */
export const SECTOR_BYTES = 512;

/** Rates, and what is made of several of them. */
export const BURST_FIELDS = [
  'readBytesPerSecond',
  'writtenBytesPerSecond',
  'discardedBytesPerSecond',
  'readsPerSecond',
  'writesPerSecond',
  'discardsPerSecond',
  'flushesPerSecond',
  'readsMergedPerSecond',
  'writesMergedPerSecond',
  'discardsMergedPerSecond',
  'utilisedRatio',
  'averageQueueLength',
  'readAwaitMs',
  'writeAwaitMs',
  'discardAwaitMs',
  'flushAwaitMs',
] as const;

export const KINDS = ['disk', 'partition', 'md', 'dm', 'loop', 'ram', 'zram', 'nbd', 'optical', 'floppy', 'path', 'virtual'] as const;
export type Kind = (typeof KINDS)[number];
export const EVENTS = ['added', 'removed', 'reset', 'gap'] as const;

const counter = (unit: string, description: string) => ({ kind: 'counter', unit, description, nullable: true }) as const;
const gauge = (unit: string, description: string) => ({ kind: 'gauge', unit, description, nullable: true }) as const;
const text = (description: string) => ({ kind: 'info', description, nullable: true }) as const;
const flag = (description: string) => ({ kind: 'info', type: 'boolean', description, nullable: true }) as const;
const operations = (description: string) => counter('operations', description);
const perSecond = (unit: string, description: string) => gauge(`${unit}/s`, `${description}; \`null\` until known`);
const awaited = (what: string) =>
  gauge('ms', `average time of ${what} that ended within \`intervalMs\`, waiting included; \`null\` where none did`);

const deviceFields = {
  device: { kind: 'info', description: 'name, as the kernel calls it' },
  kind: { kind: 'info', values: KINDS, description: 'below' },
  readBytesPerSecond: perSecond('bytes', 'over `intervalMs`'),
  writtenBytesPerSecond: perSecond('bytes', 'over `intervalMs`'),
  discardedBytesPerSecond: perSecond('bytes', 'told to be no longer needed (TRIM)'),
  readsPerSecond: perSecond('operations', 'reads that ended'),
  writesPerSecond: perSecond('operations', 'writes that ended'),
  discardsPerSecond: perSecond('operations', 'discards that ended'),
  flushesPerSecond: perSecond('operations', 'flushes of the cache of the device'),
  readsMergedPerSecond: perSecond('operations', 'reads that became part of another'),
  writesMergedPerSecond: perSecond('operations', 'writes that became part of another'),
  discardsMergedPerSecond: perSecond('operations', 'discards that became part of another'),
  utilisedRatio: gauge(
    'ratio',
    'of the time, in which at least one request was under way; 1 is no limit for a device that serves many at once. `null` until known',
  ),
  averageQueueLength: gauge('operations', 'under way or waiting, on average; `null` until known'),
  readAwaitMs: awaited('the reads'),
  writeAwaitMs: awaited('the writes'),
  discardAwaitMs: awaited('the discards'),
  flushAwaitMs: awaited('the flushes'),
  rateStatus: {
    kind: 'info',
    values: ['ok', 'first', 'reset', 'gap'],
    description:
      '`ok`, or why all rates are `null`: `first` (nothing to compare with yet), `reset` (a counter ran backwards, or another device ' +
      'has this name now), `gap` (the host slept, or no sample was taken for three intervals, at least for two seconds more than one)',
  },
  reads: operations('ended'),
  readBytes: counter('bytes', 'read; 512 for each sector that the kernel counts'),
  readsMerged: operations('that became part of another'),
  readTimeSeconds: counter('seconds', 'sum over all reads'),
  writes: operations('ended'),
  writtenBytes: counter('bytes', 'written'),
  writesMerged: operations('that became part of another'),
  writeTimeSeconds: counter('seconds', 'sum over all writes'),
  discards: operations('ended; `null` on kernels before 4.18, as the other three'),
  discardedBytes: counter('bytes', 'discarded'),
  discardsMerged: operations('that became part of another'),
  discardTimeSeconds: counter('seconds', 'sum over all discards'),
  flushes: operations('ended; `null` on kernels before 5.5, as its time, and 0 for partitions'),
  flushTimeSeconds: counter('seconds', 'sum over all flushes'),
  inProgress: gauge('operations', 'under way at this moment'),
  ioTimeSeconds: counter('seconds', 'in which at least one was under way'),
  weightedIoTimeSeconds: counter('seconds', 'sum over all that were under way'),
  sizeBytes: gauge('bytes', '0 without a medium; `null` where sysfs does not tell, as everything below'),
  model: text('as the device calls itself'),
  serial: text('number that its maker gave it'),
  revision: text('of its firmware'),
  wwn: text('its number in all the world'),
  label: text('name under which people know it: of a logical volume, or a level of a RAID'),
  parent: text('the disk that it is a partition of'),
  rotational: flag('`true`: turns, as far as the kernel knows; virtual disks often say so'),
  removable: flag('its medium can be taken out'),
  readOnly: flag('it cannot be written to'),
  major: { kind: 'info', type: 'integer', description: "number of its driver, the first half of the device's" },
  minor: { kind: 'info', type: 'integer', description: 'its number there' },
} as const satisfies Fields;

/** What `burst` tells of a device: every rate. */
const BURST_UNITS = Object.fromEntries(BURST_FIELDS.map((field) => [field, deviceFields[field].unit])) as Record<
  (typeof BURST_FIELDS)[number],
  string
>;

export type Field = keyof typeof deviceFields;
export const FIELDS = Object.keys(deviceFields) as Field[];

export const TOTALS = ['readBytesPerSecond', 'writtenBytesPerSecond', 'readsPerSecond', 'writesPerSecond'] as const;
const total = gauge('bytes/s', '`null` while that of one of them is unknown');
const totalOperations = gauge('operations/s', '`null` while that of one of them is unknown');

export const fields = {
  ...rateFields,
  status: {
    kind: 'info',
    values: ['ok', 'unsupported'],
    description: '`unsupported`: this system does not count (there is no /proc/diskstats), and no device is told',
  },
  devices: {
    description: 'one object per device; disks where no kind is asked for',
    identity: 'device',
    each: { ...deviceFields, burst: burstGroup(BURST_UNITS) },
  },
  totals: {
    description: 'sums',
    fields: {
      disk: {
        description: 'of all of the kind `disk`: each byte once, whatever lies above',
        fields: {
          readBytesPerSecond: total,
          writtenBytesPerSecond: total,
          readsPerSecond: totalOperations,
          writesPerSecond: totalOperations,
        },
      },
    },
  },
} as const satisfies Fields;

export const eventFields = {
  ...stampFields,
  event: { kind: 'info', values: EVENTS, description: 'what happened, below' },
  device: text('name; `null` where it happened to the measuring of all'),
  kind: { kind: 'info', values: KINDS, description: 'of one that came or went', optional: true },
  sizeBytes: { ...gauge('bytes', 'of one that came or went'), optional: true },
  reason: { kind: 'info', description: 'of a gap', optional: true },
  gapMs: { ...gauge('ms', 'how long a gap was'), optional: true },
} as const satisfies Fields;

export const variables = {
  device: {
    description: 'devices by name, of whatever kind; `*` stands for any characters, `?` for one',
    example: 'sda,nvme*',
    list: true,
  },
  kind: { description: 'devices of these kinds, or `all`', example: 'disk,partition', list: true, values: [...KINDS, 'all'] },
  fields: { description: 'only these fields of a device', example: 'device,utilisedRatio', list: true, values: FIELDS },
  ...samplingVariables,
  ...burstVariables,
} as const satisfies Variables;
