/** Hardware monitors in node_exporter's words. Not on the main thread: a chip behind a slow bus takes its time for each of its files. */
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import type { Collectors, Host, Labels, MetricWriter } from '../../core/base-plugin.ts';
import { smallTextElsewhere } from '../shared/small-files.ts';
import { cleanName, type HwmonFile, type HwmonName, hwmonFile, hwmonName } from './hwmon-names.ts';

interface Value extends HwmonName {
  readonly path: string;
  readonly labels: Labels;
}

interface Chip {
  readonly names: Labels;
  readonly sensorLabels: readonly Labels[];
  readonly values: readonly Value[];
}

/** Which files there are, and what they are called, is looked at again after this. */
const FILES_MS = 60_000;

export function sensorCollectors({ sysfs }: Host): Collectors {
  let chips: readonly Chip[] = [];
  let entries = '';
  let lookedMs = Number.NEGATIVE_INFINITY;
  return {
    hwmon: async (metrics) => {
      const directory = `${sysfs}/class/hwmon`;
      const now = await entriesOf(directory);
      if (now.join() !== entries || performance.now() - lookedMs > FILES_MS) {
        chips = await Promise.all(now.map((entry) => chipAt(`${directory}/${entry}`)));
        entries = now.join();
        lookedMs = performance.now();
      }
      for (const chip of chips) await tell(chip, metrics);
    },
  };
}

/** A machine without any is none that fails: most virtual ones have none. */
async function entriesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function tell({ names, sensorLabels, values }: Chip, metrics: MetricWriter): Promise<void> {
  metrics.gauge('node_hwmon_chip_names', 'Annotation metric for human-readable chip names').add(1, names);
  for (const labels of sensorLabels) metrics.gauge('node_hwmon_sensor_label', 'Label for given chip and sensor').add(1, labels);
  for (const { path, name, help, divisor, isCounter, labels } of values) {
    const text = await line(path);
    const family = isCounter ? metrics.counter(name, help) : metrics.gauge(name, help);
    family.add(text === '' ? null : Number(text) / divisor, labels);
  }
}

async function chipAt(directory: string): Promise<Chip> {
  const own = (await readdir(directory)).flatMap((file) => hwmonFile(file) ?? []);
  const name = await line(`${directory}/name`);
  const chip = (await nameOfDevice(directory)) || cleanName(name) || cleanName(basename(await realpath(directory)));
  const ofLabels = own.filter(({ element }) => element === 'label');
  const labels = new Map(own.map(({ sensor }) => [sensor, Object.freeze({ chip, sensor })]));
  const hasBare = new Set(own.flatMap(({ element, sensor }) => (element === '' ? [sensor] : [])));
  const value = (one: HwmonFile): Value => {
    return { ...hwmonName(one, hasBare.has(one.sensor)), path: `${directory}/${one.file}`, labels: labels.get(one.sensor) as Labels };
  };
  return {
    names: Object.freeze({ chip, chip_name: cleanName(name) || chip }),
    sensorLabels: await Promise.all(
      ofLabels.map(async ({ file, sensor }) => Object.freeze({ chip, label: await line(`${directory}/${file}`), sensor })),
    ),
    values: own.filter(({ element }) => element !== 'label').map(value),
  };
}

/** By the place of the device: hwmon's own numbers depend on the order in which modules were loaded. */
async function nameOfDevice(directory: string): Promise<string> {
  const path = await realpath(`${directory}/device`).catch(() => null);
  if (path === null) return '';
  return [cleanName(basename(dirname(path))), cleanName(basename(path))].filter((part) => part !== '').join('_');
}

/** Empty where it cannot be read: a chip may be asleep, or gone. */
async function line(path: string): Promise<string> {
  const text = await smallTextElsewhere(path).catch(() => '');
  return (text.split('\n')[0] ?? '').trim();
}
