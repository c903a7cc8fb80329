import { mkdirSync, symlinkSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import type { Cleanup } from './build-agent.ts';
import { RecordedTree } from './recorded-tree.ts';

/** A sysfs with hardware monitors of all kinds, and as many cores as there are here, which can be clocked and throttled. */
export function hardwareTree(t: Cleanup): RecordedTree {
  const tree = new RecordedTree(t);
  const files: Readonly<Record<string, Readonly<Record<string, string | number>>>> = {
    'platform/coretemp.0/hwmon/hwmon3': {
      ...{ name: 'coretemp', temp1_input: 45_000, temp1_label: 'Package id 0', temp1_max: 80_000, temp1_crit: 100_000 },
      ...{ temp1_crit_alarm: 0, temp2_input: 44_000, temp2_label: 'Core "0"', temp2_type: 4, temp3_input: 'broken' },
    },
    'pci0000:00/0000:00:01.1/nvme0/hwmon1': { name: 'nvme', temp1_input: 38_850, temp1_alarm: 0, temp1_min: -273_150 },
    'virtual/hwmon/hwmon10': {
      ...{ name: 'odd "chip" \\', in0_input: 12_000, in0_label: 'V core+', fan1_input: 1200, fan1_min: 0, fan1_alarm: 1, fan1_fault: 0 },
      ...{
        fan1_div: 2,
        fan2_target: 900,
        pwm1: 128,
        pwm1_enable: 1,
        curr1_input: 1500,
        power1_average: 25_000_000,
        power1_input: 24_000_000,
      },
      ...{ power1_average_interval: 1000, power1_accuracy: 5000, energy1_input: 123_456_789, humidity1_input: 45_000, temp3_beep: 1 },
      ...{ update_interval: 2000, beep_enable: 1, vrm: 110, intrusion0_alarm: 1, uevent: 'X=1' },
    },
  };
  for (const core of cpus().keys()) {
    const khz = { scaling_cur_freq: 1_500_000, scaling_min_freq: 800_000, scaling_max_freq: 3_000_000, cpuinfo_cur_freq: 1_400_000 };
    const governors = { scaling_governor: 'powersave', scaling_available_governors: 'powersave', scaling_driver: 'x', related_cpus: core };
    const cpufreq = { ...khz, ...governors, cpuinfo_min_freq: 700_000, cpuinfo_max_freq: 3_100_000, scaling_setspeed: '<unsupported>' };
    for (const [file, content] of Object.entries(cpufreq)) tree.write(`sys/devices/system/cpu/cpu${core}/cpufreq/${file}`, `${content}\n`);
    const more = { 'topology/core_id': core % 2, 'topology/physical_package_id': 0 };
    const throttles = { 'thermal_throttle/core_throttle_count': 5, 'thermal_throttle/package_throttle_count': 30 };
    for (const [file, content] of Object.entries({ ...more, ...throttles }))
      tree.write(`sys/devices/system/cpu/cpu${core}/${file}`, `${content}\n`);
  }
  mkdirSync(`${tree.sysfs}/class/hwmon`, { recursive: true });
  for (const [place, own] of Object.entries(files)) {
    for (const [file, content] of Object.entries(own)) tree.write(`sys/devices/${place}/${file}`, `${content}\n`);
    symlinkSync(`../../devices/${place}`, `${tree.sysfs}/class/hwmon/${basename(place)}`);
  }
  symlinkSync('../../../coretemp.0', `${tree.sysfs}/devices/platform/coretemp.0/hwmon/hwmon3/device`);
  symlinkSync('../../nvme0', `${tree.sysfs}/devices/pci0000:00/0000:00:01.1/nvme0/hwmon1/device`);
  return tree;
}
