/** Prometheus' text format, read strictly: what is not understood is refused with its line, not told by half. */
import { parseSample, type Sample } from './sample-line.ts';

const TYPES = ['counter', 'gauge', 'untyped', 'histogram', 'summary'] as const;
type PromType = (typeof TYPES)[number];

export interface PromFamily {
  readonly name: string;
  type: PromType | null;
  help: string | null;
  /** By name and labels, whatever their order. */
  readonly samples: Map<string, Sample>;
}

/** What the samples of a histogram or summary end with. */
const ENDS: Readonly<Partial<Record<PromType, readonly string[]>>> = {
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['_sum', '_count'],
};
const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP_LINE = new RegExp(`^#[ \\t]+HELP[ \\t]+(${NAME})(?:[ \\t](.*))?$`);
const TYPE_LINE = new RegExp(`^#[ \\t]+TYPE[ \\t]+(${NAME})[ \\t]+(\\S+)[ \\t]*$`);
const MALFORMED = /^#[ \t]+(HELP|TYPE)\b/;

/** @throws naming the line and what is wrong with it; a file whose last line has no end was only half written */
export function parsePromText(text: string): ReadonlyMap<string, PromFamily> {
  const lines = text.split('\n');
  if (lines.pop() !== '') throw new Error('ends in the middle of a line');
  const reader = new Reader();
  lines.forEach((line, index) => {
    try {
      reader.take(line.replace(/\r$/, ''));
    } catch (error) {
      throw new Error(`line ${index + 1}: ${(error as Error).message}`);
    }
  });
  return reader.families;
}

class Reader {
  readonly families = new Map<string, PromFamily>();

  take(line: string): void {
    const start = line.trimStart();
    if (start === '') return;
    if (start.startsWith('#')) this.#takeComment(start);
    else this.#takeSample(parseSample(start));
  }

  #takeComment(line: string): void {
    const [, helpOf, help = ''] = HELP_LINE.exec(line) ?? [];
    const [, typeOf, type] = TYPE_LINE.exec(line) ?? [];
    if (helpOf !== undefined) {
      const family = this.#family(helpOf);
      if (family.help !== null) throw new Error(`a second HELP of ${helpOf}`);
      family.help = help.replace(/\\([\\n])/g, (_, character) => (character === 'n' ? '\n' : '\\'));
    } else if (typeOf !== undefined) {
      const family = this.#family(typeOf);
      const known = TYPES.find((one) => one === type?.toLowerCase());
      if (known === undefined) throw new Error(`type '${type}' of ${typeOf}; allowed are ${TYPES.join(', ')}`);
      if (family.type !== null || family.samples.size > 0) throw new Error(`a TYPE of ${typeOf} after another, or after its samples`);
      family.type = known;
    } else if (MALFORMED.test(line)) throw new Error(`'${line.slice(0, 80)}' has no name, or no type`);
  }

  #takeSample(sample: Sample): void {
    const { samples } = this.#familyOf(sample.name);
    const series = JSON.stringify([sample.name, Object.entries(sample.labels).sort(([a], [b]) => (a < b ? -1 : 1))]);
    if (samples.has(series)) throw new Error(`${sample.name} comes twice with the same labels`);
    samples.set(series, sample);
  }

  /** `x_sum` belongs to `x` if that is a histogram or summary. */
  #familyOf(name: string): PromFamily {
    const end = name.lastIndexOf('_');
    const whole = this.families.get(name.slice(0, end));
    if (end > 0 && whole?.type && ENDS[whole.type]?.includes(name.slice(end))) return whole;
    const family = this.#family(name);
    if (family.type === 'histogram') throw new Error(`${name} is a histogram; its samples end with ${ENDS.histogram?.join(', ')}`);
    return family;
  }

  #family(name: string): PromFamily {
    const known = this.families.get(name);
    if (known) return known;
    const family: PromFamily = { name, type: null, help: null, samples: new Map() };
    this.families.set(name, family);
    return family;
  }
}
