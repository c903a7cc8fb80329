import type { Kind } from './schema.ts';

/** What sysfs says of a network device, as far as it tells its kind. */
export interface DeviceFacts {
  readonly name: string;
  /** ARPHRD_* of linux/if_arp.h */
  readonly type: number | null;
  /** DEVTYPE in `uevent` */
  readonly devtype: string | null;
  readonly index: number | null;
  /** ifindex of the device below, or of a veth's other end; its own where there is none */
  readonly iflink: number | null;
  /** Names of the files and links in the device's directory. */
  readonly entries: ReadonlySet<string>;
  /** IFF_TUN and IFF_TAP */
  readonly tunFlags: number | null;
  /** IFF_* of linux/if.h */
  readonly flags: number | null;
  /** Mbit/s; null while the device is down, and where its driver tells none */
  readonly speed: number | null;
}

/** What a veth says its speed is; no other device without hardware and without one below says so. */
const VETH_SPEED = 10_000;

const BY_DEVTYPE: Readonly<Record<string, Kind>> = {
  bridge: 'bridge',
  bond: 'bond',
  team: 'team',
  vlan: 'vlan',
  macvlan: 'macvlan',
  macvtap: 'macvlan',
  ipvlan: 'ipvlan',
  ipvtap: 'ipvlan',
  vxlan: 'vxlan',
  geneve: 'tunnel',
  wireguard: 'wireguard',
  ppp: 'ppp',
  // Ports of a switch chip: their bytes pass through the processor's own port, which is the hardware that counts.
  dsa: 'virtual',
};

/** https://github.com/torvalds/linux/blob/master/include/uapi/linux/if_arp.h */
const BY_TYPE: Readonly<Record<number, Kind>> = {
  772: 'loopback',
  280: 'can',
  512: 'ppp',
  768: 'tunnel',
  769: 'tunnel',
  776: 'tunnel',
  778: 'tunnel',
  823: 'tunnel',
};

const IFF_TAP = 2;
const IFF_MASTER = 0x400;

/**
 * The kind of a device from what only that kind has in sysfs. The kernel names some kinds nowhere there (macvlan,
 * team, vrf, veth, dummy, ifb): those are told by how they are linked and, last, by the name that their driver gives.
 */
export function kindOf(facts: DeviceFacts): Kind {
  const { type, devtype, entries, tunFlags, flags } = facts;
  const known = devtype === null ? undefined : BY_DEVTYPE[devtype];
  if (known) return known;
  if (tunFlags !== null) return (tunFlags & IFF_TAP) !== 0 ? 'tap' : 'tun';
  if (entries.has('bridge')) return 'bridge';
  if (entries.has('bonding')) return 'bond';
  const byType = type === null ? undefined : BY_TYPE[type];
  if (byType) return byType;
  if (entries.has('device')) return 'physical';
  // A kind of its own (macsec, hsr ...) that is not told apart here.
  if (devtype !== null) return 'virtual';
  // Of the rest only bonds, which are known by now, and VRFs call themselves a master.
  if (flags !== null && (flags & IFF_MASTER) !== 0) return 'vrf';
  return byLinks(facts);
}

function byLinks({ name, index, iflink, entries, speed }: DeviceFacts): Kind {
  // A tunnel that is bound to no device.
  if (iflink === 0) return 'tunnel';
  const isOnAnother = index !== null && iflink !== null && iflink !== index;
  // A team is above its ports as a macvlan is above its device, but stands on none of them.
  if ([...entries].some((entry) => entry.startsWith('lower_'))) return !isOnAnother ? 'team' : /^ipvl/.test(name) ? 'ipvlan' : 'macvlan';
  // The other end may have the same index in its own namespace; then the speed tells, once the device is up.
  if (isOnAnother || speed === VETH_SPEED) return 'veth';
  if (/^dummy/.test(name)) return 'dummy';
  if (/^ifb/.test(name)) return 'ifb';
  return /^(veth|eth\d+$)/.test(name) ? 'veth' : 'virtual';
}
