import type { Host, MetricWriter } from '../../../core/base-plugin.ts';
import { smallTextElsewhere } from '../../shared/small-files.ts';
import { namesIn } from './kernel-file.ts';
import { counter, gauge, info, labelled, orNull, type Part } from './part.ts';
import { METRICS, WORDS } from './power-properties.ts';

/** What a supply says of itself, by the kernel's names in lower case: `voltage_now`. */
interface Supply {
  readonly supply: string;
  readonly properties: ReadonlyMap<string, string>;
}

const START = 'POWER_SUPPLY_';
const HELP = 'value of /sys/class/power_supply/<power_supply>.';
const bySupply = labelled('power_supply');
const text = (description: string) => ({ ...info(`${description}; \`null\` where it does not tell`), nullable: true }) as const;
const value = (unit: string, description: string) => orNull(gauge(unit, `${description}; \`null\` where it does not tell`));

export const powerSupplies = {
  collector: 'powersupplyclass',
  absence: 'no battery and no mains are known to the kernel',
  declared: {
    description: 'batteries, mains and USB',
    identity: 'supply',
    nullable: true,
    each: {
      supply: info('such as `BAT0`, `AC`'),
      type: text('`Battery`, `Mains`, `USB`, `UPS`'),
      status: text('`Charging`, `Discharging`, `Full` ...'),
      health: text('`Good`, `Overheat`, `Dead` ...'),
      manufacturer: text('who made it'),
      model: text('what they call it'),
      isOnline: { ...text('true: power comes from it'), type: 'boolean' },
      capacityRatio: value('ratio', 'how full it is'),
      energyWattHours: value('watt-hours', 'in it'),
      energyFullWattHours: value('watt-hours', 'in it when it is full'),
      chargeAmpereHours: value('ampere-hours', 'in it'),
      chargeFullAmpereHours: value('ampere-hours', 'in it when it is full'),
      powerWatts: value('watts', 'that flow'),
      voltageVolts: value('volts', 'now'),
      currentAmperes: value('amperes', 'that flow'),
      temperatureCelsius: value('celsius', 'of it'),
      timeToEmptySeconds: value('seconds', 'until it is empty'),
      timeToFullSeconds: value('seconds', 'until it is full'),
      cycles: orNull(counter('cycles', 'that it went through; `null` where it does not tell')),
    },
  },
  open(host: Host) {
    const folder = `${host.sysfs}/class/power_supply`;
    const read = () => {
      const names = namesIn(folder);
      if (names === null || names.length === 0) return null;
      // A battery's controller may take milliseconds to answer: not on the main loop.
      return Promise.all(names.map((name) => readSupply(host, `${folder}/${name}`, name))).then((supplies) =>
        supplies.filter((one) => one !== null),
      );
    };
    return { read };
  },
  toAnswer: (supplies) => supplies.map(answerOf),
  tell(supplies, metrics) {
    for (const supply of supplies) tellOne(supply, metrics);
  },
} as const satisfies Part<readonly Supply[]>;

/** One file has all that the supply can say at this moment; null where it has just gone. */
async function readSupply(host: Host, path: string, supply: string): Promise<Supply | null> {
  try {
    const properties = parseUevent(await smallTextElsewhere(`${path}/uevent`));
    const type = properties.get('type') ?? host.readLine(`${path}/type`) ?? '';
    return { supply, properties: type === '' ? properties : properties.set('type', type) };
  } catch (error) {
    if (['ENOENT', 'ENODEV', 'ENXIO'].includes(String((error as NodeJS.ErrnoException).code))) return null;
    throw error;
  }
}

/** @param content `POWER_SUPPLY_VOLTAGE_NOW=12345` and the like; a value may hold anything but a line's end */
export function parseUevent(content: string): Map<string, string> {
  const properties = new Map<string, string>();
  for (const line of content.split('\n')) {
    const equals = line.indexOf('=');
    if (line.startsWith(START) && equals > 0) properties.set(line.slice(START.length, equals).toLowerCase(), line.slice(equals + 1).trim());
  }
  return properties;
}

function numberOf(properties: Supply['properties'], name: string): number | null {
  const given = properties.get(name);
  return given !== undefined && /^-?\d{1,20}$/.test(given) ? Number(given) : null;
}

function answerOf({ supply, properties }: Supply): object {
  const number = (name: string, divisor = 1) => {
    const given = numberOf(properties, name);
    return given === null ? null : given / divisor;
  };
  const word = (name: string) => properties.get(name) || null;
  const online = number('online');
  return {
    supply,
    type: word('type'),
    status: word('status'),
    health: word('health'),
    manufacturer: word('manufacturer'),
    model: word('model_name'),
    isOnline: online === null ? null : online > 0,
    capacityRatio: number('capacity', 100),
    energyWattHours: number('energy_now', 1e6),
    energyFullWattHours: number('energy_full', 1e6),
    chargeAmpereHours: number('charge_now', 1e6),
    chargeFullAmpereHours: number('charge_full', 1e6),
    powerWatts: number('power_now', 1e6),
    voltageVolts: number('voltage_now', 1e6),
    currentAmperes: number('current_now', 1e6),
    temperatureCelsius: number('temp', 10),
    timeToEmptySeconds: number('time_to_empty_now'),
    timeToFullSeconds: number('time_to_full_now'),
    cycles: number('cycle_count'),
  };
}

function tellOne({ supply, properties }: Supply, metrics: MetricWriter): void {
  for (const [property, [name, divisor]] of METRICS) {
    const given = numberOf(properties, property);
    if (given !== null) metrics.gauge(`node_power_supply_${name}`, `${name} ${HELP}`).add(given / divisor, bySupply(supply));
  }
  const labels: Record<string, string> = { power_supply: supply };
  for (const word of WORDS) {
    const given = properties.get(word);
    if (given) labels[word] = given;
  }
  metrics.gauge('node_power_supply_info', 'info of /sys/class/power_supply/<power_supply>.').add(1, labels);
}
