/** What system says: the fields of its answer with their units. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { intervalVariable, samplingParameters, stampFields } from '../shared/sampling.ts';

export const parameterSchema = samplingParameters;

/** What a processor, firmware or device tree says of the machine below; `other`: a virtual machine of a kind not told apart. */
const VIRTUALIZATIONS = [
  'none',
  'kvm',
  'qemu',
  'vmware',
  'virtualbox',
  'hyperv',
  'xen',
  'parallels',
  'bhyve',
  'amazon',
  'google',
  'apple',
  'other',
] as const;
export type Virtualization = (typeof VIRTUALIZATIONS)[number];

const text = (description: string) => ({ kind: 'info', description, nullable: true }) as const;

const osFields = {
  prettyName: text('for people: `Debian GNU/Linux 12 (bookworm)`; `null` where there is no os-release'),
  id: text('for programs: `debian`; `null` where there is no os-release'),
  version: text('`12`; `null` where it has none, as rolling distributions'),
} as const satisfies Fields;

const kernelFields = {
  name: text('`Linux`; `null` where it cannot be read'),
  release: text('`6.1.0-18-amd64`; `null` where it cannot be read'),
  version: text('which build of it; `null` where it cannot be read'),
} as const satisfies Fields;

const usersFields = {
  loggedIn: { kind: 'gauge', unit: 'users', description: 'different ones; `null` where it cannot be known', nullable: true },
  sessions: { kind: 'gauge', unit: 'sessions', description: 'of theirs; `null` where it cannot be known', nullable: true },
  reason: text('why these are `null`; `null` where they are not'),
} as const satisfies Fields;

const ownFields = {
  scope: {
    kind: 'info',
    values: ['host', 'container'],
    description: 'whose `hostname`, `os` and `timezone` these are: `container` where the agent runs in one and sees no other',
  },
  hostname: text('name of the machine; `null` where `reason` says why'),
  os: { description: 'the distribution', fields: osFields },
  kernel: { description: 'the kernel', fields: kernelFields },
  architecture: { kind: 'info', description: 'of the kernel, as uname says: `x86_64`, `aarch64`' },
  model: text('of the machine, as its firmware says; `null` where it does not'),
  virtualization: {
    kind: 'info',
    values: VIRTUALIZATIONS,
    description:
      '`none` on bare metal, else what the machine runs on: kvm, qemu, vmware, virtualbox, hyperv, xen, parallels, bhyve, amazon, google, apple, other; `null` where nothing tells',
    nullable: true,
  },
  container: text('that the agent itself runs in: `docker`, `podman`, `kubernetes`, `lxc`, ...; `null` in none that shows'),
  timezone: text('`Europe/Berlin`; `null` where it cannot be known'),
  reason: text("why `hostname`, `os` and `timezone` are `null`: the host's files cannot be read from here; `null` where they can"),
  uptimeSeconds: {
    kind: 'gauge',
    unit: 'seconds',
    description: 'since the kernel started, sleep included; `null` where it cannot be read',
    nullable: true,
  },
  bootTimestampMs: {
    kind: 'info',
    type: 'integer',
    description: 'when the kernel started by the wall clock, Unix time in milliseconds; `null` where it cannot be read',
    nullable: true,
  },
  users: { description: 'who is logged in, looked for every ten seconds', fields: usersFields },
} as const satisfies Fields;

export type OwnField = keyof typeof ownFields;
export const OWN_FIELDS = Object.keys(ownFields) as OwnField[];

export const fields = { ...stampFields, ...ownFields } as const satisfies Fields;

export const variables = {
  fields: { description: 'only these', example: 'hostname,uptimeSeconds', list: true, values: OWN_FIELDS },
  interval: { ...intervalVariable.interval, description: 'pace of a subscription; `shortestIntervalMs` to 1 h' },
} as const satisfies Variables;
