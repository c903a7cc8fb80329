import { arp } from './arp.ts';
import { bonding } from './bonding.ts';
import { conntrack } from './conntrack.ts';
import { coolingDevices } from './cooling-devices.ts';
import { energy } from './energy.ts';
import { entropy } from './entropy.ts';
import { fileHandles } from './file-handles.ts';
import { memoryErrors } from './memory-errors.ts';
import type { AnyPart } from './part.ts';
import { powerSupplies } from './power-supplies.ts';
import { raid } from './raid.ts';
import { schedstat } from './schedstat.ts';
import { selinux } from './selinux.ts';
import { softnet } from './softnet.ts';
import { udpQueues } from './udp-queues.ts';

export const PART_NAMES = [
  'fileHandles',
  'entropy',
  'arp',
  'conntrack',
  'softnet',
  'udpQueues',
  'bonding',
  'schedstat',
  'selinux',
  'memoryErrors',
  'raid',
  'energy',
  'powerSupplies',
  'coolingDevices',
] as const;
export type PartName = (typeof PART_NAMES)[number];

/** Each with a type of its own: what it declares is the type of what it answers. */
interface Parts {
  readonly fileHandles: typeof fileHandles;
  readonly entropy: typeof entropy;
  readonly arp: typeof arp;
  readonly conntrack: typeof conntrack;
  readonly softnet: typeof softnet;
  readonly udpQueues: typeof udpQueues;
  readonly bonding: typeof bonding;
  readonly schedstat: typeof schedstat;
  readonly selinux: typeof selinux;
  readonly memoryErrors: typeof memoryErrors;
  readonly raid: typeof raid;
  readonly energy: typeof energy;
  readonly powerSupplies: typeof powerSupplies;
  readonly coolingDevices: typeof coolingDevices;
}

/** By the names that they have in the answer, in its order. */
export const PARTS: Parts = {
  fileHandles,
  entropy,
  arp,
  conntrack,
  softnet,
  udpQueues,
  bonding,
  schedstat,
  selinux,
  memoryErrors,
  raid,
  energy,
  powerSupplies,
  coolingDevices,
} satisfies Readonly<Record<PartName, AnyPart>>;
