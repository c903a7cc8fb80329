/** A layout for what nobody has drawn one for: the lists in a sample, and the numbers beside them. */
import { type Column, column, type Layout, numberOf, type Row, type Sample } from '../layout.ts';
import { inWords, titleOf, type UnitChoice, unitOfName } from '../units.ts';

/** More would not fit on any terminal, and the last go first anyway. */
const MOST_COLUMNS = 12;
const MOST_METERS = 2;
const DEEPEST = 4;
/** When and which it is: no numbers to be drawn. */
const STAMP = /^(sequence|intervalMs)$|timestampMs$/i;

/** One for each list and, where there are any, for the numbers in no list. Empty: there is nothing to set out. */
export function inferLayouts(sample: Sample): Layout[] {
  const lists = Object.entries(sample).filter(([, value]) => isTable(value)) as [string, Sample[]][];
  const layouts = lists.map(([key, items]) => listLayout(key, items));
  if (numbersIn(sample).length === 0) return layouts;
  // An element with rates of its own, such as an interface with its addresses, is looked at for these.
  const isMeasured = Object.keys(sample).some(isRate) && !lists.some(([, [first = {}]]) => Object.keys(first).some(isRate));
  return isMeasured ? [NUMBERS, ...layouts] : [...layouts, NUMBERS];
}

function isTable(value: unknown): value is Sample[] {
  return (
    Array.isArray(value) && value.length > 0 && value.every((item) => typeof item === 'object' && item !== null && !Array.isArray(item))
  );
}

function listLayout(key: string, items: readonly Sample[]): Layout {
  const [first = {}] = items;
  const names = Object.keys(first);
  const identity = names.find((name) => new Set(items.map((item) => String(item[name]))).size === items.length) ?? (names[0] as string);
  const numbers = names.filter((name) => name !== identity && items.some((item) => numberOf(item[name]) !== null));
  const texts = names.filter((name) => name !== identity && typeof first[name] === 'string');
  // What changes comes first; what counts from the start says little.
  const ranked = [...numbers].sort((a, b) => interest(b) - interest(a));
  const meters = ranked.filter(isRate).slice(0, MOST_METERS);
  const columns: Column[] = [
    column(identity, titleOf(identity), 'name'),
    ...meters.map((name, i) => column(name, titleOf(name), 'meter', unitOfName(name), i === 0 ? 'rx' : 'tx')),
    ...ranked.filter((name) => !meters.includes(name)).map((name) => column(name, titleOf(name), 'number', unitOfName(name))),
    ...texts.map((name) => column(name, titleOf(name), 'text', null, 'dim')),
  ].slice(0, MOST_COLUMNS);
  const orders = [{ id: '', title: 'as told' }, ...columns.map(({ id, title }) => ({ id, title }))];
  const rowOf = (item: Sample, at: number): Row => {
    const tops = Object.fromEntries(meters.map((name) => [name, unitOfName(name) === 'ratio' ? 1 : null]));
    return { id: String(item[identity] ?? at), values: item, tops };
  };
  const rows = (sample: Sample) => (isTable(sample[key]) ? sample[key].map(rowOf) : []);
  return { title: key, columns, orders, rows, facts: factsOf };
}

function interest(name: string): number {
  const unit = unitOfName(name);
  return unit === 'ratio' ? 3 : /\/s$|^per second$/.test(unit ?? '') ? 2 : 1;
}

const isRate = (name: string) => interest(name) >= 2;

function factsOf(sample: Sample, units: UnitChoice): string[] {
  return Object.entries(sample).flatMap(([name, value]) =>
    !STAMP.test(name) && (typeof value === 'number' || typeof value === 'string')
      ? [`${titleOf(name)} ${inWords(value, unitOfName(name), units)}`]
      : [],
  );
}

const NUMBERS: Layout = {
  title: 'numbers',
  columns: [column('name', 'name', 'name'), { ...column('value', 'value', 'meter', null, 'rx'), hasBar: false }],
  orders: [
    { id: '', title: 'as told' },
    { id: 'name', title: 'name', key: 'n' },
    { id: 'value', title: 'value' },
  ],
  rows: (sample) =>
    numbersIn(sample).map(([path, value]) => {
      const unit = unitOfName(path.at(-1) as string);
      const name = path.join('.');
      return { id: name, unit, values: { name, value }, tops: { value: unit === 'ratio' ? 1 : null } };
    }),
  facts: () => [],
};

/** All numbers outside of lists, with the way to them. */
function numbersIn(sample: Sample, path: readonly string[] = []): [path: readonly string[], value: number | null][] {
  if (path.length > DEEPEST) return [];
  return Object.entries(sample).flatMap(([name, value]): [readonly string[], number | null][] => {
    if (STAMP.test(name)) return [];
    if (typeof value === 'number') return [[[...path, name], value]];
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isGroup ? numbersIn(value as Sample, [...path, name]) : [];
  });
}
