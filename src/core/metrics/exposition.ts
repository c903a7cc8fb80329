/** Families as text: Prometheus' format, or OpenMetrics for who asks for that. */
import type { Labels, MetricSamples, MetricType, MetricWriter } from '../metric-writer.ts';

export interface Family {
  readonly name: string;
  readonly type: MetricType;
  readonly help: string;
  /** `{device="eth0"} 12`, one per sample. */
  readonly lines: string[];
}

export type Families = Map<string, Family>;
export type Format = 'prometheus' | 'openmetrics';

export const CONTENT_TYPES: Readonly<Record<Format, string>> = {
  prometheus: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
};

const NAME = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;

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

  #samples(name: string, type: MetricType, help: string): MetricSamples {
    if (!NAME.test(name)) throw new Error(`'${name}' is no metric's name`);
    const family = this.families.get(name) ?? { name, type, help, lines: [] };
    if (family.type !== type) throw new Error(`${name} is a ${family.type} and a ${type}`);
    this.families.set(name, family);
    const { lines } = family;
    const samples: MetricSamples = {
      add: (value, labels) => {
        if (value !== null && value !== undefined && !Number.isNaN(value)) lines.push(`${labelText(labels)} ${numberText(value)}`);
        return samples;
      },
    };
    return samples;
  }
}

/** Families without a sample are left out. */
export function toText(families: Iterable<Family>, format: Format): string {
  const parts: string[] = [];
  for (const { name, type, help, lines } of families) {
    if (lines.length === 0) continue;
    const [family, typeName, sample] = naming(name, type, format);
    parts.push(`# HELP ${family} ${escapeHelp(help, format)}\n# TYPE ${family} ${typeName}\n`);
    for (const line of lines) parts.push(sample, line, '\n');
  }
  if (format === 'openmetrics') parts.push('# EOF\n');
  return parts.join('');
}

/** OpenMetrics names a counter's family without `_total`, and has no counter whose samples lack it. */
function naming(name: string, type: MetricType, format: Format): [family: string, type: string, sample: string] {
  if (format === 'prometheus') return [name, type, name];
  if (type === 'untyped' || (type === 'counter' && !name.endsWith('_total'))) return [name, 'unknown', name];
  return [type === 'counter' ? name.slice(0, -'_total'.length) : name, type, name];
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

function labelText(labels: Labels | undefined): string {
  if (labels === undefined) return '';
  let text = '';
  for (const name in labels) text += `${text === '' ? '{' : ','}${name}="${escapeLabel(labels[name] as string)}"`;
  return text === '' ? '' : `${text}}`;
}

const LABEL_ESCAPES = /[\\"\n]/g;
const NEEDS_ESCAPE = /[\\"\n]/;

function escapeLabel(value: string): string {
  return NEEDS_ESCAPE.test(value) ? value.replace(LABEL_ESCAPES, (character) => (character === '\n' ? '\\n' : `\\${character}`)) : value;
}

function escapeHelp(help: string, format: Format): string {
  const escapes = format === 'openmetrics' ? LABEL_ESCAPES : /[\\\n]/g;
  return help.replace(escapes, (character) => (character === '\n' ? '\\n' : `\\${character}`));
}

function numberText(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? '+Inf' : '-Inf';
}
