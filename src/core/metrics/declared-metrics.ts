import { type Field, type Fields, isGroup, isList } from '../fields.ts';
import type { Labels, MetricWriter } from '../metric-writer.ts';

/**
 * The counters and gauges of an answer as its fields declare them: `hostpulse_<plugin>_<path>`, a counter with `_total`,
 * the elements of a list told apart by their identity as a label. Infos are left out: text that changes would be a new
 * series each time.
 */
export function declaredMetrics(plugin: string, fields: Fields, body: unknown, metrics: MetricWriter): void {
  walk(`hostpulse_${snakeCase(plugin)}`, fields, body, {}, metrics);
}

function walk(prefix: string, fields: Fields, value: unknown, labels: Labels, metrics: MetricWriter): void {
  if (typeof value !== 'object' || value === null) return;
  for (const [name, node] of Object.entries(fields)) {
    const child = (value as Record<string, unknown>)[name];
    const path = `${prefix}_${snakeCase(name)}`;
    if (isGroup(node)) walk(path, node.fields, child, labels, metrics);
    else if (!isList(node)) tell(path, node, child, labels, metrics);
    else if (Array.isArray(child)) {
      child.forEach((element, at) => {
        walk(path, node.each, element, { ...labels, ...nameOf(name, node.identity, element, at) }, metrics);
      });
    }
  }
}

function nameOf(list: string, identity: string | undefined, element: unknown, at: number): Labels {
  if (identity === undefined) return { [snakeCase(list)]: String(at) };
  return { [snakeCase(identity)]: String((element as Record<string, unknown> | null)?.[identity] ?? at) };
}

function tell(path: string, { kind, unit, description }: Field, value: unknown, labels: Labels, metrics: MetricWriter): void {
  if (kind === 'info' || typeof value !== 'number') return;
  const help = unit === undefined ? description : `${description} (${unit === 'ms' ? 'seconds' : unit})`;
  // Prometheus counts time in seconds.
  const [name, number] = unit === 'ms' ? [`${path.replace(/_ms$/, '')}_seconds`, value / 1000] : [path, value];
  if (kind === 'gauge') metrics.gauge(name, help).add(number, labels);
  else metrics.counter(name.endsWith('_total') ? name : `${name}_total`, help).add(number, labels);
}

/** `rxBytesPerSecond` -> rx_bytes_per_second */
function snakeCase(name: string): string {
  const words = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_');
  return words.toLowerCase();
}
