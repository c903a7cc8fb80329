/** Units that a number may be given in, by the unit that the field is declared in. A leaf: imports nothing of ours. */

/** A number in this unit, times the one and divided by the other, is in the field's: a hundredth cannot be written exactly. */
type Scale = readonly [times: number, per: number];

type Units = Readonly<Record<string, Scale>>;

const THOUSANDS = ['', 'k', 'M', 'G', 'T'] as const;

/** `B`, `kB`, ... of a thousand each. */
function thousands(unit: string, [times, per]: Scale = [1, 1]): Units {
  return Object.fromEntries(THOUSANDS.map((prefix, power) => [prefix + unit, [times * 1000 ** power, per]]));
}

function binary(unit: string, [times, per]: Scale): Units {
  return Object.fromEntries(['Ki', 'Mi', 'Gi', 'Ti'].map((prefix, power) => [prefix + unit, [times * 1024 ** (power + 1), per]]));
}

const ONE: Scale = [1, 1];
const BYTES = (behind: string): Units => ({
  ...thousands(`B${behind}`),
  ...binary(`B${behind}`, ONE),
  ...thousands(`bit${behind}`, [1, 8]),
});
const BITS = (behind: string): Units => ({
  ...thousands(`bit${behind}`),
  ...thousands(`B${behind}`, [8, 1]),
  ...binary(`B${behind}`, [8, 1]),
});

const UNITS: Readonly<Record<string, Units>> = {
  bytes: BYTES(''),
  'bytes/s': BYTES('/s'),
  bits: BITS(''),
  'bit/s': BITS('/s'),
  'bits/s': BITS('/s'),
  ratio: { '%': [1, 100] },
  ms: { ms: ONE, s: [1000, 1], m: [60_000, 1], h: [3_600_000, 1] },
  seconds: { ms: [1, 1000], s: ONE, m: [60, 1], h: [3600, 1], d: [86_400, 1] },
  hertz: thousands('Hz'),
  celsius: { C: ONE, '°C': ONE },
  volts: { mV: [1, 1000], V: ONE },
  amperes: { mA: [1, 1000], A: ONE },
  watts: { mW: [1, 1000], ...thousands('W') },
  joules: thousands('J'),
  'watt-hours': thousands('Wh'),
  'ampere-hours': { mAh: [1, 1000], Ah: ONE },
};

/** What is counted: `10k` packets. */
const COUNTS: Units = { k: [1000, 1], M: [1e6, 1], G: [1e9, 1], T: [1e12, 1] };

/** @param declared the field's @returns what may stand behind a number, besides nothing */
export function unitsOf(declared: string): string[] {
  const units = Object.hasOwn(UNITS, declared) ? (UNITS[declared] as Units) : COUNTS;
  return [...new Set([...Object.keys(units), declared])];
}

/** The number in the field's unit; null where that is no unit of it. */
export function inUnit(number: number, unit: string, declared: string): number | null {
  if (unit === '' || unit === declared) return number;
  const units = Object.hasOwn(UNITS, declared) ? (UNITS[declared] as Units) : COUNTS;
  const scale = Object.hasOwn(units, unit) ? units[unit] : undefined;
  return scale ? (number * scale[0]) / scale[1] : null;
}

/** All declared units that have units of their own, for the document. */
export function unitTable(): readonly (readonly [declared: string, allowed: readonly string[]])[] {
  return Object.keys(UNITS).map((declared) => [declared, Object.keys(UNITS[declared] as Units)]);
}
