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

const parts = {
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
} as const satisfies Readonly<Record<string, AnyPart>>;

export type PartName = keyof typeof parts;
/** By the names that they have in the answer, in its order. */
export const PARTS: Readonly<Record<PartName, AnyPart>> = parts;
export const PART_NAMES = Object.keys(PARTS) as PartName[];
