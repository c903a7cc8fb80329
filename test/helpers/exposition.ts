/** What stands in a scrape, for tests: series with their labels in one order, and what is said of families. */
export interface Scrape {
  /** `name{a="1",b="2"}` -> value */
  readonly series: ReadonlyMap<string, number>;
  readonly types: ReadonlyMap<string, string>;
  readonly helps: ReadonlyMap<string, string>;
}

const LABEL = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)$/;

/** @throws at a line that is not as the format wants it */
export function parseScrape(text: string): Scrape {
  const [series, types, helps] = [new Map<string, number>(), new Map<string, string>(), new Map<string, string>()];
  for (const line of text.split('\n')) {
    if (line === '' || line === '# EOF') continue;
    const [, about, family = '', said = ''] = /^# (HELP|TYPE) (\S+) ?(.*)$/.exec(line) ?? [];
    if (about) {
      const known = about === 'HELP' ? helps : types;
      if (known.has(family)) throw new Error(`${about} of ${family} comes twice`);
      known.set(family, said);
      continue;
    }
    const [, name, labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    if (name === undefined) throw new Error(`not understood: ${line}`);
    const sorted = [...labels.matchAll(LABEL)].map(([pair]) => pair).sort();
    if (sorted.join().length !== labels.replace(/,$/, '').length) throw new Error(`labels are not understood: ${line}`);
    const key = sorted.length === 0 ? name : `${name}{${sorted.join()}}`;
    if (series.has(key)) throw new Error(`${key} comes twice`);
    series.set(key, Number(value.replace('Inf', 'Infinity')));
  }
  return { series, types, helps };
}

export function nameOf(series: string): string {
  return series.split('{', 1)[0] as string;
}
