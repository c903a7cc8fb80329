import { readdirSync, readFileSync } from 'node:fs';
import type { CounterTable, Reading } from '../../src/streams/sampling/counter-table.ts';
import { EpochTracker } from '../../src/streams/sampling/epoch-tracker.ts';

/** One frame of a film: what the counters of all devices were at a moment. `null` for what the source did not have. */
export interface FilmFrame {
  readonly atMs: number;
  readonly sleeps?: number;
  /** name -> [key, ...counters] */
  readonly devices: Readonly<Record<string, readonly (number | null)[]>>;
}

export interface ExpectedRates {
  readonly elapsedMs: number | null;
  readonly statuses: Readonly<Record<string, string>>;
  readonly perSecond: Readonly<Record<string, readonly (number | null)[]>>;
}

export interface Film {
  readonly name: string;
  readonly about: string;
  readonly longestMs?: number;
  readonly monotonicColumns: number;
  readonly frames: readonly FilmFrame[];
  /** What is expected for the frames: each against the one before, and the last one against the first. */
  readonly expected: { readonly eachAgainstTheOneBefore: readonly ExpectedRates[]; readonly lastAgainstFirst: ExpectedRates };
}

const DIRECTORY = 'test/fixtures/network/films';

export function films(): Film[] {
  return readdirSync(DIRECTORY)
    .sort()
    .map((name) => {
      const files = readdirSync(`${DIRECTORY}/${name}`).filter((file) => file.startsWith('frame-'));
      const frames = files.map((_, index) => json<FilmFrame>(`${DIRECTORY}/${name}/frame-${index + 1}.json`));
      return { name, ...json<Omit<Film, 'name' | 'frames'>>(`${DIRECTORY}/${name}/expected.json`), frames };
    });
}

/** Readings as a sampler makes them, with epochs; names and keys stay the same arrays while they do not change. */
export function develop(frames: readonly FilmFrame[], monotonicColumns: number): Reading[] {
  const tracker = new EpochTracker(monotonicColumns);
  let last: CounterTable | null = null;
  return frames.map(({ atMs, sleeps = 0, devices }, index) => {
    const table = toTable(devices, last);
    last = table;
    return { ...table, sequence: index + 1, timestampMs: atMs, monotonicMs: atMs, epochs: tracker.track(table), sleeps };
  });
}

export function toTable(devices: FilmFrame['devices'], last: CounterTable | null = null): CounterTable {
  const names = Object.keys(devices);
  const keys = Object.values(devices).map(([key]) => key ?? null);
  const width = Math.max(0, ...Object.values(devices).map((row) => row.length - 1));
  const counters = Float64Array.from(Object.values(devices).flatMap((row) => row.slice(1).map((value) => value ?? Number.NaN)));
  return {
    names: last && String(last.names) === String(names) ? last.names : names,
    keys: last && String(last.keys) === String(keys) ? last.keys : keys,
    counters,
    width,
  };
}

function json<T>(path: string): T {
  return JSON.parse(readFileSync(path, 'utf8')) as T;
}
