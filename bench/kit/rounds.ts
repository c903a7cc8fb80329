/** What is timed, once. */
export type Case = () => unknown;

export interface RoundsOptions {
  readonly rounds: number;
  /** CPU time that one case may take in a round, microseconds. */
  readonly roundUs: number;
}

/**
 * CPU microseconds per call of each case: rounds in which every case has its turn (in alternating order, so that
 * whatever else the machine does falls on all of them), and the median over the rounds.
 */
export function cpuPerCall<Name extends string>(cases: Readonly<Record<Name, Case>>, options: RoundsOptions): Record<Name, number> {
  const names = Object.keys(cases) as Name[];
  const calls = new Map(names.map((name) => [name, callsFor(cases[name], options.roundUs)]));
  const taken = new Map(names.map((name) => [name, [] as number[]]));
  for (let round = 0; round < options.rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const count = calls.get(name) as number;
      taken.get(name)?.push(cpuOf(cases[name], count) / count);
    }
  }
  return Object.fromEntries(names.map((name) => [name, median(taken.get(name) as number[])])) as Record<Name, number>;
}

/** Calls that fill a round, found while the compiler warms up. */
function callsFor(run: Case, roundUs: number): number {
  for (let warm = 0; warm < 3; warm++) cpuOf(run, 50);
  return Math.max(5, Math.round(roundUs / Math.max(0.05, cpuOf(run, 200) / 200)));
}

function cpuOf(run: Case, count: number): number {
  const before = process.cpuUsage();
  for (let i = 0; i < count; i++) run();
  const { user, system } = process.cpuUsage(before);
  return user + system;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
