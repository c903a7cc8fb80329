/** How a collector says what it has read, in Prometheus' words. A leaf. */

export type MetricType = 'counter' | 'gauge' | 'untyped' | 'histogram' | 'summary';
/** What a sample's name has behind its family's. */
export type SampleEnd = '' | '_bucket' | '_sum' | '_count';
/** Their text is made once for each frozen object, so keep one per device. */
export type Labels = Readonly<Record<string, string>>;

/** Takes one collector's samples. What it is told of a device that has no number for something, it is not told at all. */
export interface MetricWriter {
  /** @param name as Prometheus shows it, a counter's with `_total` (node_exporter has some without: they stay so) */
  counter(name: string, help: string): MetricSamples;
  gauge(name: string, help: string): MetricSamples;
  untyped(name: string, help: string): MetricSamples;
  /** Its samples end with `_bucket` (and have a label `le`), `_sum` and `_count`. */
  histogram(name: string, help: string): MetricSamples;
  /** Its samples have a label `quantile`, or end with `_sum` and `_count`. */
  summary(name: string, help: string): MetricSamples;
}

/** The samples of one family. */
export interface MetricSamples {
  /**
   * null, undefined and NaN are left out: no sample is Prometheus' word for unknown.
   * @param end of a histogram or summary; others have none
   * @throws where the value is no number, a label's name is none that Prometheus takes, or its value is no text
   */
  add(value: number | null | undefined, labels?: Labels, end?: SampleEnd): this;
}

/** Reads anew, and writes what it has read. Where it throws, nothing of it is told, and its success is 0. Never run twice at a time. */
export type Collector = (metrics: MetricWriter) => void | Promise<void>;

/** By the names that `collect[]` takes. One that is `onRequest` works only where it is named there: what is costly, or much. */
export type Collectors = Readonly<Record<string, Collector | { readonly onRequest: Collector }>>;
