import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { endianness } from 'node:os';
import { test } from 'node:test';
import { concatMap, firstValueFrom, take, toArray } from 'rxjs';
import { Host } from '../../src/core/host.ts';
import { type MachineHints, parseOsRelease, virtualizationOf } from '../../src/plugins/system/facts.ts';
import System from '../../src/plugins/system/plugin.ts';
import { openPortable } from '../../src/plugins/system/source.ts';
import { parseUtmp, usersOfSessions } from '../../src/plugins/system/users.ts';
import { until } from '../helpers/build-agent.ts';
import fc from '../helpers/properties.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { setStage } from '../helpers/sampled-stage.ts';

test('a recorded host is told as it was', async (t) => {
  const { get } = await setStage(t, System, new RecordedTree(t, 'raspberry-pi-4'));
  const { hostname, os, kernel, architecture, model, timezone, scope, reason, uptimeSeconds, bootTimestampMs, virtualization } =
    await get();
  assert.deepEqual([hostname, scope, reason, timezone], ['garden-pi', 'host', null, 'Europe/Berlin']);
  assert.deepEqual(os, { prettyName: 'Debian GNU/Linux 12 (bookworm)', id: 'debian', version: '12' });
  assert.deepEqual([kernel.name, kernel.release, architecture], ['Linux', '6.6.31+rpt-rpi-v8', 'aarch64']);
  assert.deepEqual([model, virtualization], ['Raspberry Pi 4 Model B Rev 1.4', null]);
  assert.deepEqual([uptimeSeconds, bootTimestampMs], [120712.44, 1752300012000]);
});

test('an old kernel in a virtual machine', async (t) => {
  const { get } = await setStage(t, System, new RecordedTree(t, 'linux-3.10'));
  const { os, virtualization, timezone, users } = await get();
  assert.deepEqual([os.version, virtualization, timezone], ['2017.08', 'other', null]);
  assert.deepEqual(users, { loggedIn: null, sessions: null, reason: 'there is neither utmp nor logind here' });
});

test("where the host's files cannot be read its names are unknown, and never those of our own container", async (t) => {
  const host = new RecordedTree(t, 'raspberry-pi-4');
  host.remove('proc/1/root');
  host.remove('proc/uptime');
  host.remove('proc/stat');
  const { get, logged } = await setStage(t, System, host);
  const { hostname, os, timezone, reason, users, kernel, uptimeSeconds, bootTimestampMs } = await get();
  assert.deepEqual([hostname, timezone, os], [null, null, { prettyName: null, id: null, version: null }]);
  assert.match(reason, /cannot be read/);
  assert.equal(users.reason, reason);
  assert.equal(kernel.release, '6.6.31+rpt-rpi-v8');
  assert.deepEqual([uptimeSeconds, bootTimestampMs, logged], [null, null, []]);
});

test("an absolute link below the host's root leads on there, not into our own files", async (t) => {
  const host = new RecordedTree(t, 'linux-3.10');
  const etc = 'proc/1/root/etc';
  host.remove(`${etc}/os-release`);
  host.write('proc/1/root/usr/lib/os-release', 'ID=elsewhere\n');
  mkdirSync(`${host.root}/${etc}/static`);
  symlinkSync('../../usr/lib/os-release', `${host.root}/${etc}/static/os-release`);
  symlinkSync('/etc/static/os-release', `${host.root}/${etc}/os-release`);
  symlinkSync('/usr/share/zoneinfo/Asia/Tokyo', `${host.root}/${etc}/localtime`);
  const { get } = await setStage(t, System, host);
  const { os, timezone } = await get();
  assert.deepEqual([os.id, timezone], ['elsewhere', 'Asia/Tokyo']);
});

test("where the host's root is mounted it is read there, with links that stay inside it, and no right to look into process 1 is needed", async (t) => {
  const host = new RecordedTree(t, 'raspberry-pi-4');
  host.remove('proc/1/root');
  host.write('rootfs/etc/hostname', 'by-rootfs\n');
  host.write('rootfs/nix/os-release', 'ID=nixos\n');
  mkdirSync(`${host.root}/rootfs/var`);
  symlinkSync('../../../../nix', `${host.root}/rootfs/etc/static`);
  symlinkSync('/etc/static/os-release', `${host.root}/rootfs/etc/os-release`);
  symlinkSync('/run', `${host.root}/rootfs/var/run`);
  symlinkSync('/state', `${host.root}/rootfs/run`);
  host.write('rootfs/state/systemd/sessions/3', 'USER=ann\nCLASS=user\nSTATE=active\n');
  const { procfs, sysfs, platform } = host;
  const { get } = await setStage(t, System, new Host({ procfs, sysfs, platform, rootfs: `${host.root}/rootfs/` }));
  const { hostname, os, scope, reason, users } = await get();
  assert.deepEqual(
    [hostname, os.id, scope, reason, users],
    ['by-rootfs', 'nixos', 'host', null, { loggedIn: 1, sessions: 1, reason: null }],
  );
  const empty = await setStage(t, System, new Host({ procfs, sysfs, platform, rootfs: `${host.root}/sys` }));
  assert.match((await empty.get()).reason, /no host's root file system can be read at .*\/sys$/);
  // Links that go round end somewhere.
  symlinkSync('/etc/hostname', `${host.root}/rootfs/etc/timezone`);
  host.remove('rootfs/etc/hostname');
  symlinkSync('/etc/timezone', `${host.root}/rootfs/etc/hostname`);
  const round = await setStage(t, System, new Host({ procfs, sysfs, platform, rootfs: `${host.root}/rootfs` }));
  assert.deepEqual([(await round.get()).hostname, (await round.get()).timezone], [null, null]);
});

test('logins are counted by utmp, and where there is none by the sessions of logind', async (t) => {
  const host = new RecordedTree(t, 'raspberry-pi-4');
  const records = [record(2, 'reboot'), record(7, 'ann'), record(7, 'ann'), record(8, 'gone'), record(7, 'bob')];
  host.write('proc/1/root/run/utmp', Buffer.concat(records.map((one) => Buffer.concat([one, Buffer.alloc(16)]))));
  assert.deepEqual((await (await setStage(t, System, host)).get()).users, { loggedIn: 2, sessions: 3, reason: null });
  host.write('proc/1/root/run/utmp', 'half a record');
  assert.match((await (await setStage(t, System, host)).get()).users.reason, /size that is not known/);
  host.remove('proc/1/root/run/utmp');
  host.write('proc/1/root/run/systemd/sessions/3', '# private\nUID=1000\nUSER=ann\nCLASS=user\nSTATE=active\n');
  host.write('proc/1/root/run/systemd/sessions/c1', 'UID=120\nUSER=gdm\nCLASS=greeter\nSTATE=online\n');
  assert.deepEqual((await (await setStage(t, System, host)).get()).users, { loggedIn: 1, sessions: 1, reason: null });
});

test('what is pushed and what is asked for are one object; what is not understood is refused, a window, too', async (t) => {
  const { get, topic } = await setStage(t, System, new RecordedTree(t, 'raspberry-pi-4'));
  for (const query of [{}, { interval: '60ms' }, { fields: 'hostname' }]) {
    const pairs = await firstValueFrom(
      topic(query).pipe(
        concatMap(async (pushed) => [pushed, await get(query)]),
        take(3),
        toArray(),
      ),
    );
    for (const [pushed, asked] of pairs) assert.equal(asked, pushed);
  }
  for (const query of [{ window: '1s' }, { fields: 'name' }, { field: 'os' }])
    await assert.rejects(get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' });
});

test('uptime runs on from tick to tick', async (t) => {
  const host = new RecordedTree(t, 'raspberry-pi-4');
  const { get } = await setStage(t, System, host);
  host.write('proc/uptime', '120713.00 1.00\n');
  await until(async () => (await get()).uptimeSeconds === 120713, 'the new one is told');
  host.write('proc/uptime', '');
  await until(async () => (await get()).uptimeSeconds === null, 'none is told');
});

test('os-release is read as a shell would', () => {
  const text = '# note\nNAME="Void \\"Linux\\""\nID=\'void\'\nVERSION_ID=\nBUILD_ID=rolling\nbroken line\nPRETTY_NAME="a\\\\b \\$HOME"\n';
  assert.deepEqual(parseOsRelease(text), { prettyName: 'a\\b $HOME', id: 'void', version: 'rolling' });
  assert.deepEqual(parseOsRelease(''), { prettyName: null, id: null, version: null });
});

test('the machine is told by its firmware, its processor or its device tree, or not at all', () => {
  const none: MachineHints = { vendor: null, product: null, hypervisorType: null, deviceTreeHypervisor: null, hasHypervisorFlag: null };
  const told = (hints: Partial<MachineHints>) => virtualizationOf({ ...none, ...hints });
  assert.equal(told({}), null);
  assert.equal(told({ hasHypervisorFlag: true }), 'other');
  assert.equal(told({ hasHypervisorFlag: false, vendor: 'Dell Inc.', product: 'PowerEdge R640' }), 'none');
  assert.equal(told({ vendor: 'Dell Inc.' }), 'none');
  assert.equal(told({ hasHypervisorFlag: false, vendor: 'Amazon EC2', product: 'm5.metal' }), 'none');
  assert.equal(told({ hasHypervisorFlag: true, vendor: 'Amazon EC2', product: 'm5.large' }), 'amazon');
  assert.equal(told({ hasHypervisorFlag: true, vendor: 'QEMU', product: 'Standard PC (Q35 + ICH9, 2009)' }), 'qemu');
  assert.equal(told({ hasHypervisorFlag: true, vendor: 'Red Hat', product: 'KVM' }), 'kvm');
  assert.equal(told({ hasHypervisorFlag: true, vendor: 'Microsoft Corporation', product: 'Virtual Machine' }), 'hyperv');
  assert.equal(told({ vendor: 'Microsoft Corporation', product: 'Surface Pro' }), 'none');
  assert.equal(told({ hypervisorType: 'xen', hasHypervisorFlag: false }), 'xen');
  assert.equal(told({ deviceTreeHypervisor: 'linux,kvm' }), 'kvm');
});

test('utmp has records of two sizes, by architecture', () => {
  const bytes = Buffer.concat([record(7, 'a-name-of-exactly-thirty-two-abc'), record(7, ''), record(7, 'ann')]);
  assert.deepEqual(parseUtmp(bytes, 'x86_64'), ['a-name-of-exactly-thirty-two-abc', 'ann']);
  assert.throws(() => parseUtmp(bytes, 'aarch64'), /size/);
  assert.throws(() => parseUtmp(record(77, 'ann'), 'x86_64'), /type/);
  assert.deepEqual(parseUtmp(new Uint8Array(), 'riscv64'), []);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (random) => {
      try {
        for (const name of parseUtmp(random, 'x86_64')) assert.ok(name.length > 0 && name.length <= 32);
      } catch (error) {
        assert.match(String(error), /utmp/);
      }
    }),
  );
});

test('sessions of logind count where they are those of people', () => {
  assert.deepEqual(
    usersOfSessions([
      'USER=a\nCLASS=user\n',
      'UID=5\nCLASS=user-early\n',
      'USER=b\nCLASS=user\nSTATE=closing\n',
      'USER=c\nCLASS=background\n',
      '',
    ]),
    ['a', '5'],
  );
});

test('elsewhere than on Linux Node and systeminformation are asked once', async () => {
  const osInfo = async () => ({ distro: 'macOS', release: '15.1', platform: 'darwin' });
  const system = async () => ({ model: 'Mac14,2', virtual: false });
  const { facts, users, uptimeSeconds } = (await openPortable({ osInfo, system } as never)).read();
  assert.deepEqual(facts.os, { prettyName: 'macOS 15.1', id: 'darwin', version: '15.1' });
  assert.deepEqual([facts.model, facts.virtualization, users.reason], ['Mac14,2', 'none', 'only told on Linux']);
  assert.ok((uptimeSeconds ?? 0) > 0);
});

/** A record of 384 bytes, as most 64-bit machines have them. */
function record(type: number, name: string): Buffer {
  const bytes = Buffer.alloc(384);
  if (endianness() === 'LE') bytes.writeInt16LE(type, 0);
  else bytes.writeInt16BE(type, 0);
  bytes.write(name, 44, 32, 'latin1');
  return bytes;
}
