import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RootFiles } from '../../src/plugins/shared/root-files.ts';
import { LinuxSource } from '../../src/plugins/system/linux-source.ts';
import { systemCollectors } from '../../src/plugins/system/metrics.ts';
import { zoneName } from '../../src/plugins/system/zone-name.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { samples } from '../helpers/told-metrics.ts';

test('a recorded host is told in node_exporter’s words', async (t) => {
  const tree = new RecordedTree(t, 'raspberry-pi-4');
  tree.write('proc/sys/kernel/domainname', '(none)\n');
  tree.write('sys/devices/system/clocksource/clocksource0/available_clocksource', 'arch_sys_counter jiffies \n');
  tree.write('sys/devices/system/clocksource/clocksource0/current_clocksource', 'arch_sys_counter\n');
  const collectors = systemCollectors(new LinuxSource(tree), tree);
  const version = '#1 SMP PREEMPT Debian 1:6.6.31-1+rpt1 (2024-05-29)';
  const uname = await samples(collectors, 'uname');
  assert.match(
    uname[0] ?? '',
    /^node_uname_info\{domainname="\(none\)",machine="aarch64",nodename="[^"]+",release="6\.6\.31\+rpt-rpi-v8",sysname="Linux",/,
  );
  assert.ok(uname[0]?.includes(`version="${version}"`));
  const [info, release] = await samples(collectors, 'os');
  assert.ok(
    info?.startsWith('node_os_info{build_id="",id="debian",id_like="",image_id="",image_version="",name="Debian GNU/Linux",pretty_name='),
    info,
  );
  assert.equal(release, 'node_os_version{id="debian",id_like="",name="Debian GNU/Linux"} 12');
  const time = await samples(collectors, 'time');
  assert.deepEqual(time.slice(-3), [
    'node_time_clocksource_available_info{clocksource="arch_sys_counter",device="0"} 1',
    'node_time_clocksource_available_info{clocksource="jiffies",device="0"} 1',
    'node_time_clocksource_current_info{clocksource="arch_sys_counter",device="0"} 1',
  ]);
});

test('without os-release the collector fails', async (t) => {
  const tree = new RecordedTree(t);
  await assert.rejects(samples(systemCollectors(new LinuxSource(tree), tree), 'os'), /no os-release/);
});

test('a zone is called as people call it, by its file’s rule', (t) => {
  const tree = new RecordedTree(t);
  const at = (offsetMinutes: number) => ({ getTimezoneOffset: () => -offsetMinutes }) as Date;
  const named = (rule: string, offsetMinutes: number) => {
    tree.write('etc/localtime', `TZif2\0\0\0\n${rule}\n`);
    return zoneName(at(offsetMinutes), new RootFiles(tree.root), undefined);
  };
  assert.equal(named('CET-1CEST,M3.5.0,M10.5.0/3', 60), 'CET');
  assert.equal(named('CET-1CEST,M3.5.0,M10.5.0/3', 120), 'CEST');
  assert.equal(named('EST5EDT,M3.2.0,M11.1.0', -300), 'EST');
  assert.equal(named('<+0545>-5:45', 345), '+0545');
  assert.equal(named('<-03>3', -180), '-03');
  assert.equal(named('', 60), null);
  assert.equal(zoneName(at(0), new RootFiles('/nowhere'), undefined), 'UTC');
  assert.equal(zoneName(at(0), new RootFiles(''), ''), 'UTC');
  assert.equal(zoneName(at(60), new RootFiles('/nowhere'), 'Europe/Berlin'), null);
});
