/** What netinfo says: its parameters, the columns of its counters, and the fields of its answer with their units. */

/** Order of the counters in a reading. The first four never decrease while an interface lives. */
export const COLUMNS = ['rxBytes', 'txBytes', 'rxPackets', 'txPackets', 'rxErrors', 'txErrors', 'rxDropped', 'txDropped'] as const;
export const MONOTONIC_COLUMNS = 4;

export const parameterSchema = {
  intervalMs: {
    doc: 'Pace of sampling with nobody listening, and the interval of who asks for none, milliseconds',
    format: 'positiveInteger',
    default: 1000,
  },
  shortestIntervalMs: { doc: 'Shortest interval that a client may ask for, milliseconds', format: 'positiveInteger', default: 100 },
  historyMs: { doc: 'How far back ?window= can look, milliseconds', format: 'positiveInteger', default: 60_000 },
} as const;

export interface Parameters {
  readonly intervalMs: number;
  readonly shortestIntervalMs: number;
  readonly historyMs: number;
}

/** Fields of an interface, in the order of the answer. README.md says what each means; a test holds the two together. */
export const FIELDS = [
  'iface',
  'address',
  'rx',
  'tx',
  ...COLUMNS,
  'rxBytesPerSecond',
  'txBytesPerSecond',
  'rxPacketsPerSecond',
  'txPacketsPerSecond',
  'rateStatus',
  'index',
  'kind',
  'master',
  'operstate',
  'mtu',
  'mac',
  'speedBitsPerSecond',
  'addresses',
] as const;

export type Field = (typeof FIELDS)[number];

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
