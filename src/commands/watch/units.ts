/** Numbers for people: SI prefixes, three or four digits, unknown is a dash. */
export interface UnitChoice {
  readonly rates: 'bytes' | 'bits';
}

const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P', 'E'];

/** What has a prefix; other units are words that stand in the column's title. */
const SYMBOLS: Readonly<Record<string, string>> = {
  bytes: 'B',
  'bytes/s': 'B/s',
  'bit/s': 'bit/s',
  hertz: 'Hz',
  watts: 'W',
  volts: 'V',
  amperes: 'A',
  joules: 'J',
};

export function inWords(value: unknown, unit: string | null, { rates }: UnitChoice): string {
  if (value === null || value === undefined) return '-';
  if (typeof value !== 'number') return typeof value === 'object' ? JSON.stringify(value) : String(value);
  if (unit === 'bytes/s' && rates === 'bits') return withPrefix(value * 8, 'bit/s');
  if (unit === 'ratio') return `${(value * 100).toFixed(1)} %`;
  if (unit === 'seconds') return duration(value * 1000);
  if (unit === 'ms') return duration(value);
  if (unit === 'celsius') return `${value.toFixed(1)} °C`;
  const symbol = unit === null ? undefined : SYMBOLS[unit];
  if (symbol !== undefined) return withPrefix(value, symbol);
  return withPrefix(value, '').trimEnd();
}

/** `512 B/s`, `1.21 MB/s`; as netinfo's `rx` says it. */
function withPrefix(value: number, symbol: string): string {
  const size = Math.abs(value);
  let power = 0;
  while (size / 1000 ** power >= 999.995 && power < PREFIXES.length - 1) power++;
  const scaled = value / 1000 ** power;
  // There is no half of a byte, and of what is counted the half is seldom meant.
  const isWhole = Number.isInteger(value) || size >= 100 || /^B|^bit/.test(symbol);
  const text = power === 0 && isWhole ? String(Math.round(value)) : scaled.toFixed(2);
  return `${text} ${PREFIXES[power]}${symbol}`;
}

function duration(ms: number): string {
  const size = Math.abs(ms);
  if (size === 0) return '0 s';
  if (size < 1000) return `${size >= 100 ? Math.round(ms) : Number(ms.toPrecision(3))} ms`;
  const seconds = ms / 1000;
  if (size < 60_000) return `${Number(seconds.toPrecision(3))} s`;
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60];
  if (days > 0) return `${days} d ${hours} h`;
  return hours > 0 ? `${hours} h ${minutes} min` : `${minutes} min ${Math.floor(seconds % 60)} s`;
}

/** The house's names say their unit: `usedRatio`, `rxBytesPerSecond`. null: this one says none. */
export function unitOfName(name: string): string | null {
  const rate = /^(.*)PerSecond$/.exec(name)?.[1];
  if (rate !== undefined) return /bytes$/i.test(rate) ? 'bytes/s' : /bits$/i.test(rate) ? 'bit/s' : 'per second';
  const found = /(Ratio|Bytes|BitsPerSecond|Ms|Seconds|Hertz|Celsius|Watts|Volts|Amperes|Joules)$/.exec(upperFirst(name))?.[1];
  return found === undefined ? null : found.toLowerCase();
}

/** `usedRatio` -> `used`, `rxBytesPerSecond` -> `rx bytes/s`, as a title. */
export function titleOf(name: string): string {
  const words = name.replace(/(Ratio|Bytes|Ms|Seconds|Hertz|Celsius|Watts|Volts|Amperes|Joules)$/, '').replace(/(Bytes)?PerSecond$/, '/s');
  return (words || name).replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

function upperFirst(name: string): string {
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}
