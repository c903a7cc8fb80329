/** Bursts, as the plugins ask for them, declare them and tell them. */
import { badVariable, type Fields, type Query, readDuration, type Variables } from '../../core/base-plugin.ts';
import { BURST_WIDTH, type Burst } from '../../streams/sampling/burst.ts';
import { type SamplingLimits, samplingParameters } from './sampling.ts';
import { rounded, roundedRatio } from './view.ts';

/** Steps that an interval may have: what is above the 95th percentile of them is kept. */
const MOST_STEPS = 3600;
/** Each is read on its own: a client that asks ever new ones must not take all of the time. */
const MOST_PACES = 8;
/** Longer is no burst, and who asks once would wait for two of them. */
const LONGEST_BURST_MS = 1000;

const burstParameters = {
  shortestBurstMs: {
    doc: 'Shortest `?burst=` that a client may ask for, milliseconds; everything is read so often while it listens',
    format: 'positiveInteger',
    default: 20,
  },
} as const;

export const parametersWithBursts = { ...samplingParameters, ...burstParameters } as const;

export const burstVariables = {
  burst: {
    description:
      'read so often inside the interval, and tell as `burst` what happened there; `shortestBurstMs` to half of the interval, at most ' +
      '1 s. A GET while nobody listens takes about as long as the interval, or a second where that is shorter',
    example: '50ms',
  },
} as const satisfies Variables;

/** @param paces those at which is read already @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function parseBurst(
  query: Query,
  intervalMs: number,
  { shortestBurstMs = LONGEST_BURST_MS }: SamplingLimits,
  paces: readonly number[],
): number | null {
  if (query.burst === undefined) return null;
  const leastMs = Math.max(shortestBurstMs, Math.ceil(intervalMs / MOST_STEPS));
  const mostMs = Math.min(intervalMs / 2, Math.max(LONGEST_BURST_MS, shortestBurstMs));
  if (leastMs > mostMs) throw badVariable('burst', query.burst, `an interval of at least ${2 * leastMs}ms for it, not ${intervalMs}ms`);
  const burstMs = readDuration(query, 'burst', leastMs, mostMs);
  if (burstMs === null || paces.includes(burstMs) || paces.length < MOST_PACES) return burstMs;
  const taken = paces.toSorted((one, other) => one - other).map((ms) => `${ms}ms`);
  throw badVariable('burst', query.burst, `one that others ask for now, since there are ${MOST_PACES}: ${taken.join(', ')}`);
}

const gauge = <U extends string>(unit: U, description: string) => ({ kind: 'gauge', unit, description, nullable: true }) as const;

const stepFields = {
  intervalMs: gauge('ms', 'how long the steps were on average; `null` without any'),
  samples: {
    kind: 'gauge',
    unit: 'steps',
    description: 'that are known: without those in which it came, began to count anew or the host slept',
  },
} as const satisfies Fields;

const threeFields = (unit: string) =>
  ({
    description: 'in these steps: least, greatest, 95th percentile; `null` where no step is known',
    optional: true,
    fields: {
      min: gauge(unit, 'least'),
      max: gauge(unit, 'greatest'),
      p95: gauge(unit, '95th percentile, by nearest rank: of 20 steps the second greatest, of fewer the greatest'),
    },
  }) as const;

export interface BurstGroup<Name extends string> {
  readonly description: string;
  readonly optional: true;
  readonly fields: typeof stepFields & { readonly [N in Name]: ReturnType<typeof threeFields> };
}

/** The group that elements have while bursts are asked for. @param units of the rates whose steps are told, by field */
export function burstGroup<Name extends string>(units: Readonly<Record<Name, string>>): BurstGroup<Name> {
  const rates = Object.entries<string>(units).map(([name, unit]) => [name, threeFields(unit)] as const);
  return {
    description: 'what happened inside the interval, step by step; with `?burst=` only',
    optional: true,
    fields: { ...stepFields, ...Object.fromEntries(rates) } as BurstGroup<Name>['fields'],
  };
}

/** What is told of a burst by a name: something that was measured, times a factor. */
export interface BurstFigure {
  readonly name: string;
  /** Column of what was measured. */
  readonly column: number;
  /** NaN: unknown. */
  readonly factor: number;
}

/** Everything that was measured, as it was. */
export function measuredFigures(names: readonly string[]): readonly BurstFigure[] {
  return names.map((name, column) => ({ name, column, factor: 1 }));
}

/** What is told of one row. @param fields those that are shown; of the figures, all where it names none of them */
export function burstOf(burst: Burst, row: number, figures: readonly BurstFigure[], fields: readonly string[] | null = null) {
  const told: Record<string, unknown> = { intervalMs: rounded(burst.stepMs[row]), samples: burst.knownSteps[row] };
  const named = fields === null ? [] : figures.filter(({ name }) => fields.includes(name));
  for (const { name, column, factor } of named.length > 0 ? named : figures) {
    told[name] = threeOf(burst, (row * burst.names.length + column) * BURST_WIDTH, name, factor);
  }
  return told;
}

function threeOf({ values }: Burst, at: number, name: string, factor: number) {
  const round = name.endsWith('Ratio') ? roundedRatio : rounded;
  const figure = (index: number) => round((values[at + index] as number) * factor);
  return { min: figure(0), max: figure(1), p95: figure(2) };
}
