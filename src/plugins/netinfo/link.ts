import type { CounterTable } from '../../streams/sampling/counter-table.ts';
import type { Kind } from './schema.ts';

export interface Address {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefixLength: number;
}

/** What is known of an interface beside its counters. Every field may be unknown on its own. */
export interface Link {
  readonly index: number | null;
  readonly kind: Kind | null;
  /** Bridge, bond or other device that this interface belongs to. */
  readonly master: string | null;
  readonly operstate: string | null;
  readonly mtu: number | null;
  readonly mac: string | null;
  readonly speedBitsPerSecond: number | null;
  readonly addresses: readonly Address[];
}

/** By interface name. Never changed once made, and the same object for as long as nothing in it changes. */
export type Links = ReadonlyMap<string, Link>;

/** Counters together with what was known of the interfaces when they were read. */
export interface LinkedTable extends CounterTable {
  readonly links: Links;
}

export const UNKNOWN_LINK: Link = {
  index: null,
  kind: null,
  master: null,
  operstate: null,
  mtu: null,
  mac: null,
  speedBitsPerSecond: null,
  addresses: [],
};

export function cidr({ address, prefixLength }: Address): string {
  return `${address}/${prefixLength}`;
}
