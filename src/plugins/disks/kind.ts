import type { Kind } from './schema.ts';

export interface Naming {
  readonly name: string;
  readonly isPartition: boolean;
  /** It stands for no hardware, as sysfs has it. */
  readonly isVirtual: boolean;
}

/** Names that drivers give, and no one else. A number follows. */
const BY_NAME: readonly (readonly [RegExp, Kind])[] = [
  [/^loop\d/, 'loop'],
  [/^ram\d/, 'ram'],
  [/^zram\d/, 'zram'],
  [/^dm-\d/, 'dm'],
  [/^md(\d|_)/, 'md'],
  [/^nbd\d/, 'nbd'],
  [/^(sr|scd)\d/, 'optical'],
  [/^fd\d/, 'floppy'],
  // One way of several to an NVMe disk, which counts what comes on all of them.
  [/^nvme\d+c\d+n\d+$/, 'path'],
  // They lie on other devices, which count the same bytes once more. Also where there is no sysfs to say so.
  [/^(bcache|drbd|zd|nullb|ublkb|ubiblock)\d/, 'virtual'],
];

/** Virtual to sysfs, although a disk to whoever uses it: over a network, or the one above several ways to it. */
const DISKS_WITHOUT_HARDWARE = /^(nvme\d+n\d+|rbd\d+)$/;

/** What a device is. A partition is one, whatever it is on. */
export function kindOf({ name, isPartition, isVirtual }: Naming): Kind {
  if (isPartition) return 'partition';
  const own = BY_NAME.find(([pattern]) => pattern.test(name));
  if (own) return own[1];
  return isVirtual && !DISKS_WITHOUT_HARDWARE.test(name) ? 'virtual' : 'disk';
}

/** Where sysfs does not tell: as drivers name partitions, `sda1` and `nvme0n1p1`. */
export function looksLikePartition(name: string): boolean {
  return (
    /^([hsv]d|xvd|dasd)[a-z]+\d+$/.test(name) ||
    /^(nvme\d+n\d+|mmcblk\d+|pmem\d+|(nb|rb|drb|m|z)d\d+|loop\d+|bcache\d+|nullb\d+|ublkb\d+|cciss\/c\d+d\d+)p\d+$/.test(name)
  );
}
