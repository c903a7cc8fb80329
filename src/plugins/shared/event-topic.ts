import { filter, type Observable, ReplaySubject } from 'rxjs';
import type { PastStart, Query, RecordedTopic } from '../../core/base-plugin.ts';

/** Something that happened, before it has its place in the stream. */
export interface Change {
  readonly event: string;
  readonly [detail: string]: unknown;
}

/** A change as it is published. */
export type PluginEvent<C extends Change> = C & { readonly sequence: number; readonly timestampMs: number };

/** What happened is worth more than how it was at some moment: it is kept by number, however old. */
const MOST_KEPT = 1000;

/** The topic on which a plugin tells what happened. Who comes later is told the newest, or what it asks for of the past. */
export class EventTopic<C extends Change> {
  readonly #live = new ReplaySubject<PluginEvent<C>>(1);
  readonly #kept: PluginEvent<C>[] = [];
  #completeAfter = Date.now();

  /** @param nextSequence of the stream of samples, so that both are one order */
  publish(changes: readonly C[], nextSequence: () => number): void {
    for (const change of changes) {
      const event = Object.freeze({ sequence: nextSequence(), timestampMs: Date.now(), ...change });
      this.#keep(event);
      this.#live.next(event);
    }
  }

  /** @param parseFilter which events a query asks for */
  filtered(parseFilter: (query: Query) => (change: C) => boolean): RecordedTopic<PluginEvent<C>> {
    return {
      everyValueCounts: true,
      values: (query) => this.#matching(parseFilter(query)),
      past: (query, start) => ({
        values: this.#after(start, parseFilter(query)),
        completeAfter: this.#completeAfter,
        newest: this.#kept.at(-1)?.sequence ?? null,
      }),
    };
  }

  end(): void {
    this.#live.complete();
  }

  #matching(isWanted: (change: C) => boolean): Observable<PluginEvent<C>> {
    return this.#live.pipe(filter((event) => isWanted(event)));
  }

  *#after({ afterSequence, fromTimestampMs }: PastStart, isWanted: (change: C) => boolean): Generator<PluginEvent<C>> {
    for (let last = afterSequence; ; ) {
      const next = this.#kept.find((event) => event.sequence > last && event.timestampMs >= fromTimestampMs && isWanted(event));
      if (!next) return;
      last = next.sequence;
      yield next;
    }
  }

  #keep(event: PluginEvent<C>): void {
    this.#kept.push(event);
    if (this.#kept.length > MOST_KEPT) this.#completeAfter = this.#kept.shift()?.sequence ?? this.#completeAfter;
  }
}
