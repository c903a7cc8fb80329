import { defer, finalize, type Observable } from 'rxjs';
import { shareLatest } from './share-latest.ts';

/**
 * One shared observable per key, kept only while somebody listens: equal questions are answered
 * by the same stream, and what nobody asks any more leaves nothing behind.
 */
export class SharedByKey<T> {
  readonly #live = new Map<string, Observable<T>>();

  get size(): number {
    return this.#live.size;
  }

  /** Those that somebody listens to. */
  get keys(): readonly string[] {
    return [...this.#live.keys()];
  }

  get(key: string, create: () => Observable<T>): Observable<T> {
    const live = this.#live.get(key);
    if (live) return live;
    const shared: Observable<T> = defer(() => {
      // Somebody may have asked the same and listened since this one was handed out.
      const live = this.#live.get(key);
      if (live) return live;
      this.#live.set(key, shared);
      return create();
    }).pipe(
      finalize(() => {
        if (this.#live.get(key) === shared) this.#live.delete(key);
      }),
      shareLatest(),
    );
    return shared;
  }
}
