const PREFIXES = ['', 'k', 'M', 'G', 'T', 'P'];

/** A rate for people, SI units: `512 B/s`, `1.21 MB/s`, `9.68 Mbit/s`; `n/a` until known. */
export function formatRate(bytesPerSecond: number | null, unit: 'bytes' | 'bits'): string {
  if (bytesPerSecond === null) return 'n/a';
  let value = unit === 'bits' ? bytesPerSecond * 8 : bytesPerSecond;
  let power = 0;
  // What would be shown as 1000 (or 1000.00) of one unit is 1.00 of the next.
  while (value >= (power === 0 ? 999.5 : 999.995) && power < PREFIXES.length - 1) {
    value /= 1000;
    power++;
  }
  return `${power === 0 ? Math.round(value) : value.toFixed(2)} ${PREFIXES[power]}${unit === 'bits' ? 'bit' : 'B'}/s`;
}
