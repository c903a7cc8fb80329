import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { smallTextElsewhere } from '../shared/small-files.ts';
import { KIND_NAMES, KINDS, type Kind } from './schema.ts';

/** A sensor: where its value stands, and what does not change. Numbers are in the kind's unit. */
export interface Sensor {
  readonly sensor: string;
  readonly kind: Kind;
  readonly chip: string;
  readonly name: string;
  readonly device: string | null;
  readonly label: string | null;
  readonly min: number | null;
  readonly max: number | null;
  readonly critical: number | null;
  readonly valueFile: string;
  readonly alarmFile: string | null;
  readonly faultFile: string | null;
}

/** Finds all there are. Not on the main thread: a chip behind a slow bus takes its time for each of its files. */
export async function findSensors(sysfs: string): Promise<Sensor[]> {
  const found: Sensor[] = [];
  const chips = new Set<string>();
  for (const entry of await list(`${sysfs}/class/hwmon`)) found.push(...(await sensorsOf(`${sysfs}/class/hwmon/${entry}`, entry, chips)));
  for (const entry of await list(`${sysfs}/class/thermal`)) {
    if (/^thermal_zone\d+$/.test(entry)) found.push(...(await zone(`${sysfs}/class/thermal/${entry}`, entry)));
  }
  return found;
}

async function sensorsOf(directory: string, entry: string, chips: Set<string>): Promise<Sensor[]> {
  // Before 2.6.37 or so the files stood with the device.
  const own = await list(directory);
  const base = own.some((file) => /_(input|average)$/.test(file)) ? directory : `${directory}/device`;
  const files = new Set(base === directory ? own : await list(base));
  const path = await target(`${directory}/device`);
  const name = (await line(`${base}/name`)) ?? entry;
  const wanted = `${name}-${path === null ? entry : basename(path)}`;
  const chip = chips.has(wanted) ? `${wanted}-${entry}` : wanted;
  chips.add(chip);
  const device = path === null ? null : `${basename(dirname(path))}/${basename(path)}`;
  const sensors: Sensor[] = [];
  for (const { kind, sensor, valueFile } of valuesIn(files)) {
    const { perUnit } = KINDS[kind];
    const has = (suffix: string) => (files.has(`${sensor}_${suffix}`) ? `${base}/${sensor}_${suffix}` : null);
    const number = async (suffix: string) => toNumber(await lineOf(has(suffix)), perUnit);
    const whole = { sensor: `${chip}:${sensor}`, kind, chip, name, device, label: await lineOf(has('label')) };
    const limits = { min: await number('min'), max: (await number('max')) ?? (await number('cap')), critical: await number('crit') };
    sensors.push({ ...whole, ...limits, valueFile: `${base}/${valueFile}`, alarmFile: has('alarm'), faultFile: has('fault') });
  }
  return sensors;
}

/** `temp2_input`, and `power1_average` where there is nothing of the moment; by kind and number. */
function valuesIn(files: ReadonlySet<string>): { kind: Kind; sensor: string; valueFile: string }[] {
  const found = [...files].flatMap((valueFile) => {
    const [, sensor = '', start, number, what] = /^(([a-z]+)(\d+))_(input|average)$/.exec(valueFile) ?? [];
    const kind = KIND_NAMES.find((name) => KINDS[name].file === start);
    if (kind === undefined || (what === 'average' && files.has(`${sensor}_input`))) return [];
    return [{ kind, sensor, valueFile, number: Number(number) }];
  });
  return found.sort((a, b) => KIND_NAMES.indexOf(a.kind) - KIND_NAMES.indexOf(b.kind) || a.number - b.number);
}

async function zone(directory: string, entry: string): Promise<Sensor[]> {
  const files = await list(directory);
  if (!files.includes('temp')) return [];
  const name = (await line(`${directory}/type`)) ?? entry;
  const trips = files.flatMap((file) => /^(trip_point_\d+)_type$/.exec(file)?.[1] ?? []);
  let critical: number | null = null;
  for (const trip of trips) {
    if ((await line(`${directory}/${trip}_type`)) === 'critical') critical = toNumber(await line(`${directory}/${trip}_temp`), 1000);
  }
  return [
    {
      ...{ sensor: entry, kind: 'temperature', chip: entry, name, device: null, label: name, min: null, max: null, critical },
      ...{ valueFile: `${directory}/temp`, alarmFile: null, faultFile: null },
    },
  ];
}

/** hwmon2 before hwmon10. */
async function list(directory: string): Promise<string[]> {
  const number = (name: string) => Number(/\d+$/.exec(name)?.[0] ?? 0);
  return (await readdir(directory).catch(() => [])).sort((a, b) => number(a) - number(b) || (a < b ? -1 : 1));
}

async function target(path: string): Promise<string | null> {
  return realpath(path).catch(() => null);
}

function lineOf(path: string | null): Promise<string | null> {
  return path === null ? Promise.resolve(null) : line(path);
}

async function line(path: string): Promise<string | null> {
  const text = await smallTextElsewhere(path).catch(() => '');
  return text.split('\n')[0]?.trim() || null;
}

/** In the kind's unit; null where it is no number. */
export function toNumber(text: string | null, perUnit: number): number | null {
  return text === null || !/^-?\d+$/.test(text.trim()) ? null : Number(text) / perUnit;
}
