/** What netinfo says: the columns of its counters, and the fields of its answer with their units. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { burstGroup, burstVariables } from '../shared/burst.ts';
import { rateFields, samplingVariables, stampFields } from '../shared/sampling.ts';

/** Order of the counters in a reading. The first four never decrease while an interface lives. */
export const COLUMNS = ['rxBytes', 'txBytes', 'rxPackets', 'txPackets', 'rxErrors', 'txErrors', 'rxDropped', 'txDropped'] as const;
export const MONOTONIC_COLUMNS = 4;

export const KINDS = [
  'physical',
  'bridge',
  'bond',
  'team',
  'vlan',
  'macvlan',
  'ipvlan',
  'veth',
  'vxlan',
  'tun',
  'tap',
  'wireguard',
  'tunnel',
  'ppp',
  'vrf',
  'ifb',
  'can',
  'dummy',
  'loopback',
  'virtual',
] as const;

export type Kind = (typeof KINDS)[number];

export const EVENTS = ['added', 'removed', 'renamed', 'up', 'down', 'address', 'reset', 'gap'] as const;

const counter = (unit: string, description: string) => ({ kind: 'counter', unit, description, nullable: true }) as const;
const gauge = (unit: string, description: string) => ({ kind: 'gauge', unit, description, nullable: true }) as const;
const text = (description: string) => ({ kind: 'info', description }) as const;

const addressFields = {
  family: { kind: 'info', description: 'of the address', values: ['ipv4', 'ipv6'] },
  address: text('without its prefix'),
  prefixLength: { kind: 'info', type: 'integer', description: 'bits of the network' },
} as const satisfies Fields;

const interfaceFields = {
  iface: text('name'),
  address: { ...text('first IPv4 address in CIDR form; `null` if there is none'), nullable: true },
  rx: text('receive rate for people, `1.21 MB/s` or with `unit=bits` `9.68 Mbit/s`; `n/a` until known'),
  tx: text('transmit rate for people'),
  rxBytes: counter('bytes', 'received since the interface came up, as the kernel counts'),
  txBytes: counter('bytes', 'transmitted'),
  rxPackets: counter('packets', 'received; `null` where the system does not tell'),
  txPackets: counter('packets', 'transmitted; `null` where the system does not tell'),
  rxErrors: counter('packets', 'received with an error'),
  txErrors: counter('packets', 'failed to transmit'),
  rxDropped: counter('packets', 'received and dropped'),
  txDropped: counter('packets', 'dropped before transmission'),
  rxBytesPerSecond: gauge('bytes/s', 'receive rate over `intervalMs`; `null` until known'),
  txBytesPerSecond: gauge('bytes/s', 'transmit rate; `null` until known'),
  rxPacketsPerSecond: gauge('packets/s', 'receive rate in packets; `null` until known'),
  txPacketsPerSecond: gauge('packets/s', 'transmit rate in packets; `null` until known'),
  rxUtilisationRatio: gauge('ratio', 'of the speed of the link, received; `null` until both are known'),
  txUtilisationRatio: gauge('ratio', 'of the speed of the link, transmitted; `null` until both are known'),
  rateStatus: {
    kind: 'info',
    values: ['ok', 'first', 'reset', 'gap'],
    description:
      '`ok`, or why the rates are `null`: `first` (nothing to compare with yet), `reset` (a counter ran backwards, or another ' +
      'device has this name now), `gap` (the host slept, or no sample was taken for three intervals, at least for two seconds more than one)',
  },
  index: {
    kind: 'info',
    type: 'integer',
    description: "the kernel's ifindex: stays when the interface is renamed; `null` where the system has none",
    nullable: true,
  },
  kind: { kind: 'info', values: KINDS, description: 'below; `null` until sysfs has told', nullable: true },
  master: { ...text('the bridge, bond or other device that the interface belongs to; `null` where there is none'), nullable: true },
  operstate: {
    ...text('RFC 2863, as in sysfs: `up`, `down`, `unknown` (devices that always carry), ...; `null` where it cannot be read'),
    nullable: true,
  },
  mtu: { kind: 'gauge', unit: 'bytes', description: 'largest packet; `null` where it cannot be read', nullable: true },
  mac: { ...text('hardware address; `null` where there is none'), nullable: true },
  speedBitsPerSecond: gauge('bit/s', 'of the link; `null` where the driver does not know'),
  addresses: { description: 'all addresses', each: addressFields },
} as const satisfies Fields;

export type Field = keyof typeof interfaceFields;

/** Fields of an interface, in the order of the answer. */
export const FIELDS = Object.keys(interfaceFields) as Field[];

/** What `burst` tells of an interface. */
const BURST_UNITS = {
  rxBytesPerSecond: 'bytes/s',
  txBytesPerSecond: 'bytes/s',
  rxPacketsPerSecond: 'packets/s',
  txPacketsPerSecond: 'packets/s',
  rxUtilisationRatio: 'ratio',
  txUtilisationRatio: 'ratio',
} as const;

const total = (description: string) => ({
  description,
  fields: {
    rxBytesPerSecond: gauge('bytes/s', 'received; `null` while that of one of them is unknown'),
    txBytesPerSecond: gauge('bytes/s', 'transmitted; `null` while that of one of them is unknown'),
  },
});

export const fields = {
  ...rateFields,
  scope: {
    kind: 'info',
    values: ['host', 'container'],
    description: '`container` where these are the interfaces of a container (or a network namespace) only',
  },
  interfaces: {
    description: 'one object per interface',
    identity: 'iface',
    each: { ...interfaceFields, burst: burstGroup(BURST_UNITS) },
  },
  totals: {
    description: 'sums',
    fields: {
      physical: total(
        'sum of the physical interfaces: every byte on a wire once. A physical port whose master is physical, too, is counted in its master',
      ),
      all: total('sum of all interfaces; bridges, bonds, VLANs and veths count the same bytes again'),
    },
  },
} as const satisfies Fields;

const detail = (type: 'string' | 'integer' | 'number', description: string) =>
  ({ kind: 'info', type, description, nullable: true, optional: true }) as const;

export const eventFields = {
  ...stampFields,
  event: { kind: 'info', values: EVENTS, description: 'what happened, below' },
  iface: { ...text('name of the interface; `null` where it happened to the measuring of all'), nullable: true },
  index: detail('integer', 'of one that came or went'),
  kind: { ...detail('string', 'of one that came or went'), values: KINDS },
  from: {
    kind: 'info',
    type: ['string', 'array'],
    description: 'what it was: a name, an operstate, or for `address` a list in CIDR form',
    optional: true,
  },
  to: { kind: 'info', type: ['string', 'array'], description: 'what it became', optional: true },
  reason: { ...text('of a gap'), optional: true },
  gapMs: { ...gauge('ms', 'how long a gap was; `null` where that is not known'), optional: true },
} as const satisfies Fields;

export const variables = {
  iface: { description: 'interfaces by name; `*` stands for any characters, `?` for one', example: 'eth0,wlan*', list: true },
  kind: { description: 'interfaces of these kinds', example: 'physical,bridge', list: true, values: KINDS },
  fields: { description: 'only these fields of an interface', example: 'iface,rxBytesPerSecond', list: true, values: FIELDS },
  unit: { description: 'for `rx` and `tx`, the rates for people; the other fields keep the unit in their name', values: ['bytes', 'bits'] },
  ...samplingVariables,
  ...burstVariables,
} as const satisfies Variables;
