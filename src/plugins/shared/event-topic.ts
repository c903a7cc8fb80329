import { filter, type Observable, ReplaySubject } from 'rxjs';

/** Something that happened, before it has its place in the stream. */
export interface Change {
  readonly event: string;
  readonly [detail: string]: unknown;
}

/** A change as it is published. */
export type PluginEvent<C extends Change> = C & { readonly sequence: number; readonly timestampMs: number };

/** The topic on which a plugin tells what happened. Who comes later is told the newest. */
export class EventTopic<C extends Change> {
  readonly #events = new ReplaySubject<PluginEvent<C>>(1);

  /** @param nextSequence of the stream of samples, so that both are one order */
  publish(changes: readonly C[], nextSequence: () => number): void {
    for (const change of changes) this.#events.next(Object.freeze({ sequence: nextSequence(), timestampMs: Date.now(), ...change }));
  }

  matching(isWanted: (change: C) => boolean): Observable<PluginEvent<C>> {
    return this.#events.pipe(filter((event) => isWanted(event)));
  }

  end(): void {
    this.#events.complete();
  }
}
