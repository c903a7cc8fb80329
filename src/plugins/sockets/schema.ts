/** What sockets says: where each number stands in the kernel's files, the fields of its answer, its variables. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { type BurstGroup, burstGroup, burstVariables } from '../shared/burst.ts';
import { rateFields, samplingVariables, stampFields } from '../shared/sampling.ts';

export const GROUPS = ['tcp', 'udp', 'udp6', 'other'] as const;
export type Group = (typeof GROUPS)[number];

interface Counter {
  readonly group: Group;
  readonly field: string;
  /** `Tcp ActiveOpens` of snmp and netstat, `Udp6InErrors` of snmp6. */
  readonly key: string;
  readonly unit: string;
  readonly description: string;
}

const tcp = <const F extends string>(field: F, key: string, unit: string, description: string) =>
  ({ group: 'tcp', field, key, unit, description }) as const;

const UDP = [
  ['receivedDatagrams', 'InDatagrams', 'that programs got'],
  ['sentDatagrams', 'OutDatagrams', 'sent'],
  ['datagramsWithoutPort', 'NoPorts', 'to a port where nobody listens'],
  ['receiveErrors', 'InErrors', 'lost for whatever reason but that; the next one included'],
  ['receiveBufferErrors', 'RcvbufErrors', 'lost because the program was too slow'],
  ['sendBufferErrors', 'SndbufErrors', 'not sent for want of room'],
  ['checksumErrors', 'InCsumErrors', 'with a wrong checksum'],
] as const;

const ofUdp = <const G extends 'udp' | 'udp6'>(group: G, start: string) =>
  UDP.map(([field, key, description]) => ({ group, field, key: start + key, unit: 'datagrams', description }) as const);

/** In the order of the columns. All of them only rise. */
const counters = [
  tcp('activeOpens', 'Tcp ActiveOpens', 'connections', 'opened from here'),
  tcp('passiveOpens', 'Tcp PassiveOpens', 'connections', 'accepted'),
  tcp('failedAttempts', 'Tcp AttemptFails', 'connections', 'that never came about'),
  tcp('establishedResets', 'Tcp EstabResets', 'connections', 'broken off'),
  tcp('receivedSegments', 'Tcp InSegs', 'segments', 'received, those with errors included'),
  tcp('sentSegments', 'Tcp OutSegs', 'segments', 'sent, without those sent again'),
  tcp('retransmittedSegments', 'Tcp RetransSegs', 'segments', 'sent again'),
  tcp('receiveErrors', 'Tcp InErrs', 'segments', 'received with an error'),
  tcp('sentResets', 'Tcp OutRsts', 'segments', 'sent that break a connection off'),
  tcp('checksumErrors', 'Tcp InCsumErrors', 'segments', 'with a wrong checksum'),
  tcp('listenOverflows', 'TcpExt ListenOverflows', 'connections', 'lost because the queue of who listens was full'),
  tcp('listenDrops', 'TcpExt ListenDrops', 'connections', 'lost while being accepted, for whatever reason; overflows included'),
  tcp('backlogDrops', 'TcpExt TCPBacklogDrop', 'segments', 'dropped because a program was too slow'),
  tcp('timeouts', 'TcpExt TCPTimeouts', 'timeouts', 'after which was sent again'),
  tcp('retransmittedSyns', 'TcpExt TCPSynRetrans', 'segments', 'sent again to open a connection'),
  tcp('sentSyncookies', 'TcpExt SyncookiesSent', 'cookies', 'sent because the queue of half-open connections was full'),
  tcp('memoryAborts', 'TcpExt TCPAbortOnMemory', 'connections', 'broken off for want of memory'),
  ...ofUdp('udp', 'Udp '),
  ...ofUdp('udp6', 'Udp6'),
] as const satisfies readonly Counter[];
export const COUNTERS: readonly Counter[] = counters;

interface Gauge {
  readonly group: Group;
  readonly field: string;
  /** `TCP inuse` of sockstat and sockstat6; `Tcp CurrEstab` of snmp. */
  readonly key: string;
  readonly unit: string;
  readonly description: string;
}

const gauge = <const G extends Group, const F extends string>(group: G, field: F, key: string, unit: string, description: string) =>
  ({ group, field, key, unit, description }) as const;

const gauges = [
  gauge('tcp', 'established', 'Tcp CurrEstab', 'connections', 'open, of IPv4 and IPv6'),
  gauge('tcp', 'inUse', 'TCP inuse', 'sockets', 'of IPv4, those that listen included, those in TIME-WAIT not'),
  gauge('tcp', 'inUse6', 'TCP6 inuse', 'sockets', 'of IPv6'),
  gauge('tcp', 'orphaned', 'TCP orphan', 'sockets', 'that no program has any more'),
  gauge('tcp', 'timeWait', 'TCP tw', 'sockets', 'in TIME-WAIT'),
  gauge('tcp', 'allocated', 'TCP alloc', 'sockets', 'of all kinds of TCP, in all network namespaces'),
  gauge('tcp', 'memoryPages', 'TCP mem', 'pages', 'taken by their buffers, in all network namespaces'),
  gauge('udp', 'inUse', 'UDP inuse', 'sockets', 'of IPv4'),
  gauge('udp', 'memoryPages', 'UDP mem', 'pages', 'taken by their buffers, in all network namespaces'),
  gauge('udp6', 'inUse', 'UDP6 inuse', 'sockets', 'of IPv6'),
  gauge('other', 'used', 'sockets used', 'sockets', 'of all kinds, those between programs of this host included'),
  gauge('other', 'udpLite', 'UDPLITE inuse', 'sockets', 'UDP-Lite, IPv4'),
  gauge('other', 'udpLite6', 'UDPLITE6 inuse', 'sockets', 'UDP-Lite, IPv6'),
  gauge('other', 'raw', 'RAW inuse', 'sockets', 'raw, IPv4'),
  gauge('other', 'raw6', 'RAW6 inuse', 'sockets', 'raw, IPv6'),
  gauge('other', 'fragments', 'FRAG inuse', 'packets', 'that are being put together, IPv4'),
  gauge('other', 'fragmentBytes', 'FRAG memory', 'bytes', 'that these take'),
  gauge('other', 'fragments6', 'FRAG6 inuse', 'packets', 'that are being put together, IPv6'),
  gauge('other', 'fragmentBytes6', 'FRAG6 memory', 'bytes', 'that these take'),
] as const satisfies readonly Gauge[];
export const GAUGES: readonly Gauge[] = gauges;

/** Of TCP, in the kernel's order, from 1 on. */
export const STATES = [
  ...(['established', 'synSent', 'synReceived', 'finWait1', 'finWait2', 'timeWait'] as const),
  ...(['closed', 'closeWait', 'lastAck', 'listen', 'closing', 'newSynReceived'] as const),
] as const;

const nullable = { nullable: true } as const;

type FieldIn<All extends readonly Counter[], G extends Group> = Extract<All[number], { readonly group: G }>['field'];
type CounterIn<G extends Group> = FieldIn<typeof counters, G>;
type RateIn<G extends Group> = `${CounterIn<G>}PerSecond`;
type Number<K extends 'gauge' | 'counter'> = {
  readonly kind: K;
  readonly unit: string;
  readonly description: string;
  readonly nullable: true;
};
type GroupFields<G extends Group> = { readonly [F in FieldIn<typeof gauges, G> | RateIn<G>]: Number<'gauge'> } & {
  readonly [F in CounterIn<G>]: Number<'counter'>;
} & ([CounterIn<G>] extends [never] ? unknown : { readonly burst: BurstGroup<RateIn<G>> });

function groupFields<G extends Group>(group: G): GroupFields<G> {
  const gauges = GAUGES.filter((own) => own.group === group).map(({ field, unit, description }) => {
    return [field, { kind: 'gauge', unit, description, ...nullable }] as const;
  });
  const counters = COUNTERS.filter((own) => own.group === group).flatMap(({ field, unit, description }) => [
    [field, { kind: 'counter', unit, description, ...nullable }] as const,
    [`${field}PerSecond`, { kind: 'gauge', unit: `${unit}/s`, description: 'over `intervalMs`', ...nullable }] as const,
  ]);
  const units = Object.fromEntries(
    COUNTERS.filter((own) => own.group === group).map(({ field, unit }) => [`${field}PerSecond`, `${unit}/s`]),
  );
  const burst = Object.keys(units).length === 0 ? [] : [['burst', burstGroup(units)] as const];
  return Object.fromEntries<unknown>([...gauges, ...counters, ...burst]) as GroupFields<G>;
}

const ownFields = {
  tcp: {
    description: 'TCP over IPv4 and IPv6',
    fields: {
      ...groupFields('tcp'),
      retransmittedRatio: {
        kind: 'gauge',
        unit: 'ratio',
        description: 'of what was sent, over `intervalMs`; `null` where nothing was',
        ...nullable,
      },
    },
  },
  udp: { description: 'UDP over IPv4', fields: groupFields('udp') },
  udp6: { description: 'UDP over IPv6; `null` throughout where that is switched off', fields: groupFields('udp6') },
  other: { description: 'other sockets', fields: groupFields('other') },
} as const satisfies Fields;

export const OWN_FIELDS = Object.keys(ownFields) as Group[];

export const fields = {
  ...rateFields,
  status: {
    kind: 'info',
    values: ['ok', 'unsupported'],
    description: '`unsupported`: there are none of these files here, as elsewhere than on Linux, and every number is `null`',
  },
  rateStatus: {
    kind: 'info',
    values: ['ok', 'first', 'reset', 'gap'],
    description:
      '`ok`, or why all rates are `null`: `first` (nothing to compare with yet), `reset` (a counter ran backwards), ' +
      '`gap` (the host slept, or no sample was taken for long)',
  },
  ...ownFields,
} as const satisfies Fields;

const inState = { kind: 'gauge', unit: 'sockets', description: 'in this state' } as const;

export const stateFields = {
  ...stampFields,
  tcp: {
    description: 'sockets by state, of IPv4 and IPv6; `null` where they cannot be read',
    nullable: true,
    fields: Object.fromEntries(STATES.map((state) => [state, inState])) as Record<(typeof STATES)[number], typeof inState>,
  },
} as const satisfies Fields;

export const variables = {
  fields: { description: 'only these groups', example: 'tcp,udp', list: true, values: OWN_FIELDS },
  ...samplingVariables,
  ...burstVariables,
} as const satisfies Variables;
