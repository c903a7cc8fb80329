/** What pressure says: the columns of its counters, and the fields of its answer with their units. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { burstGroup, burstVariables } from '../shared/burst.ts';
import { rateFields, samplingVariables } from '../shared/sampling.ts';

/** Files below /proc/pressure, and rows of a reading. */
export const RESOURCES = ['cpu', 'memory', 'io', 'irq'] as const;
/** Lines of such a file, and columns of the counters. */
export const EXTENTS = ['some', 'full'] as const;
/** Averages of a line, in the kernel's order. */
export const AVERAGES = ['avg10Ratio', 'avg60Ratio', 'avg300Ratio'] as const;

const ratio = (description: string, nullable = false) => ({ kind: 'gauge', unit: 'ratio', description, nullable }) as const;

const stalled = (description: string) =>
  ({
    description,
    nullable: true,
    fields: {
      avg10Ratio: ratio('average of 10 s, as the kernel keeps it'),
      avg60Ratio: ratio('average of 60 s'),
      avg300Ratio: ratio('average of 300 s'),
      stalledSeconds: { kind: 'counter', unit: 'seconds', description: 'since the start' },
      stalledRatio: ratio('of the interval; `null` until known', true),
    },
  }) as const;

/** What `burst` tells of a resource: `stalledRatio` of both. */
export const BURST_FIELDS = ['someStalledRatio', 'fullStalledRatio'] as const;
const burst = burstGroup({ someStalledRatio: 'ratio', fullStalledRatio: 'ratio' });

const resource = (description: string, some: string, full: string) =>
  ({
    description,
    nullable: true,
    fields: {
      some: stalled(some),
      full: stalled(full),
      rateStatus: {
        kind: 'info',
        values: ['ok', 'first', 'reset', 'gap'],
        description: '`ok`, or why `stalledRatio` is `null`: nothing to compare with yet, the counter ran backwards, no samples for long',
      },
      burst,
    },
  }) as const;

const SOME = 'share of the time in which at least one task waited for it';
const FULL = 'share of the time in which all tasks that could run waited for it';

const ownFields = {
  isSupported: { kind: 'info', type: 'boolean', description: 'false: the kernel tells nothing, and every resource is `null`' },
  reason: { kind: 'info', description: 'why it tells nothing; `null` where it does', nullable: true },
  cpu: resource('processors', SOME, 'always zero for the whole machine; `null` on kernels before 5.13'),
  memory: resource('memory: time lost to reclaiming it and to reading back what was thrown out', SOME, FULL),
  io: resource('disks', SOME, FULL),
  irq: resource('interrupts; `null` on kernels before 6.1 or without IRQ time accounting', 'never told, `null`', FULL),
} as const satisfies Fields;

export type OwnField = keyof typeof ownFields;
export const OWN_FIELDS = Object.keys(ownFields) as OwnField[];

export const fields = { ...rateFields, ...ownFields } as const satisfies Fields;

export const variables = {
  fields: { description: 'only these', example: 'cpu,memory', list: true, values: OWN_FIELDS },
  ...samplingVariables,
  ...burstVariables,
} as const satisfies Variables;
