import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { concatMap, filter, firstValueFrom, take, toArray } from 'rxjs';
import { toNumber } from '../../src/plugins/sensors/chips.ts';
import Sensors from '../../src/plugins/sensors/plugin.ts';
import { STATUSES } from '../../src/plugins/sensors/schema.ts';
import { SensorSource } from '../../src/plugins/sensors/source.ts';
import { until } from '../helpers/build-agent.ts';
import fc from '../helpers/properties.ts';
import { RecordedTree } from '../helpers/recorded-tree.ts';
import { setStage, type Told } from '../helpers/sampled-stage.ts';

const by = (list: readonly Told[], value: string) => Object.fromEntries(list.map((own) => [own.sensor, own[value]]));
const openFiles = () => readdirSync('/proc/self/fd').length;

test('a recorded host is told as it was: every kind in its unit, chips of one name apart', async (t) => {
  const { get } = await setStage(t, Sensors, new RecordedTree(t, 'debian-12'));
  const { temperatures, fans, voltages, currents, powers, energies, humidities, status } = await get();
  assert.deepEqual(by(temperatures, 'celsius'), {
    ...{ 'coretemp-coretemp.0:temp1': 48, 'coretemp-coretemp.0:temp2': -1.5, 'nvme-nvme0:temp1': 38.85 },
    ...{ 'nct6798-nct6775.656:temp3': null, 'coretemp-coretemp.1:temp1': 51, thermal_zone0: 27.8 },
  });
  assert.deepEqual(by(fans, 'rpm'), { 'nct6798-nct6775.656:fan1': 1250, 'nct6798-nct6775.656:fan2': 0 });
  assert.deepEqual(Object.values(by(voltages, 'volts')), [1.016, 3.344, 0.9]);
  assert.deepEqual(Object.values(by(powers, 'watts')), [45.5, 12]);
  assert.deepEqual([currents[0].amperes, energies[0].joules, humidities[0].ratio, status], [1.5, 123.456789, 0.455, 'ok']);
});

test('limits, alarms, labels and devices', async (t) => {
  const { get } = await setStage(t, Sensors, new RecordedTree(t, 'debian-12'));
  const { temperatures, fans, voltages } = await get();
  const [core, , nvme, broken, , zone] = temperatures;
  assert.deepEqual(
    [core.label, core.maxCelsius, core.criticalCelsius, core.minCelsius, core.alarm],
    ['Package id 0', 100, 105, null, null],
  );
  assert.deepEqual(
    [core.name, core.device, nvme.device, nvme.alarm, nvme.minCelsius],
    ['coretemp', 'platform/coretemp.0', 'nvme/nvme0', true, -273.15],
  );
  assert.deepEqual([broken.status, zone.criticalCelsius, zone.label, zone.device], ['fault', 119, 'acpitz', null]);
  assert.deepEqual([fans[1].alarm, fans[0].minRpm, voltages[1].minVolts, voltages[1].maxVolts], [false, 300, 2.976, 3.632]);
});

test('a view has the chosen kinds and chips', async (t) => {
  const { get } = await setStage(t, Sensors, new RecordedTree(t, 'debian-12'));
  const { sequence: _sequence, timestampMs: _timestampMs, ...told } = await get({ kind: 'temperature', chip: 'core*.1,thermal*' });
  assert.deepEqual([Object.keys(told), told.temperatures.length], [['status', 'temperatures'], 2]);
  for (const query of [{ kind: 'heat' }, { chips: 'x' }, { chip: '' }, { window: '9s' }, { fields: 'celsius' }]) {
    const [name] = Object.keys(query);
    await assert.rejects(get(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE', message: new RegExp(name as string) });
  }
});

test('what is pushed and what is asked for are one object, and values follow their files', async (t) => {
  const host = new RecordedTree(t, 'raspberry-pi-4');
  const { get, topic } = await setStage(t, Sensors, host);
  const pairs = await firstValueFrom(
    topic().pipe(
      concatMap(async (pushed) => [pushed, await get()]),
      take(2),
      toArray(),
    ),
  );
  for (const [pushed, asked] of pairs) assert.equal(asked, pushed);
  host.write('sys/class/thermal/thermal_zone0/temp', '85000\n');
  await firstValueFrom(topic().pipe(filter(({ temperatures }) => temperatures[0].celsius === 85)));
});

test('chips that come and go, and values that cannot be read', async (t) => {
  const host = new RecordedTree(t, 'raspberry-pi-4');
  const { topic, logged } = await setStage(t, Sensors, host);
  host.write('sys/class/thermal/thermal_zone0/temp', '\n');
  await firstValueFrom(
    topic().pipe(filter(({ temperatures }) => temperatures[0].status === 'unreadable' && temperatures[0].celsius === null)),
  );
  host.write('sys/class/hwmon/hwmon0/name', 'rp1_adc\n');
  host.write('sys/class/hwmon/hwmon0/in1_input', '1400\n');
  const { voltages } = await firstValueFrom(topic().pipe(filter((told) => told.voltages.length === 1)));
  assert.deepEqual([voltages[0].sensor, voltages[0].device, voltages[0].volts], ['rp1_adc-hwmon0:in1', null, 1.4]);
  host.remove('sys/class/hwmon/hwmon0');
  host.remove('sys/class/thermal/thermal_zone0');
  await firstValueFrom(topic().pipe(filter(({ status }) => status === 'none')));
  assert.deepEqual(logged, []);
});

test('old kernels have the files with the device; drivers with an average alone tell that', async (t) => {
  const host = new RecordedTree(t);
  host.write('sys/class/hwmon/hwmon0/device/name', 'w83627hf\n');
  host.write('sys/class/hwmon/hwmon0/device/temp1_input', '30000\n');
  host.write('sys/class/hwmon/hwmon1/name', 'power_meter\n');
  host.write('sys/class/hwmon/hwmon1/power1_average', '70000000\n');
  const { get } = await setStage(t, Sensors, host);
  const { temperatures, powers } = await get();
  assert.deepEqual([temperatures[0].name, temperatures[0].celsius, powers[0].watts], ['w83627hf', 30, 70]);
});

test('what was not read in time is late, and comes first the next time', async (t) => {
  const source = new SensorSource(new RecordedTree(t, 'debian-12'), 0);
  const seen = new Set<string>();
  for (let round = 0; round < 6; round++) {
    const { sensors } = await source.read();
    assert.equal(sensors.filter(({ status }) => status !== 'late').length, 1);
    for (const { sensor, status } of sensors) if (status !== 'late') seen.add(sensor.sensor);
  }
  assert.equal(seen.size, 6);
  source.close();
});

test('files that were kept open are closed, also where reading is under way', async (t) => {
  const before = openFiles();
  const source = new SensorSource(new RecordedTree(t, 'debian-12'));
  await source.read();
  assert.ok(openFiles() > before + 10);
  const reading = source.read();
  source.close();
  await reading;
  await until(() => openFiles() <= before + 1, 'all are closed');
});

test('where nothing measures, nothing is told, and why', async (t) => {
  for (const [platform, expected] of [
    ['linux', 'none'],
    ['darwin', 'unsupported'],
  ] as const) {
    const { get } = await setStage(t, Sensors, new RecordedTree(t, undefined, platform));
    const { status, temperatures } = await get();
    assert.deepEqual([status, temperatures], [expected, []]);
  }
});

test('a text is its number in the unit, or nothing', () => {
  fc.assert(fc.property(fc.integer(), (value) => assert.equal(toNumber(`${value}\n`, 1000), value / 1000)));
  fc.assert(
    fc.property(fc.string(), (text) => {
      const value = toNumber(text, 1);
      assert.ok(value === null || (/^\s*-?\d+\s*$/.test(text) && value === Number(text)));
    }),
  );
  assert.deepEqual([toNumber(null, 1), toNumber('', 1), toNumber('N/A', 1), toNumber('1e3', 1)], [null, null, null, null]);
});

test('the README tells every status', () => {
  const readme = readFileSync('src/plugins/sensors/README.md', 'utf8');
  for (const word of STATUSES) assert.match(readme, new RegExp(`^\\| \`${word}\` \\|`, 'm'));
});
