import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { Devices } from '../../src/plugins/netinfo/devices.ts';
import { LinkWatch } from '../../src/plugins/netinfo/link-watch.ts';
import { LinuxSource } from '../../src/plugins/netinfo/linux-source.ts';
import { Rtnl } from '../../src/plugins/netinfo/rtnl.ts';
import { until } from '../helpers/build-agent.ts';
import { device, RecordedHost } from '../helpers/sysfs-tree.ts';

/** The kernel with its lock: who reads what takes it waits while somebody has it. */
function kernel() {
  const waiting: (() => void)[] = [];
  const asked: string[] = [];
  let isHeld = false;
  const read = (path: string) => {
    asked.push(path.split('/').slice(-2).join('/'));
    if (!isHeld || path.endsWith('ifindex')) return Promise.resolve();
    return new Promise<void>((resolve) => waiting.push(resolve));
  };
  const hold = () => {
    isHeld = true;
  };
  const release = () => {
    isHeld = false;
    for (const goOn of waiting.splice(0)) goOn();
  };
  return { read, asked, hold, release };
}

/** That it is seen to be so at the first time is a matter of how busy this machine is. */
function free(rtnl: Rtnl, device?: string): Promise<void> {
  return until(async () => {
    await rtnl.whenTried(device);
    return rtnl.isFree;
  }, 'the lock is free');
}

function hostWith(t: TestContext, speed: number): RecordedHost {
  const host = new RecordedHost(t);
  host.plug('eth0', device({ device: { '->': '../x' }, speed, carrier: 1, duplex: 'full' }, 2));
  host.count({ eth0: [1, 1] });
  return host;
}

test('a lock that nobody has is free for a moment; one that somebody has is asked for once, however often it is tried', async () => {
  const { read, asked, hold, release } = kernel();
  const rtnl = new Rtnl({ sysfs: '/sys' }, read);
  assert.equal(rtnl.isFree, false);
  await free(rtnl, 'eth1');
  assert.deepEqual(asked.slice(0, 3), ['lo/ifindex', 'lo/carrier', 'eth1/speed']);
  await until(() => !rtnl.isFree, 'it is not taken for free for ever');
  hold();
  await rtnl.whenTried();
  assert.equal(rtnl.isFree, false);
  const before = asked.length;
  // A timer may go off a little before its time.
  await until(() => rtnl.whenTried() === null, 'nobody waits for it a second time');
  assert.equal(asked.length, before);
  release();
  await free(rtnl);
});

test('while somebody configures networks a look waits a moment, keeps speeds and addresses as they were, and makes up for it', async (t) => {
  const host = hostWith(t, 1000);
  const { read, hold, release } = kernel();
  const rtnl = new Rtnl(host, read);
  const source = new LinuxSource(host, rtnl);
  t.after(() => source.close());
  const changes: string[] = [];
  const onChanges = (all: readonly { event: string; iface: string | null }[]) =>
    void changes.push(...all.map(({ event, iface }) => `${iface} ${event}`));
  const watch = new LinkWatch({ source, intervalMs: 0, onChanges, onFailure: (error) => assert.fail(String(error)) });
  t.after(() => watch.close());
  const speeds = () => [...watch.links].map(([name, { speedBitsPerSecond, mtu }]) => [name, speedBitsPerSecond, mtu]);
  source.read();
  await until(async () => {
    await watch.look();
    return watch.links.get('eth0')?.speedBitsPerSecond === 1e9;
  }, 'the speed is known');
  await until(() => !rtnl.isFree, 'it is not taken for free any more');
  hold();
  host.plug('eth0', device({ device: { '->': '../x' }, operstate: 'down', speed: 100, mtu: 9000 }, 2));
  host.plug('eth1', device({ device: { '->': '../x' }, speed: 10 }, 3));
  host.count({ eth0: [1, 1], eth1: [1, 1] });
  source.read();
  await until(async () => {
    await watch.look();
    return watch.links.has('eth1') && watch.links.get('eth0')?.mtu === 9000;
  }, 'all else is seen');
  assert.deepEqual(speeds(), [
    ['eth0', 1e9, 9000],
    ['eth1', null, 1500],
  ]);
  release();
  await until(async () => {
    await watch.look();
    return watch.links.get('eth0')?.speedBitsPerSecond === 1e8 && watch.links.get('eth1')?.speedBitsPerSecond === 1e7;
  }, 'both speeds are known');
  assert.deepEqual(changes.sort(), ['eth0 down', 'eth1 added']);
});

test('what waits for others is as it was in /metrics, or left out', (t) => {
  const host = hostWith(t, 1000);
  const devices = new Devices(host);
  t.after(() => devices.close());
  const [eth0] = devices.named(['eth0']);
  assert.ok(eth0);
  const numbers = (mayWait: boolean) => {
    devices.beginLook(1);
    const { numbers: found, info } = devices.look(eth0, 0, mayWait) ?? assert.fail('gone');
    // carrier, speed
    return [found[3], found[7], info.duplex];
  };
  assert.deepEqual(numbers(false), [Number.NaN, Number.NaN, '']);
  assert.deepEqual(numbers(true), [1, 125e6, 'full']);
  host.plug('eth0', device({ device: { '->': '../x' }, speed: 100, carrier: 0, duplex: 'half' }, 2));
  assert.deepEqual(numbers(false), [1, 125e6, 'full']);
  assert.deepEqual(numbers(true), [0, 12.5e6, 'half']);
});
