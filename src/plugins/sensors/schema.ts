/** What sensors says: the kinds of sensors with their units, the fields of its answer, its variables and parameters. */
import type { Fields, Variables } from '../../core/base-plugin.ts';
import { historyParameters, intervalVariable, stampFields } from '../shared/sampling.ts';

/** Kinds by the start of their files' names: `temp1_input`. */
export const KINDS = {
  temperature: { list: 'temperatures', file: 'temp', value: 'celsius', unit: 'celsius', perUnit: 1000 },
  fan: { list: 'fans', file: 'fan', value: 'rpm', unit: 'rpm', perUnit: 1 },
  voltage: { list: 'voltages', file: 'in', value: 'volts', unit: 'volts', perUnit: 1000 },
  current: { list: 'currents', file: 'curr', value: 'amperes', unit: 'amperes', perUnit: 1000 },
  power: { list: 'powers', file: 'power', value: 'watts', unit: 'watts', perUnit: 1e6 },
  energy: { list: 'energies', file: 'energy', value: 'joules', unit: 'joules', perUnit: 1e6 },
  humidity: { list: 'humidities', file: 'humidity', value: 'ratio', unit: 'ratio', perUnit: 1e5 },
} as const;
export type Kind = keyof typeof KINDS;
export const KIND_NAMES = Object.keys(KINDS) as Kind[];
export const STATUSES = ['ok', 'unreadable', 'fault', 'late'] as const;
export type Status = (typeof STATUSES)[number];

export const parameterSchema = {
  intervalMs: {
    doc: 'Pace of reading with nobody listening, and the interval of who asks for none, milliseconds',
    format: 'positiveInteger',
    default: 10_000,
  },
  shortestIntervalMs: { doc: 'Shortest interval that a client may ask for, milliseconds', format: 'positiveInteger', default: 1000 },
  ...historyParameters,
} as const;

const nullable = { nullable: true } as const;
const text = (description: string) => ({ kind: 'info', description }) as const;

const gauge = (unit: string, description: string) => ({ kind: 'gauge', unit, description, ...nullable }) as const;

type Limit = 'min' | 'max' | 'critical';

/** `celsius` -> `maxCelsius`. */
export function limitName<V extends string>(limit: Limit, value: V): `${Limit}${Capitalize<V>}` {
  return `${limit}${value[0]?.toUpperCase()}${value.slice(1)}` as `${Limit}${Capitalize<V>}`;
}

/** What is called after what it measures. */
function measureFields<V extends string>(value: V, unit: string) {
  const own = gauge(unit, 'what it measures; `null` where `status` is not `ok`');
  const joules = { ...own, kind: 'counter', description: 'taken since its driver was loaded; `null` as for others' } as const;
  const fields = {
    [value]: value === 'joules' ? joules : own,
    [limitName('min', value)]: gauge(unit, 'below it is too little; `null` where the chip has no such limit, as the other two'),
    [limitName('max', value)]: gauge(unit, 'above it is too much'),
    [limitName('critical', value)]: gauge(unit, 'above it something breaks, or the machine switches itself off'),
  };
  return fields as { readonly [N in V | `${Limit}${Capitalize<V>}`]: typeof own | typeof joules };
}

function sensorFields<V extends string>({ value, unit }: { readonly value: V; readonly unit: string }) {
  return {
    sensor: text('its chip and its own name there, `coretemp-coretemp.0:temp1`; or a thermal zone'),
    label: { ...text('what it measures, as its driver or the board says; `null` where they do not'), ...nullable },
    ...measureFields(value, unit),
    alarm: {
      kind: 'info',
      type: 'boolean',
      description: 'the chip itself finds it out of its limits; `null` where it does not say',
      ...nullable,
    },
    status: { kind: 'info', values: STATUSES, description: '`ok`, or why there is no value; below' },
    chip: text('unique: the name of the chip and of the device that it is on'),
    name: text('of the chip or the thermal zone, as its driver calls it'),
    device: { ...text('that it is on, with its bus: `platform/coretemp.0`; `null` for none'), ...nullable },
  } as const;
}

const listOf = <V extends string>(kind: Kind, own: { readonly value: V; readonly unit: string }) =>
  ({ description: `one object per sensor of the kind \`${kind}\``, identity: 'sensor', each: sensorFields(own), optional: true }) as const;

export const fields = {
  ...stampFields,
  status: {
    kind: 'info',
    values: ['ok', 'none', 'unsupported'],
    description: '`none`: no sensor is seen here, as in most virtual machines; `unsupported`: they are read on Linux only',
  },
  temperatures: listOf('temperature', KINDS.temperature),
  fans: listOf('fan', KINDS.fan),
  voltages: listOf('voltage', KINDS.voltage),
  currents: listOf('current', KINDS.current),
  powers: listOf('power', KINDS.power),
  energies: listOf('energy', KINDS.energy),
  humidities: listOf('humidity', KINDS.humidity),
} as const satisfies Fields & { readonly [K in Kind as (typeof KINDS)[K]['list']]: object };

export const variables = {
  kind: { description: 'only the lists of these kinds', example: 'temperature,fan', list: true, values: KIND_NAMES },
  chip: { description: 'sensors of these chips; `*` stands for any characters, `?` for one', example: 'coretemp*,nvme*', list: true },
  interval: { ...intervalVariable.interval, description: 'pace of a subscription; `shortestIntervalMs` to 1 h', example: '2s' },
} as const satisfies Variables;
