import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { NetworkNamespace, type SeenInterface, whyNoNamespaces } from '../helpers/network-namespace.ts';

const skip = whyNoNamespaces() ?? false;
/** Which device it is may be known later than its rates, where somebody else configures networks just then. */
const isKnown = ({ rateStatus, index }: SeenInterface) => rateStatus === 'ok' && index !== null;
const inNamespace = (name: string, act: (namespace: NetworkNamespace, t: TestContext) => Promise<void>) =>
  test(name, { skip }, (t) => act(new NetworkNamespace(t), t));

inNamespace('real devices are shown with the kind, index, master, state and addresses that the kernel gives them', async (namespace) => {
  namespace.ip(
    'link add v0 type veth peer name v1',
    'link add br0 type bridge',
    'link add p0 type veth peer name p1',
    'link set p0 master br0',
    'link add mv0 link v0 type macvlan',
    'link add vx0 type vxlan id 7 dev v0 dstport 4789',
    'tuntap add tun0 mode tun',
    'tuntap add tap0 mode tap',
    'link set tap0 master br0',
    'link set v0 mtu 1400',
    'link set v0 up',
    'link set v1 up',
    'link set lo up',
    'addr add 10.77.0.1/24 dev v0',
  );
  const watcher = namespace.watch();
  const hasAddress = (all: readonly SeenInterface[]) => all.some(({ iface, address }) => iface === 'v0' && address !== null);
  const isUp = ({ iface, operstate }: SeenInterface) => /^v[01]$/.test(iface) && operstate === 'up';
  const { interfaces, scope } = await watcher.until('both ends up', () =>
    watcher.snapshots.findLast(
      ({ interfaces }) => interfaces.every(isKnown) && interfaces.filter(isUp).length === 2 && hasAddress(interfaces),
    ),
  );
  const kinds = {
    lo: 'loopback',
    v0: 'veth',
    v1: 'veth',
    br0: 'bridge',
    p0: 'veth',
    p1: 'veth',
    mv0: 'macvlan',
    vx0: 'vxlan',
    tun0: 'tun',
    tap0: 'tap',
  };
  assert.deepEqual(Object.fromEntries(interfaces.map(({ iface, kind }) => [iface, kind])), kinds);
  const ip = JSON.parse(namespace.run('ip', '-j', 'link')) as {
    ifname: string;
    ifindex: number;
    mtu: number;
    operstate: string;
    address?: string;
    master?: string;
  }[];
  for (const { iface, index, mtu, master, operstate } of interfaces) {
    const known = ip.find(({ ifname }) => ifname === iface);
    assert.deepEqual({ index, mtu, master }, { index: known?.ifindex, mtu: known?.mtu, master: known?.master ?? null }, iface);
    assert.equal(operstate, known?.operstate.toLowerCase());
  }
  assert.equal(interfaces.find(({ iface }) => iface === 'v0')?.address, '10.77.0.1/24');
  assert.equal(interfaces.find(({ iface }) => iface === 'v0')?.mac, ip.find(({ ifname }) => ifname === 'v0')?.address);
  assert.equal(scope, 'container');
});

test('a veth is one also when its other end has the same index in another namespace', { skip }, async (t) => {
  const [near, far] = [new NetworkNamespace(t), new NetworkNamespace(t)];
  near.ip(`link add wan0 type veth peer name far0 netns ${far.name}`);
  const index = (namespace: NetworkNamespace) => JSON.parse(namespace.run('ip', '-j', 'link', 'show', 'type', 'veth'))[0].ifindex;
  assert.equal(index(near), index(far));
  const watcher = near.watch();
  await watcher.seen('wan0', ({ kind }) => kind === 'virtual');
  near.ip('link set wan0 up');
  far.ip('link set far0 up');
  await watcher.seen('wan0', ({ kind, operstate }) => kind === 'veth' && operstate === 'up');
});

inNamespace('a device that is deleted and made again under its name is another one', async (namespace) => {
  namespace.ip('tuntap add tun0 mode tun');
  const watcher = namespace.watch();
  const before = await watcher.seen('tun0', isKnown);
  namespace.ip('link del tun0', 'tuntap add tun0 mode tap');
  const removed = await watcher.event('removed', 'tun0');
  const added = await watcher.event('added', 'tun0');
  assert.deepEqual([removed.index, removed.kind, added.kind], [before.index, 'tun', 'tap']);
  assert.notEqual(added.index, before.index);
  const statuses = () => {
    const all = watcher.snapshots.flatMap(({ interfaces }) => interfaces.filter(({ iface }) => iface === 'tun0'));
    const found = all.map(({ rateStatus }) => rateStatus);
    return found.slice(found.indexOf('ok'));
  };
  // Unknown once: `reset`, or `first` if a read fell just between the two devices.
  await watcher.until('a reset and what follows', () => /^(ok,)+(reset|first)(,ok){3}/.test(statuses().join()));
  assert.equal(statuses().filter((status) => status !== 'ok').length, 1, statuses().join());
  assert.equal((await watcher.seen('tun0')).kind, 'tap');
});

inNamespace('one name after another on the same device is a rename, and its rates go on', async (namespace) => {
  namespace.ip('link add v0 type veth peer name v1');
  const watcher = namespace.watch();
  const { index } = await watcher.seen('v0', isKnown);
  namespace.ip('link set v0 name lan0');
  const renamed = await watcher.event('renamed', 'lan0');
  assert.deepEqual([renamed.from, renamed.to], ['v0', 'lan0']);
  await watcher.seen('lan0', isKnown);
  namespace.ip('link set lan0 name wan0', 'link add lan0 type veth peer name lan1');
  assert.equal((await watcher.event('renamed', 'wan0')).from, 'lan0');
  const added = await watcher.event('added', 'lan0');
  assert.notEqual(added.index, index);
  await watcher.seen('lan0', (seen) => isKnown(seen) && seen.index === added.index);
  const ofDevice = watcher.snapshots
    .flatMap(({ interfaces }) => interfaces.filter((one) => one.index === index))
    .map((one) => one.rateStatus);
  const known = ofDevice.slice(ofDevice.indexOf('ok'));
  assert.ok(
    known.every((status) => status === 'ok'),
    known.join(),
  );
});

inNamespace('an interface that flaps goes down and up each time', async (namespace) => {
  namespace.ip('link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up');
  const watcher = namespace.watch();
  await watcher.seen('v0', ({ operstate, rateStatus }) => operstate === 'up' && rateStatus === 'ok');
  for (let round = 0; round < 2; round++) {
    const from = watcher.events.length;
    namespace.ip('link set v1 down');
    assert.equal((await watcher.event('down', 'v0', from)).to, 'lowerlayerdown');
    namespace.ip('link set v1 up');
    assert.equal((await watcher.event('up', 'v0', from)).to, 'up');
  }
  assert.ok(!watcher.events.some(({ event }) => event === 'removed' || event === 'added'));
});

inNamespace('an address that comes and goes is told', async (namespace) => {
  namespace.ip('link add v0 type veth peer name v1', 'link set v0 up', 'link set v1 up');
  const watcher = namespace.watch();
  await watcher.seen('v0', ({ operstate }) => operstate === 'up');
  namespace.ip('addr add 10.78.0.1/30 dev v0');
  assert.deepEqual((await watcher.event('address', 'v0')).to, ['10.78.0.1/30']);
  await watcher.seen('v0', ({ address }) => address === '10.78.0.1/30');
  const from = watcher.events.length;
  namespace.ip('addr del 10.78.0.1/30 dev v0');
  assert.deepEqual((await watcher.event('address', 'v0', from)).to, []);
});

inNamespace('three hundred interfaces that come at once are all seen, and all seen to go', async (namespace) => {
  const watcher = namespace.watch();
  await watcher.seen('lo');
  namespace.ip(...Array.from({ length: 150 }, (_, n) => `link add many${n} type veth peer name more${n}`));
  const whole = await watcher.until('301 interfaces', () =>
    watcher.snapshots.findLast(({ interfaces }) => interfaces.length === 301 && interfaces.every(isKnown)),
  );
  assert.ok(namespace.run('cat', '/proc/net/dev').length > 4096);
  assert.equal(new Set(whole.interfaces.map(({ index }) => index)).size, 301);
  assert.equal(whole.interfaces.filter(({ kind }) => kind === 'veth').length, 300);
  const told = (event: string) => new Set(watcher.events.filter((one) => one.event === event).map(({ iface }) => iface)).size;
  await watcher.until('300 added', () => told('added') === 300);
  // Nothing was thought to be gone because a page of the file was read before another.
  assert.equal(told('removed'), 0);
  const settled = watcher.snapshots.length + 5;
  await watcher.until('more snapshots', () => watcher.snapshots.length > settled);
  assert.ok(watcher.snapshots.slice(-4).every(({ interfaces }) => interfaces.length === 301));
  namespace.ip(...Array.from({ length: 150 }, (_, n) => `link del many${n}`));
  await watcher.until('300 removed', () => told('removed') === 300);
});

inNamespace('the rates of real traffic are those of its sender, within two per cent', async (near, t) => {
  const far = new NetworkNamespace(t);
  near.ip(`link add v0 type veth peer name v1 netns ${far.name}`, 'addr add 10.79.0.1/30 dev v0', 'link set v0 up');
  far.ip('addr add 10.79.0.2/30 dev v1', 'link set v1 up');
  const [receiver, transmitter] = [near.watch('500ms'), far.watch('500ms')];
  // 1000 bytes of payload are 1042 at the interface: 14 of Ethernet, 20 of IP, 8 of UDP.
  const [payload, pace] = [1000, 4000];
  const expected = (payload + 42) * pace;
  await receiver.seen('v0', ({ operstate }) => operstate === 'up');
  far.send('10.79.0.1', payload, pace);
  await receiver.seen('v0', ({ rxBytesPerSecond }) => (rxBytesPerSecond ?? 0) > expected / 2);
  await transmitter.seen('v1', ({ txBytesPerSecond }) => (txBytesPerSecond ?? 0) > expected / 2);
  const average = (watcher: typeof receiver, rate: 'rxBytesPerSecond' | 'txBytesPerSecond') => {
    const samples = watcher.snapshots.slice(-8).map(({ intervalMs, interfaces }) => {
      const own = interfaces.find(({ iface }) => iface === 'v0' || iface === 'v1');
      return { ms: intervalMs ?? Number.NaN, bytes: ((own?.[rate] ?? Number.NaN) * (intervalMs ?? Number.NaN)) / 1000 };
    });
    const [bytes, ms] = [samples.reduce((sum, one) => sum + one.bytes, 0), samples.reduce((sum, one) => sum + one.ms, 0)];
    return (bytes * 1000) / ms;
  };
  // Where the sender is held up, it sends what is due later: four seconds that hold all of it are waited for.
  for (const [what, watcher, rate] of [
    ['received', receiver, 'rxBytesPerSecond'],
    ['transmitted', transmitter, 'txBytesPerSecond'],
  ] as const) {
    const errorOf = () => average(watcher, rate) / expected - 1;
    const error = await watcher.until(`${what}: ${expected} B/s in four seconds`, () => Math.abs(errorOf()) < 0.02 && { is: errorOf() });
    t.diagnostic(`${what}: ${expected} B/s and ${(error.is * 100).toFixed(3)} %`);
  }
});

test('a burst of a tenth of a second shows its peak in one message a second, whose mean shows a tenth of it', { skip }, async (t) => {
  const [near, far] = [new NetworkNamespace(t), new NetworkNamespace(t)];
  near.ip(`link add v0 type veth peer name v1 netns ${far.name}`, 'addr add 10.80.0.1/24 dev v0', 'link set v0 up');
  far.ip('addr add 10.80.0.2/24 dev v1', 'link set v1 up');
  // Every packet is counted with its headers: Ethernet 14, IPv4 20, UDP 8.
  const [payload, packetsPerSecond] = [958, 4000];
  const peak = (payload + 42) * packetsPerSecond;
  const watcher = near.watch('1s', '50ms');
  await watcher.seen('v0', ({ operstate }) => operstate === 'up');
  far.send('10.80.0.1', payload, packetsPerSecond, 100);
  const isNear = (value: number, wanted: number, tolerance: number) => Math.abs(value - wanted) <= tolerance * wanted;
  const seen = await watcher.seen('v0', ({ rxBytesPerSecond, burst, speedBitsPerSecond }) => {
    // Known later where somebody else configures networks just then.
    if (!burst || speedBitsPerSecond === null || !isNear(rxBytesPerSecond ?? 0, peak / 10, 0.05)) return false;
    // A sample of a moment at which the machine stood still has fewer steps.
    if (burst.samples < 18) return false;
    // Of twenty steps two or three are touched by the burst, and at least one lies in it whole.
    return isNear(burst.rxBytesPerSecond?.max ?? 0, peak, 0.1);
  });
  t.diagnostic(`sent: ${peak} B/s for a tenth of each second; mean ${seen.rxBytesPerSecond}, peak ${seen.burst?.rxBytesPerSecond?.max}`);
  // A veth says 10 Gbit/s.
  assert.equal(seen.speedBitsPerSecond, 1e10);
  assert.ok(isNear(seen.burst?.rxUtilisationRatio?.max ?? 0, (seen.burst?.rxBytesPerSecond?.max ?? 0) * 8e-10, 0.01));
  assert.ok(isNear(seen.rxUtilisationRatio ?? 0, (peak / 10) * 8e-10, 0.06));
});
