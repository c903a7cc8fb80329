/** Families as text: Prometheus' format, or OpenMetrics for who asks for that. */
import type { MetricSamples, MetricType, MetricWriter } from '../metric-writer.ts';
import { escapedLabel, Family } from './family.ts';

export type Families = Map<string, Family>;
export type Format = 'prometheus' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const TOTAL = '_total';

/** Collects what one collector says. */
export class FamilyWriter implements MetricWriter {
  readonly families: Families = new Map();

  counter(name: string, help: string): MetricSamples {
    return this.#samples(name, 'counter', help);
  }

  gauge(name: string, help: string): MetricSamples {
    return this.#samples(name, 'gauge', help);
  }

  untyped(name: string, help: string): MetricSamples {
    return this.#samples(name, 'untyped', help);
  }

  histogram(name: string, help: string): MetricSamples {
    return this.#samples(name, 'histogram', help);
  }

  summary(name: string, help: string): MetricSamples {
    return this.#samples(name, 'summary', help);
  }

  #samples(name: string, type: MetricType, help: string): MetricSamples {
    const known = this.families.get(name);
    if (!known) return this.#newFamily(name, type, help);
    if (known.type !== type) throw new Error(`${name} is a ${known.type} and a ${type}`);
    return known;
  }

  #newFamily(name: string, type: MetricType, help: string): Family {
    if (!NAME.test(name)) throw new Error(`'${name}' is no metric's name; allowed are letters, digits, _ and :, not a digit first`);
    const family = new Family(name, type, help);
    this.families.set(name, family);
    return family;
  }
}

/** Families without a sample are left out. */
export function toText(families: Families, format: Format): string {
  let text = '';
  for (const family of families.values()) if (family.text !== '') text += header(family, format, families) + family.text;
  return format === 'openmetrics' ? `${text}# EOF\n` : text;
}

function header({ name, type, help }: Family, format: Format, families: Families): string {
  const [family, typeName] = format === 'prometheus' ? [name, type] : openMetricsNaming(name, type, families);
  return `# HELP ${family} ${escapedHelp(help, format)}\n# TYPE ${family} ${typeName}\n`;
}

/**
 * OpenMetrics names a counter's family without `_total`, and has no counter whose samples lack it. Where that name is
 * another family's, the counter keeps its own and is told without a type: no family may come twice.
 */
function openMetricsNaming(name: string, type: MetricType, families: Families): [family: string, type: string] {
  if (type === 'gauge' || type === 'histogram' || type === 'summary') return [name, type];
  if (type === 'untyped' || !name.endsWith(TOTAL)) return [name, 'unknown'];
  const short = name.slice(0, -TOTAL.length);
  return families.has(short) ? [name, 'unknown'] : [short, type];
}

/** By `Accept`: OpenMetrics only where it is named with no less weight than plain text. */
export function negotiate(accept: string | undefined): Format {
  const weightOf = (type: string) => {
    const range = accept?.split(',').find((part) => part.trim().startsWith(type));
    if (range === undefined) return 0;
    return Number(/;\s*q=([\d.]+)/.exec(range)?.[1] ?? 1);
  };
  const openmetrics = weightOf('application/openmetrics-text');
  return openmetrics > 0 && openmetrics >= weightOf('text/plain') ? 'openmetrics' : 'prometheus';
}

const HELP_ESCAPES = /[\\\n]/g;
const MAY_NEED_ESCAPE = /[\\"\n]/;

function escapedHelp(help: string, format: Format): string {
  if (!MAY_NEED_ESCAPE.test(help)) return help;
  if (format === 'openmetrics') return escapedLabel(help);
  return help.replace(HELP_ESCAPES, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}
