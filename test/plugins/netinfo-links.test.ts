import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { test } from 'node:test';
import { LinuxSource } from '../../src/plugins/netinfo/linux-source.ts';
import { SysfsLinks } from '../../src/plugins/netinfo/sysfs-links.ts';
import { type Device, device, FREE, link, RecordedHost } from '../helpers/sysfs-tree.ts';

const HARDWARE = { device: link('../../../0000:00:1f.6') };
const NO_ETHERNET = { type: 65534, address: null };

/** What each looks like in sysfs, apart from what all have. */
const RECORDED: readonly (readonly [what: string, name: string, own: Device, kind: string, master?: string])[] = [
  ['a PCI network card', 'enp0s31f6', { ...HARDWARE, speed: 1000, duplex: 'full' }, 'physical'],
  ['a virtio network card', 'eth0', { device: link('../../../virtio1'), speed: -1 }, 'physical'],
  ['a wireless card', 'wlp2s0', { ...HARDWARE, uevent: 'wlan', phy80211: link('../../ieee80211/phy0'), wireless: [] }, 'physical'],
  ['a mobile modem', 'wwan0', { ...NO_ETHERNET, ...HARDWARE, uevent: 'wwan' }, 'physical'],
  ['an InfiniBand port', 'ib0', { ...HARDWARE, type: 32 }, 'physical'],
  ['a bridge', 'br0', { uevent: 'bridge', bridge: [], brif: [], lower_eth0: link('../eth0') }, 'bridge'],
  ['a bridge of an old kernel, without device type', 'br1', { bridge: [], brif: [] }, 'bridge'],
  ['a port of a bridge', 'eth1', { ...HARDWARE, master: link('../br0'), brport: [], upper_br0: link('../br0') }, 'physical', 'br0'],
  ['a bond', 'bond0', { uevent: 'bond', bonding: [], flags: '0x1443', lower_eth0: link('../eth0') }, 'bond'],
  ['a bond of an old kernel', 'bond1', { bonding: [], flags: '0x1443' }, 'bond'],
  ['a slave of a bond', 'eth2', { ...HARDWARE, master: link('../bond0'), bonding_slave: [], flags: '0x1843' }, 'physical', 'bond0'],
  ['a team with ports', 'team0', { lower_eth0: link('../eth0'), lower_eth1: link('../eth1') }, 'team'],
  ['a VRF with ports', 'blue', { flags: '0x4c1', lower_eth0: link('../eth0') }, 'vrf'],
  ['a VRF without ports', 'red', { flags: '0x4c1' }, 'vrf'],
  ['a VLAN', 'eth0.100', { uevent: 'vlan', iflink: 2, lower_eth0: link('../eth0') }, 'vlan'],
  ['a macvlan', 'mv0', { iflink: 2, lower_eth0: link('../eth0') }, 'macvlan'],
  ['a macvtap', 'mvtap0', { iflink: 2, lower_eth0: link('../eth0'), macvtap: [] }, 'macvlan'],
  ['an ipvlan', 'ipv0', { uevent: 'ipvlan', iflink: 2, lower_eth0: link('../eth0') }, 'ipvlan'],
  ['a MACsec device', 'ms0', { uevent: 'macsec', iflink: 2, lower_eth0: link('../eth0') }, 'virtual'],
  ['a vxlan', 'vx0', { uevent: 'vxlan' }, 'vxlan'],
  ['a geneve tunnel', 'gnv0', { uevent: 'geneve' }, 'tunnel'],
  ['WireGuard', 'wg0', { ...NO_ETHERNET, uevent: 'wireguard' }, 'wireguard'],
  ['PPP', 'ppp0', { uevent: 'ppp', type: 512, address: null }, 'ppp'],
  ['an OpenVPN tun', 'tun0', { ...NO_ETHERNET, tun_flags: '0x1001' }, 'tun'],
  ['a tap of a virtual machine', 'vnet0', { tun_flags: '0x5002', master: link('../br0') }, 'tap', 'br0'],
  ['an IPIP tunnel', 'tunl0', { type: 768, iflink: 0, address: '0.0.0.0' }, 'tunnel'],
  ['a 6in4 tunnel', 'sit0', { type: 776, iflink: 0, address: '0.0.0.0' }, 'tunnel'],
  ['a GRE tunnel', 'gre0', { type: 778, iflink: 0 }, 'tunnel'],
  ['a GRE tunnel for Ethernet', 'gretap0', { iflink: 0 }, 'tunnel'],
  ['an IPv6 tunnel', 'ip6tnl0', { type: 769, iflink: 0 }, 'tunnel'],
  ['a CAN bus', 'can0', { ...HARDWARE, type: 280, address: null }, 'can'],
  ['a veth whose other end is in a container', 'veth4a2b1c', { iflink: 77, master: link('../br0') }, 'veth', 'br0'],
  ['a veth inside a container', 'eth9', { iflink: 78 }, 'veth'],
  ['a veth whose other end has the same index in its own namespace', 'wan0', { speed: 10000 }, 'veth'],
  ['a dummy', 'dummy0', {}, 'dummy'],
  ['an ifb', 'ifb0', {}, 'ifb'],
  ['loopback', 'lo', { type: 772, address: '00:00:00:00:00:00', mtu: 65536, operstate: 'unknown' }, 'loopback'],
  ['a port of a switch chip', 'lan1', { ...HARDWARE, uevent: 'dsa', iflink: 2, lower_eth0: link('../eth0') }, 'virtual'],
  ['something nobody has heard of', 'odd0', {}, 'virtual'],
];

for (const [what, name, own, kind, master = null] of RECORDED) {
  test(`${what} (${name}) is of the kind ${kind}`, (t) => {
    const host = new RecordedHost(t);
    host.plug(name, device(own, 40));
    const found = lookAt(new SysfsLinks(host), [name], [40]).get(name);
    assert.equal(found?.kind, kind);
    assert.equal(found?.master, master);
    assert.equal(found?.index, 40);
  });
}

/** All of them in one go. */
function lookAt(links: SysfsLinks, names: readonly string[], indices: readonly (number | null)[]) {
  links.begin(names);
  return new Map(names.map((name, row) => [name, links.lookAt(name, row, indices[row] ?? null)]));
}

/** A whole look, and what it found. */
async function inspect(source: LinuxSource) {
  const walk = source.inspect();
  for (;;) {
    const { value, done } = walk.next();
    if (done) return value;
    await value;
  }
}

test('speed is in bits per second, and null where the driver does not know: never -1, never 0', (t) => {
  const host = new RecordedHost(t);
  const speeds = { fast: 25_000, slow: 10, unknown: -1, zero: 0, unreadable: null, odd: 'fast' };
  for (const [name, speed] of Object.entries(speeds)) host.plug(name, device({ speed }, 1));
  const names = Object.keys(speeds);
  const found = lookAt(new SysfsLinks(host), names, [1, 1, 1, 1, 1, 1]);
  assert.deepEqual(
    names.map((name) => found.get(name)?.speedBitsPerSecond),
    [25e9, 10e6, null, null, null, null],
  );
});

test('each field that is missing or unreadable is null on its own', (t) => {
  const host = new RecordedHost(t);
  const all = { operstate: 'up', mtu: 1500, mac: '02:00:00:00:00:01' };
  const without = (entry: string) => {
    host.plug('eth0', { ...device({ ...HARDWARE }, 2), [entry]: null });
    const { operstate, mtu, mac, index, kind } = lookAt(new SysfsLinks(host), ['eth0'], [2]).get('eth0') ?? assert.fail('gone');
    return { operstate, mtu, mac, index, kind };
  };
  assert.deepEqual(without('duplex'), { ...all, index: 2, kind: 'physical' });
  assert.deepEqual(without('operstate'), { ...all, operstate: null, index: 2, kind: 'physical' });
  assert.deepEqual(without('mtu'), { ...all, mtu: null, index: 2, kind: 'physical' });
  assert.deepEqual(without('address'), { ...all, mac: null, index: 2, kind: 'physical' });
  assert.deepEqual(without('ifindex'), { ...all, index: null, kind: 'physical' });
  assert.deepEqual(without('type'), { ...all, index: 2, kind: 'physical' });
  assert.deepEqual(without('uevent'), { ...all, index: 2, kind: 'physical' });
});

test('a file that is a directory is as good as unreadable', (t) => {
  const host = new RecordedHost(t);
  host.plug('eth0', { ...device(HARDWARE, 2), mtu: null, operstate: null });
  mkdirSync(`${host.path('eth0')}/mtu`);
  mkdirSync(`${host.path('eth0')}/operstate`);
  const links = new SysfsLinks(host);
  for (const found of [lookAt(links, ['eth0'], [2]), lookAt(links, ['eth0'], [2])]) {
    assert.equal(found.get('eth0')?.mtu, null);
    assert.equal(found.get('eth0')?.operstate, null);
  }
});

test('a device that is not in sysfs has nothing but its name', (t) => {
  const found = lookAt(new SysfsLinks(new RecordedHost(t)), ['gone'], [null]).get('gone');
  const nothing = { index: null, kind: null, master: null, operstate: null, mtu: null, mac: null, speedBitsPerSecond: null };
  assert.deepEqual(found, nothing);
});

test('a MAC address of zeros is none', (t) => {
  const host = new RecordedHost(t);
  host.plug('lo', device({ type: 772, address: '00:00:00:00:00:00' }, 1));
  assert.equal(lookAt(new SysfsLinks(host), ['lo'], [1]).get('lo')?.mac, null);
});

test('a state is seen at the next look, everything else within sixteen', (t) => {
  const host = new RecordedHost(t);
  host.plug('eth0', device(HARDWARE, 2));
  const links = new SysfsLinks(host);
  const look = () => lookAt(links, ['eth0'], [2]).get('eth0');
  look();
  host.write('eth0', 'operstate', 'down');
  assert.equal(look()?.operstate, 'down');
  host.write('eth0', 'mtu', 9000);
  host.plug('br0', device({}, 9));
  const seen = Array.from({ length: 16 }, () => look()?.mtu);
  assert.equal(seen.at(-1), 9000);
});

test('a name that is another device now is read anew, whatever was known of it', (t) => {
  const host = new RecordedHost(t);
  host.plug('x0', device({ tun_flags: '0x1002' }, 5));
  const links = new SysfsLinks(host);
  assert.equal(lookAt(links, ['x0'], [5]).get('x0')?.kind, 'tap');
  host.plug('x0', device({ uevent: 'wireguard' }, 6));
  const found = lookAt(links, ['x0'], [6]).get('x0');
  assert.deepEqual([found?.kind, found?.index], ['wireguard', 6]);
});

test('a device keeps its index through a rename, and the one that takes its name has its own', async (t) => {
  const host = new RecordedHost(t);
  host.plug('eth0', device(HARDWARE, 2));
  host.plug('lo', device({ type: 772 }, 1));
  host.count({ lo: [1, 1], eth0: [100, 100] });
  const source = new LinuxSource(host, FREE);
  t.after(() => source.close());
  assert.deepEqual(source.read().keys, [1, 2]);
  // Three looks, so that it is not eth0's turn at the next one.
  for (let look = 0; look < 3; look++) await inspect(source);
  host.plug('old0', device(HARDWARE, 2));
  host.plug('eth0', device({ tun_flags: '0x1001' }, 7));
  host.count({ lo: [1, 1], old0: [200, 200], eth0: [5, 5] });
  assert.deepEqual(
    [source.read().names, source.read().keys],
    [
      ['lo', 'old0', 'eth0'],
      [1, 2, 7],
    ],
  );
  const links = await inspect(source);
  assert.deepEqual([links.get('eth0')?.index, links.get('eth0')?.kind], [7, 'tun']);
  assert.deepEqual([links.get('old0')?.index, links.get('old0')?.kind], [2, 'physical']);
  assert.deepEqual(source.read().keys, [1, 2, 7]);
});

test('names and keys are the same arrays from read to read and look to look while nothing changes', async (t) => {
  const host = new RecordedHost(t);
  host.plug('eth0', device(HARDWARE, 2));
  host.count({ eth0: [1, 1] });
  const source = new LinuxSource(host, FREE);
  t.after(() => source.close());
  const first = source.read();
  await inspect(source);
  host.count({ eth0: [2, 2] });
  const second = source.read();
  assert.equal(second.names, first.names);
  assert.equal(second.keys, first.keys);
  assert.equal(second.counters[0], 2);
});

test('what is known of the interfaces is the same object from look to look while nothing changes, and another one when it does', async (t) => {
  const host = new RecordedHost(t);
  host.plug('eth0', device(HARDWARE, 2));
  host.count({ eth0: [1, 1] });
  const source = new LinuxSource(host, FREE);
  t.after(() => source.close());
  source.read();
  const first = await inspect(source);
  for (let look = 0; look < 20; look++) assert.equal(await inspect(source), first);
  host.write('eth0', 'operstate', 'down');
  const second = await inspect(source);
  assert.notEqual(second, first);
  assert.deepEqual([first.get('eth0')?.operstate, second.get('eth0')?.operstate], ['up', 'down']);
});

test('a file longer than the buffer is read whole at the first time', (t) => {
  const host = new RecordedHost(t);
  host.count(Object.fromEntries(Array.from({ length: 1000 }, (_, n) => [`veth${n}`, [n, n] as const])));
  const source = new LinuxSource(host, FREE);
  t.after(() => source.close());
  assert.equal(source.read().names.length, 1000);
});

test('a host without sysfs still has its counters', async (t) => {
  const host = new RecordedHost(t);
  host.count({ eth0: [5, 6] });
  const source = new LinuxSource(host, FREE);
  t.after(() => source.close());
  assert.deepEqual([...source.read().counters.slice(0, 2)], [5, 6]);
  assert.equal((await inspect(source)).get('eth0')?.kind, null);
});

test('a host without /proc/net/dev is an error, and no guess', (t) => {
  const host = new RecordedHost(t);
  const source = new LinuxSource(host, FREE);
  t.after(() => source.close());
  assert.throws(() => source.read(), /ENOENT/);
  host.count({ eth0: [5, 6] });
  // The path was chosen when the source was opened: one that came later is found by the next source.
  const later = new LinuxSource(host, FREE);
  t.after(() => later.close());
  assert.deepEqual(later.read().names, ['eth0']);
});
