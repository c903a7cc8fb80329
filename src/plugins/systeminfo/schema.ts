/** What systeminfo says. What is in its parts, their plugins declare. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { intervalVariable, samplingParameters, stampFields } from '../shared/sampling.ts';

const { intervalMs, shortestIntervalMs } = samplingParameters;

export interface Parameters {
  readonly intervalMs: number;
  readonly shortestIntervalMs: number;
  readonly parts: readonly string[];
}

const PARTS = {
  network: 'netinfo',
  cpu: 'cpu',
  ram: 'memory',
  disk: 'filesystems',
  diskActivity: 'disks',
  pressure: 'pressure',
  sensors: 'sensors',
  containers: 'containers',
  sockets: 'sockets',
  processes: 'processes',
  kernel: 'kernel',
  system: 'system',
  hostname: 'system/hostname',
  os: 'system/os',
  uptime: 'system/uptimeSeconds',
  // Which packages they are is long, and changes with every day at most: it has its own URL.
  upgrades: 'upgrades?fields=count,securityCount,reason,listsTimestampMs,rebootRequired,rebootReason',
} as const;

export const parameterSchema = {
  intervalMs: { ...intervalMs, doc: 'Pace of a subscription that asks for none, milliseconds' },
  shortestIntervalMs,
  parts: {
    doc: 'What the answer is made of, as <plugin> or <name>=<plugin>/<path>?<query>; in an environment variable a comma of a query is %2C',
    format: 'words',
    default: Object.entries(PARTS).map(([name, path]) => (name === path ? name : `${name}=${path}`)),
  },
} as const;

/** Of a whole plugin: whose answer it is. */
type WholeOf<P extends string> = P extends `${string}/${string}` ? object : { readonly answerOf: P };

const part = <const T extends 'object' | 'string' | 'number', const P extends string>(type: T, path: P) =>
  ({
    kind: 'info',
    type,
    description: `what \`/${path}\` answers`,
    ...((path.includes('/') ? {} : { answerOf: path }) as WholeOf<P>),
    nullable: true,
    optional: true,
  }) as const;

export const fields = {
  ...stampFields,
  network: part('object', PARTS.network),
  cpu: part('object', PARTS.cpu),
  ram: part('object', PARTS.ram),
  disk: part('object', PARTS.disk),
  diskActivity: part('object', PARTS.diskActivity),
  pressure: part('object', PARTS.pressure),
  sensors: part('object', PARTS.sensors),
  containers: part('object', PARTS.containers),
  sockets: part('object', PARTS.sockets),
  processes: part('object', PARTS.processes),
  kernel: part('object', PARTS.kernel),
  system: part('object', PARTS.system),
  hostname: part('string', PARTS.hostname),
  os: part('object', PARTS.os),
  uptime: part('number', PARTS.uptime),
  upgrades: {
    description: 'what `/upgrades` counts; which packages they are, `/upgrades/packages` tells',
    fields: {
      ...stampFields,
      count: { kind: 'gauge', unit: 'packages', description: 'of which there is a newer version', nullable: true },
      securityCount: { kind: 'gauge', unit: 'packages', description: 'of these for security', nullable: true },
      reason: { kind: 'info', description: 'why one of these is `null`', nullable: true },
      listsTimestampMs: { kind: 'info', type: 'integer', description: 'since when nothing newer is known of', nullable: true },
      rebootRequired: { kind: 'info', type: 'boolean', description: 'an upgrade works only after the next start', nullable: true },
      rebootReason: { kind: 'info', description: 'why that is not known', nullable: true },
    },
    nullable: true,
    optional: true,
  },
  missing: { kind: 'info', type: 'object', description: 'why a part is `null`, by its name: `{"sensors":"no plugin at /sensors"}`' },
} as const satisfies Fields;

export const variables = {
  parts: { description: 'only these parts', example: 'network,cpu' },
  interval: {
    ...intervalVariable.interval,
    description: `pace of a subscription; parts whose plugins know an interval are averaged over the same`,
  },
} as const satisfies Variables;
