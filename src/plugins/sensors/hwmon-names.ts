/** How node_exporter calls what a file of a hardware monitor says: `temp1_crit` -> node_hwmon_temp_crit_celsius. Pure. */

export interface HwmonFile {
  readonly file: string;
  readonly type: string;
  readonly sensor: string;
  /** What of the sensor; empty for the file of its name alone. */
  readonly element: string;
}

export interface HwmonName {
  readonly name: string;
  readonly help: string;
  readonly divisor: number;
  readonly isCounter: boolean;
}

const TYPES = new Set([
  'vrm',
  'beep_enable',
  'update_interval',
  'in',
  'cpu',
  'fan',
  'pwm',
  'temp',
  'curr',
  'power',
  'energy',
  'humidity',
  'intrusion',
]);
const OF_FANS = new Set(['input', 'min', 'max', 'target']);
const INTERVALS = new Set(['average_interval', 'average_interval_min', 'average_interval_max']);

/** null for other files. */
export function hwmonFile(file: string): HwmonFile | null {
  const [, type = '', number = '', element = ''] = /^([^0-9]+)(\d*)(?:_(.+))?$/.exec(file) ?? [];
  return TYPES.has(type) ? { file, type, sensor: `${type}${Number(number)}`, element } : null;
}

export function cleanName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9:_]/g, '_')
    .replace(/^_+|_+$/g, '');
}

/** @param hasBare the sensor has a file of its name alone, too, which takes the short name */
export function hwmonName({ type, element }: HwmonFile, hasBare: boolean): HwmonName {
  if (type === 'beep_enable') return named('node_hwmon_beep_enabled', 'Hardware beep enabled');
  if (type === 'vrm') return named('node_hwmon_voltage_regulator_version', 'Hardware voltage regulator');
  if (type === 'update_interval') return named('node_hwmon_update_interval_seconds', 'Hardware monitor update interval', 1000);
  const isShort = element === '' || (element === 'input' && !hasBare);
  const name = `node_hwmon_${type}${isShort ? '' : `_${cleanName(element)}`}`;
  if (element === 'fault' || element === 'alarm') return named(name, `Hardware sensor ${element} status (${type})`);
  if (element === 'beep') return named(`${name}_enabled`, 'Hardware monitor sensor has beeping enabled');
  return withUnit(type, element, name) ?? named(name, `Hardware monitor ${type} element ${element}`);
}

function withUnit(type: string, element: string, name: string): HwmonName | null {
  const about = (what: string) => `Hardware monitor ${what} (${element})`;
  if (type === 'in' || type === 'cpu') return named(`${name}_volts`, about('for voltage'), 1000);
  if (type === 'temp' && element !== 'type') return named(`${name}_celsius`, about('for temperature'), 1000);
  if (type === 'curr') return named(`${name}_amps`, about('for current'), 1000);
  if (type === 'energy') return { ...named(`${name}_joule_total`, about('for joules used so far'), 1e6), isCounter: true };
  if (type === 'humidity') {
    return named(name, about('for humidity, as a ratio (multiply with 100.0 to get the humidity as a percentage)'), 1e6);
  }
  if (type === 'fan' && OF_FANS.has(element)) return named(`${name}_rpm`, about('for fan revolutions per minute'));
  if (type !== 'power') return null;
  if (element === 'accuracy') return named(name, 'Hardware monitor power meter accuracy, as a ratio', 1e6);
  if (INTERVALS.has(element)) return named(`${name}_seconds`, about('power usage update interval'), 1000);
  return named(`${name}_watt`, about('for power usage in watts'), 1e6);
}

function named(name: string, help: string, divisor = 1): HwmonName {
  return { name, help, divisor, isCounter: false };
}
