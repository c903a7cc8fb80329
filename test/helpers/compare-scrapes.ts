import { nameOf, type Scrape } from './exposition.ts';
import { LEFT_OUT, MOVES, ONLY_OURS, RISES } from './node-exporter-differences.ts';

/** What is told by each on its own account: how long it took, and which collectors there are. */
const OF_COLLECTORS = /^node_scrape_collector_/;
/** Seconds as binary numbers: theirs are multiplied, ours divided. */
const ROUNDING = 1e-9;

/** Their scrape against two of ours, one before it and one after. @returns what does not agree, by series or name, in words */
export function compareScrapes(before: Scrape, theirs: Scrape, after: Scrape): Map<string, string> {
  const problems = new Map<string, string>();
  for (const [series, value] of theirs.series) {
    const name = nameOf(series);
    if (!name.startsWith('node_')) continue;
    const ours = [before.series.get(series), after.series.get(series)].filter((one) => one !== undefined);
    const problem = ours.length > 0 ? compareValues(series, ours, value, theirs.types.get(name)) : compareMissing(series, value);
    if (problem) problems.set(series, problem);
  }
  for (const series of after.series.keys()) {
    const name = nameOf(series);
    if (!name.startsWith('node_') || theirs.series.has(series) || ONLY_OURS.some((own) => own.name.test(name))) continue;
    problems.set(series, `only we tell ${series}`);
  }
  for (const [name, type] of theirs.types) {
    if (!name.startsWith('node_') || !after.types.has(name)) continue;
    const [ours, said] = [`${after.types.get(name)}: ${after.helps.get(name)}`, `${type}: ${theirs.helps.get(name)}`];
    if (ours !== said) problems.set(`# ${name}`, `${name} is "${ours}", and not "${said}"`);
  }
  return problems;
}

function compareMissing(series: string, value: number): string | null {
  const isLeftOut = LEFT_OUT.some(({ name, isValue }) => name.test(nameOf(series)) && (isValue?.(value) ?? true));
  return isLeftOut ? null : `we do not tell ${series}`;
}

function compareValues(series: string, ours: readonly number[], value: number, type: string | undefined): string | null {
  const name = nameOf(series);
  if (OF_COLLECTORS.test(name)) return null;
  const [least, most] = [Math.min(...ours), Math.max(...ours)];
  const isRising = type === 'counter' || RISES.test(name) || name === 'node_time_seconds';
  const slack = (isRising ? 0 : (MOVES.find(([pattern]) => pattern.test(name))?.[1] ?? 0)) + Math.abs(value) * ROUNDING;
  return value >= least - slack && value <= most + slack ? null : `${series} is ${ours.join(' and then ')} here, and ${value} there`;
}
