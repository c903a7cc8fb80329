import type { Labels, MetricSamples, MetricType, SampleEnd } from '../metric-writer.ts';

const LABEL_NAME = /^(?!__)[a-zA-Z_][a-zA-Z0-9_]*$/;
const LABEL_ESCAPES = /[\\"\n]/g;
const NEEDS_ESCAPE = /[\\"\n]/;
const MOST_KNOWN_NAMES = 1000;
const ENDS: Readonly<Record<MetricType, readonly SampleEnd[]>> = {
  counter: [''],
  gauge: [''],
  untyped: [''],
  histogram: ['_bucket', '_sum', '_count'],
  summary: ['', '_sum', '_count'],
};

/** Names of labels that have been looked at; they are few, and always the same. */
const knownNames = new Set<string>();
/** What frozen labels are as text. */
const knownTexts = new WeakMap<Labels, string>();

/** What is told under one name. Its samples are text from the start: nothing is made for them but that. */
export class Family implements MetricSamples {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** `node_load1 0.5\n`, a line per sample; the same in both formats. */
  text = '';

  constructor(name: string, type: MetricType, help: string) {
    this.name = name;
    this.type = type;
    this.help = help;
  }

  add(value: number | null | undefined, labels?: Labels, end: SampleEnd = ''): this {
    if (!ENDS[this.type].includes(end)) throw new Error(`a sample of the ${this.type} ${this.name} cannot end with '${end}'`);
    if (typeof value === 'number') {
      if (!Number.isNaN(value)) this.text += `${this.name}${end}${this.#labelText(labels)} ${numberText(value)}\n`;
    } else if (value !== null && value !== undefined) {
      throw new Error(`a value of ${this.name} is ${JSON.stringify(value)}; it must be a number, or null where it is not known`);
    }
    return this;
  }

  /** Another of that name, with more samples. */
  with(text: string): Family {
    const family = new Family(this.name, this.type, this.help);
    family.text = this.text + text;
    return family;
  }

  #labelText(labels: Labels | undefined): string {
    if (labels === undefined) return '';
    const known = knownTexts.get(labels);
    if (known !== undefined) return known;
    const text = this.#newLabelText(labels);
    if (Object.isFrozen(labels)) knownTexts.set(labels, text);
    return text;
  }

  #newLabelText(labels: Labels): string {
    let text = '';
    for (const name in labels) {
      this.#checkName(name);
      text += `${text === '' ? '{' : ','}${name}="${this.#escaped(name, labels[name])}"`;
    }
    return text === '' ? '' : `${text}}`;
  }

  #checkName(name: string): void {
    if (knownNames.has(name)) return;
    if (!LABEL_NAME.test(name)) {
      const allowed = 'letters, digits and _, not a digit first, and not __';
      throw new Error(`'${name}' is no name for a label of ${this.name}; allowed are ${allowed}`);
    }
    if (knownNames.size < MOST_KNOWN_NAMES) knownNames.add(name);
  }

  #escaped(name: string, value: unknown): string {
    if (typeof value !== 'string') throw new Error(`label ${name} of ${this.name} is ${JSON.stringify(value) ?? value}; it must be text`);
    return NEEDS_ESCAPE.test(value) ? escapedLabel(value) : value;
  }
}

export function escapedLabel(text: string): string {
  return text.replace(LABEL_ESCAPES, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf';
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value);
}
