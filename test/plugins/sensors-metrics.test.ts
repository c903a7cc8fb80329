import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { test } from 'node:test';
import { sensorCollectors } from '../../src/plugins/sensors/metrics.ts';
import { hardwareTree } from '../helpers/hardware-tree.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { samples } from '../helpers/told-metrics.ts';

test('chips are told by the place of their device, new ones and what they say now at the next scrape', async (t) => {
  const tree = hardwareTree(t);
  const collectors = sensorCollectors(tree);
  const lines = await samples(collectors, 'hwmon');
  for (const line of [
    'node_hwmon_chip_names{chip="platform_coretemp_0",chip_name="coretemp"} 1',
    'node_hwmon_temp_celsius{chip="0000:00:01_1_nvme0",sensor="temp1"} 38.85',
    'node_hwmon_sensor_label{chip="platform_coretemp_0",label="Core \\"0\\"",sensor="temp2"} 1',
  ]) {
    assert.ok(lines.includes(line), `${line} of\n${lines.join('\n')}`);
  }
  tree.write('sys/devices/virtual/hwmon/hwmon11/temp1_input', '-5500\n');
  mkdirSync(`${tree.sysfs}/class/hwmon`, { recursive: true });
  symlinkSync('../../devices/virtual/hwmon/hwmon11', `${tree.sysfs}/class/hwmon/hwmon11`);
  tree.write('sys/devices/platform/coretemp.0/hwmon/hwmon3/temp1_input', '46000\n');
  tree.remove('sys/devices/platform/coretemp.0/hwmon/hwmon3/temp2_input');
  const later = await samples(collectors, 'hwmon');
  assert.ok(later.includes('node_hwmon_temp_celsius{chip="hwmon11",sensor="temp1"} -5.5'));
  assert.ok(later.includes('node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp1"} 46'));
  assert.ok(!later.some((line) => line.startsWith('node_hwmon_temp_celsius{chip="platform_coretemp_0",sensor="temp2"}')));
});

test('a machine without any has none to tell, and none that failed', async (t) => {
  assert.deepEqual(await samples(sensorCollectors(new RecordedTree(t)), 'hwmon'), []);
});
