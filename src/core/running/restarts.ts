import { defer, type Observable, retry, tap, throwError, timer } from 'rxjs';

/** A broken observable is started again after this, doubled each time. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 30_000;

export interface RestartOptions {
  /** For who asks, rather than a failure: passed on. */
  readonly isFinal: (error: unknown) => boolean;
  readonly onFailure: (error: unknown, pauseMs: number) => void;
}

/**
 * Starts a source again where it fails, with growing pauses. They start anew once it has said something and gone on
 * for longer than the pause before: one that always fails right after its first value is no better than one without.
 */
export function restarted<T>(start: () => Observable<T>, { isFinal, onFailure }: RestartOptions): Observable<T> {
  return defer(() => {
    let pauseMs = 0;
    let startMs = 0;
    let hasSpoken = false;
    const begin = () => {
      startMs = performance.now();
      hasSpoken = false;
      return start();
    };
    const speak = () => {
      hasSpoken = true;
    };
    const delay = (error: unknown) => {
      if (isFinal(error)) return throwError(() => error);
      const wasWell = hasSpoken && performance.now() - startMs > pauseMs;
      pauseMs = wasWell || pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
      onFailure(error, pauseMs);
      return timer(pauseMs);
    };
    return defer(begin).pipe(tap(speak), retry({ delay }));
  });
}
