/** What upgrades says: the fields of its answer with their units, its variables and parameters. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { historyParameters, intervalVariable, type SamplingParameters, stampFields } from '../shared/sampling.ts';

const MANAGERS = ['apt', 'apk', 'pacman', 'zypper', 'dnf'] as const;
export type Manager = (typeof MANAGERS)[number];
const SOURCES = ['update-notifier', 'lists'] as const;
export const EVENTS = ['upgrades', 'reboot'] as const;

export interface Parameters extends SamplingParameters {
  readonly mostPackages: number;
}

export const parameterSchema = {
  intervalMs: {
    doc: 'Pace of looking whether anything has changed, and the interval of who asks for none, milliseconds',
    format: 'positiveInteger',
    default: 600_000,
  },
  shortestIntervalMs: { doc: 'Shortest interval that a client may ask for, milliseconds', format: 'positiveInteger', default: 10_000 },
  historyMs: { ...historyParameters.historyMs, default: 86_400_000 },
  historyBytes: { ...historyParameters.historyBytes, default: 1_048_576 },
  mostPackages: { doc: 'Most packages that are named; all are counted', format: 'positiveInteger', default: 500 },
} as const;

const count = (description: string) =>
  ({ kind: 'gauge', unit: 'packages', description: `${description}; \`null\` where \`reason\` says why`, nullable: true }) as const;
const text = (description: string) => ({ kind: 'info', description }) as const;

const packageFields = {
  name: text('as apt shows it: of another architecture than the system with that behind it, `libc6:i386`'),
  installed: text('version that is there'),
  available: text('version that would replace it'),
  isSecurity: { kind: 'info', type: 'boolean', description: 'a suite for security has a newer version than the one installed' },
} as const satisfies Fields;

const ownFields = {
  scope: {
    kind: 'info',
    values: ['host', 'container'],
    description: 'whose packages these are: `container` where the agent runs in one and sees no other',
  },
  manager: {
    kind: 'info',
    values: MANAGERS,
    description: 'what the packages are installed with; `null` where there is none that is known here',
    nullable: true,
  },
  source: {
    kind: 'info',
    values: SOURCES,
    description: "who counted: Ubuntu's update-notifier, or this plugin by dpkg's status and apt's lists; `null` where nothing is counted",
    nullable: true,
  },
  count: count('of which there is a newer version, those on hold left out'),
  securityCount: count('of these for security'),
  heldCount: count('on hold, of which there is a newer version'),
  packages: {
    description: 'which: those for security first, each by name, at most `mostPackages`; `null` where `reason` says why',
    identity: 'name',
    each: packageFields,
    nullable: true,
  },
  reason: { ...text('why something above is `null`; `null` where nothing is'), nullable: true },
  listsTimestampMs: {
    kind: 'info',
    type: 'integer',
    description:
      'when apt last got other lists, or said that it got all, whatever is later, Unix time in milliseconds; what came since then is not known. `null` where it never did',
    nullable: true,
  },
  rebootRequired: {
    kind: 'info',
    type: 'boolean',
    description: 'an upgrade works only after the next start; `null` where `rebootReason` says why',
    nullable: true,
  },
  rebootPackages: {
    kind: 'info',
    type: 'array',
    description: 'names of the packages that asked for it; empty where none did, or none is named; `null` with `rebootRequired`',
    nullable: true,
  },
  rebootReason: { ...text('why it is not known; `null` where it is'), nullable: true },
} as const satisfies Fields;

export type OwnField = keyof typeof ownFields;
export const OWN_FIELDS = Object.keys(ownFields) as OwnField[];

export const fields = { ...stampFields, ...ownFields } as const satisfies Fields;

export const eventFields = {
  ...stampFields,
  event: { kind: 'info', values: EVENTS, description: 'what is another than before, below' },
  count: { kind: 'info', type: 'integer', description: 'of upgrades, as above', optional: true },
  securityCount: { kind: 'info', type: 'integer', description: 'of upgrades, as above', optional: true, nullable: true },
  countBefore: { kind: 'info', type: 'integer', description: 'of upgrades, before', optional: true },
  rebootRequired: { kind: 'info', type: 'boolean', description: 'of reboot, as above', optional: true },
  rebootPackages: { kind: 'info', type: 'array', description: 'of reboot, as above', optional: true, nullable: true },
} as const satisfies Fields;

export const variables = {
  fields: { description: 'only these', example: 'count,securityCount', list: true, values: OWN_FIELDS },
  interval: { ...intervalVariable.interval, description: 'pace of a subscription; `shortestIntervalMs` to 1 h', example: '1m' },
} as const satisfies Variables;
