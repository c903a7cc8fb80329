import type { Host } from '../../../core/base-plugin.ts';
import { KernelFile, linesOf } from './kernel-file.ts';
import { gauge, info, labelled, type Part } from './part.ts';

/** Device -> entries. */
type Entries = ReadonlyMap<string, number>;

const byDevice = labelled('device');

export const arp = {
  collector: 'arp',
  absence: 'the kernel has no /proc/net/arp',
  declared: {
    description: 'neighbours known by IPv4; none of a device, and it is not listed',
    identity: 'device',
    nullable: true,
    each: { device: info('network interface'), entries: gauge('entries', 'of it') },
  },
  open(host: Host) {
    const file = new KernelFile(host.procNet('arp'));
    const read = () => {
      const text = file.text();
      return text === null ? null : parseArp(text);
    };
    return { read, close: () => file.close() };
  },
  toAnswer: (entries) => Array.from(entries, ([device, count]) => ({ device, entries: count })),
  tell(entries, metrics) {
    const family = metrics.gauge('node_arp_entries', 'ARP entries by device');
    for (const [device, count] of entries) family.add(count, byDevice(device));
  },
} as const satisfies Part<Entries>;

/** @param text a head, then a line per entry, the device last; there are hundreds of thousands on some routers */
export function parseArp(text: string): Entries {
  const entries = new Map<string, number>();
  for (const line of linesOf(text, '/proc/net/arp').slice(1)) {
    const device = line.slice(line.lastIndexOf(' ') + 1);
    if (device !== '') entries.set(device, (entries.get(device) ?? 0) + 1);
  }
  return entries;
}
