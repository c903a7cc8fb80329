import type { FieldGroup, FieldList, Host, Labels, MetricWriter } from '../../../core/base-plugin.ts';

/** What is held open to read a part from. */
export interface PartReader<T> {
  /** Everything as it is now; null where the kernel or the machine has none of it. Throws what kept it from reading. */
  read(): T | null | Promise<T | null>;
  close?(): void;
}

/** One thing that the kernel tells: how it is read, how it stands in the answer, and how in /metrics. */
export interface Part<T = unknown> {
  /** As it stands in the answer, where it is null if there is none. */
  readonly declared: FieldGroup | FieldList;
  /** Why there may be none. */
  readonly absence: string;
  /** The name that `collect[]` takes; node_exporter's. */
  readonly collector: string;
  open(host: Host): PartReader<T>;
  toAnswer(told: T): object;
  /** node_exporter's names, labels and help. */
  tell(told: T, metrics: MetricWriter): void;
}

/** A part whose type only it knows. */
// biome-ignore lint/suspicious/noExplicitAny: what it reads is what it tells, whatever that is.
export type AnyPart = Part<any>;

const MOST_LABELS = 4096;

/** One label's values as labels: the same frozen object for the same value, since its text is then made only once. */
export function labelled(name: string): (value: string) => Labels {
  const known = new Map<string, Labels>();
  return (value) => {
    let labels = known.get(value);
    if (!labels) {
      // Names that come and go must not fill the memory.
      if (known.size >= MOST_LABELS) known.clear();
      labels = Object.freeze({ [name]: value });
      known.set(value, labels);
    }
    return labels;
  };
}

export const gauge = (unit: string, description: string) => ({ kind: 'gauge', unit, description }) as const;
export const counter = (unit: string, description: string) => ({ kind: 'counter', unit, description }) as const;
export const info = (description: string) => ({ kind: 'info', description }) as const;
/** As declared, but it may be unknown. */
export const orNull = <F extends object>(field: F) => ({ ...field, nullable: true }) as const;
