/** What filesystems says: the fields of its answer with their units, its variables and parameters. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { historyParameters, intervalVariable, type SamplingParameters, stampFields } from '../shared/sampling.ts';

export const KINDS = ['disk', 'network', 'fuse', 'memory', 'image', 'overlay', 'file', 'pseudo'] as const;
export type Kind = (typeof KINDS)[number];
/** What is told where nothing else is asked for, beside the root whatever it is. */
export const DEFAULT_KINDS: ReadonlySet<Kind> = new Set(['disk', 'network', 'fuse']);
export const EVENTS = ['mounted', 'unmounted', 'readonly', 'writable', 'stuck', 'recovered', 'gap'] as const;
export const STATUSES = ['ok', 'stuck', 'skipped', 'denied', 'unreachable', 'failed', 'unasked'] as const;
export type Status = (typeof STATUSES)[number];

export interface Parameters extends SamplingParameters {
  readonly answerMs: number;
}

export const parameterSchema = {
  intervalMs: {
    doc: 'Pace of looking with nobody listening, and the interval of who asks for none, milliseconds',
    format: 'positiveInteger',
    default: 10_000,
  },
  shortestIntervalMs: { doc: 'Shortest interval that a client may ask for, milliseconds', format: 'positiveInteger', default: 1000 },
  ...historyParameters,
  answerMs: {
    doc: 'How long a file system may take to answer before it counts as stuck, milliseconds',
    format: 'positiveInteger',
    default: 500,
  },
} as const;

const gauge = (unit: string, description: string) =>
  ({ kind: 'gauge', unit, description: `${description}; \`null\` where \`status\` is not \`ok\``, nullable: true }) as const;
const text = (description: string) => ({ kind: 'info', description }) as const;

const mountFields = {
  mountpoint: text('where it is mounted, as the host sees it'),
  device: text('what is mounted: a device, `server:/path`, or whatever the mount was told'),
  type: text('`ext4`, `nfs4`, `fuse.sshfs` ...'),
  kind: { kind: 'info', values: KINDS, description: 'below' },
  sizeBytes: gauge('bytes', 'in all'),
  freeBytes: gauge('bytes', 'not in use, the part that is kept for root included'),
  availableBytes: gauge('bytes', 'that users other than root can still have'),
  usedBytes: gauge('bytes', '`sizeBytes` - `freeBytes`'),
  usedRatio: {
    ...gauge('ratio', ''),
    description: '`usedBytes` of what users can have, as `df` says; `null` where `status` is not `ok`, or there is no room at all',
  },
  inodes: {
    ...gauge('inodes', ''),
    description: 'files and directories that there can be; `null` as above, or where it has no such limit',
  },
  inodesFree: { ...gauge('inodes', ''), description: 'that there can still be; `null` with `inodes`' },
  inodesUsedRatio: { ...gauge('ratio', ''), description: 'of `inodes`; `null` with it' },
  readOnly: { kind: 'info', type: 'boolean', description: 'the mount or the file system itself cannot be written to' },
  status: { kind: 'info', values: STATUSES, description: '`ok`, or why there are no numbers; below' },
  error: { kind: 'info', description: 'code of the system where it refused: `EACCES`, `ESTALE` ...', nullable: true },
  duplicateOf: {
    kind: 'info',
    description: 'mountpoint under which the same file system is mounted, too, and told from; `null` for that one',
    nullable: true,
  },
  options: text('of the mount and of the file system, with commas'),
  major: { kind: 'info', type: 'integer', description: 'number of the device, first half; 0 where it is on none', nullable: true },
  minor: { kind: 'info', type: 'integer', description: 'second half', nullable: true },
} as const satisfies Fields;

export type Field = keyof typeof mountFields;
export const FIELDS = Object.keys(mountFields) as Field[];

export const fields = {
  ...stampFields,
  mounts: { description: 'one object per mountpoint', identity: 'mountpoint', each: mountFields },
} as const satisfies Fields;

const optional = (description: string) => ({ ...text(description), optional: true }) as const;

export const eventFields = {
  ...stampFields,
  event: { kind: 'info', values: EVENTS, description: 'what happened, below' },
  mountpoint: { ...text('where; `null` where it happened to the looking at all'), nullable: true },
  device: optional('what is mounted there'),
  type: optional('of the file system'),
  kind: { kind: 'info', values: KINDS, description: 'of the file system', optional: true },
  reason: optional('of a gap'),
} as const satisfies Fields;

export const variables = {
  mountpoint: {
    description: 'mountpoints of whatever kind; `*` stands for any characters, slashes included, `?` for one',
    example: '/,/home*',
    list: true,
  },
  kind: { description: 'file systems of these kinds, or `all`', example: 'disk,memory', list: true, values: [...KINDS, 'all'] },
  type: { description: 'file systems of these types, of whatever kind; patterns as above', example: 'nfs*,ext4', list: true },
  duplicates: { description: '`true`: also further mountpoints of the same file system', values: ['true', 'false'] },
  fields: { description: 'only these fields of a mount', example: 'mountpoint,usedRatio', list: true, values: FIELDS },
  interval: { ...intervalVariable.interval, description: 'pace of a subscription; `shortestIntervalMs` to 1 h', example: '5s' },
} as const satisfies Variables;
