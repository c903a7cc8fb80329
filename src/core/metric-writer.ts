/** How a collector says what it has read, in Prometheus' words. A leaf. */

export type MetricType = 'counter' | 'gauge' | 'untyped';
export type Labels = Readonly<Record<string, string>>;

/** Takes one collector's samples. What it is told of a device that has no number for something, it is not told at all. */
export interface MetricWriter {
  /** @param name as Prometheus shows it, a counter's with `_total` (node_exporter has some without: they stay so) */
  counter(name: string, help: string): MetricSamples;
  gauge(name: string, help: string): MetricSamples;
  untyped(name: string, help: string): MetricSamples;
}

/** The samples of one family. */
export interface MetricSamples {
  /** null, undefined and NaN are left out: no sample is Prometheus' word for unknown. */
  add(value: number | null | undefined, labels?: Labels): this;
}

/** Reads anew, and writes what it has read. Where it throws, nothing of it is told, and its success is 0. */
export type Collector = (metrics: MetricWriter) => void | Promise<void>;
