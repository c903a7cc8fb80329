import { type Field, type Fields, isDeclaration, isGroup, isList } from '../fields.ts';
import type { Labels, MetricWriter } from '../metric-writer.ts';

/**
 * The counters and gauges of an answer as its fields declare them: `hostpulse_<plugin>_<path>`, a counter with `_total`,
 * the elements of a list told apart by their identity as a label. Infos are left out: text that changes would be a new
 * series each time. What would be a second series of the same name and labels is left out, too, as Prometheus would refuse
 * it: `declaredCollisions` tells of it.
 */
export function declaredMetrics(plugin: string, fields: Fields, body: unknown, metrics: MetricWriter): void {
  const whose = new Map<string, string>();
  const tell = ({ kind, unit, description }: Field, metric: string, path: string, value: unknown, labels: Labels) => {
    const number = unit === 'ms' ? (value as number) / 1000 : (value as number);
    if (typeof value !== 'number' || (whose.get(metric) ?? path) !== path) return;
    whose.set(metric, path);
    const help = unit === undefined ? String(description) : `${description} (${unit === 'ms' ? 'seconds' : unit})`;
    metrics[kind as 'counter' | 'gauge'](metric, help).add(number, labels);
  };
  walk(fields, body, { metric: `hostpulse_${snakeCase(plugin)}`, path: '', labels: {} }, tell);
}

/** Counters and gauges of different paths that would have one name in /metrics, each as a sentence. */
export function declaredCollisions(fields: Fields): string[] {
  const whose = new Map<string, string>();
  const collisions: string[] = [];
  const compare = (metric: string, path: string) => {
    const first = whose.get(metric);
    if (first === undefined) whose.set(metric, path);
    else collisions.push(`${path} has the same name in /metrics as ${first} (..${metric}), and would not be in it`);
  };
  const eachOf = (level: Fields, prefix: string, above: string): void => {
    for (const [name, node] of Object.entries(level)) {
      const [metric, path] = [`${prefix}_${snakeCase(name)}`, above + name];
      if (isGroup(node)) eachOf(node.fields, metric, `${path}/`);
      else if (isList(node)) eachOf(node.each, metric, `${path}/`);
      else if (node.kind !== 'info') compare(metricName(metric, node), path);
    }
  };
  eachOf(fields, '', '');
  return collisions;
}

interface Place {
  readonly metric: string;
  readonly path: string;
  readonly labels: Labels;
}

type Tell = (field: Field, metric: string, path: string, value: unknown, labels: Labels) => void;

function walk(fields: Fields, value: unknown, { metric, path, labels }: Place, tell: Tell): void {
  if (!isDeclaration(fields) || typeof value !== 'object' || value === null) return;
  for (const [name, node] of Object.entries(fields as Fields)) {
    if (!isDeclaration(node)) continue;
    const child = (value as Record<string, unknown>)[name];
    const below = { metric: `${metric}_${snakeCase(name)}`, path: `${path}/${name}`, labels };
    if (isGroup(node)) walk(node.fields, child, below, tell);
    else if (isList(node)) {
      const label = labelOf(name, node.identity, labels);
      for (const [own, element] of named(node.identity, child))
        walk(node.each, element, { ...below, labels: { ...labels, [label]: own } }, tell);
    } else if (node.kind === 'counter' || node.kind === 'gauge') tell(node, metricName(below.metric, node), below.path, child, labels);
  }
}

/** The elements of a list by their names, or else by their places; of two with one name the first. */
function named(identity: string | undefined, list: unknown): Map<string, unknown> {
  const elements = new Map<string, unknown>();
  for (const [at, element] of Array.isArray(list) ? list.entries() : []) {
    const name = identity === undefined ? at : ((element as Record<string, unknown> | null)?.[identity] ?? at);
    if (!elements.has(String(name))) elements.set(String(name), element);
  }
  return elements;
}

/** The identity; in a list within a list whose label is called so already, with the list's name before it. */
function labelOf(list: string, identity: string | undefined, labels: Labels): string {
  let label = snakeCase(identity ?? list);
  while (label in labels) label = `${snakeCase(list)}_${label}`;
  return label;
}

/** Prometheus counts time in seconds, and a counter's name ends in `_total`; a gauge's must not, nor as a histogram's samples do. */
function metricName(path: string, { kind, unit }: Field): string {
  const name = unit === 'ms' ? `${path.replace(/_ms$/, '')}_seconds` : path;
  if (kind === 'gauge') return name.replace(/_(total|count|sum|bucket)$/, '');
  return name.endsWith('_total') ? name : `${name}_total`;
}

/** Declared names are few, and come again at every scrape. */
const snakeCases = new Map<string, string>();
const MOST_KNOWN_NAMES = 10_000;

/** `rxBytesPerSecond` -> rx_bytes_per_second */
function snakeCase(name: string): string {
  const known = snakeCases.get(name);
  if (known !== undefined) return known;
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_');
  const told = words.toLowerCase();
  if (snakeCases.size < MOST_KNOWN_NAMES) snakeCases.set(name, told);
  return told;
}
