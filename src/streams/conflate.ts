import { asyncScheduler, Observable, type OperatorFunction, type SchedulerLike, type Subscription } from 'rxjs';

export interface ConflateOptions {
  /** May a value be sent now? */
  readonly isReady: () => boolean;
  /** How often to ask again while the answer is no, milliseconds. */
  readonly recheckMs: number;
  /** After so long without a yes the stream fails with SlowConsumerError, milliseconds. */
  readonly patienceMs: number;
  /** Called for each value that a newer one replaced. */
  readonly onDrop?: () => void;
  readonly scheduler?: SchedulerLike;
}

export class SlowConsumerError extends Error {
  constructor(patienceMs: number) {
    super(`read too slowly for ${patienceMs} ms`);
    this.name = 'SlowConsumerError';
  }
}

/** While the receiver is not ready only the newest value waits for it; older ones are dropped. Memory stays at one value. */
export function conflate<T>(options: ConflateOptions): OperatorFunction<T, T> {
  const { isReady, recheckMs, patienceMs, onDrop, scheduler = asyncScheduler } = options;
  return (source) =>
    new Observable((subscriber) => {
      let waiting: { value: T } | null = null;
      let completed = false;
      let timer: Subscription | null = null;
      const recheck = () => {
        const startMs = scheduler.now();
        timer = scheduler.schedule(function () {
          if (isReady()) flush();
          else if (scheduler.now() - startMs >= patienceMs) subscriber.error(new SlowConsumerError(patienceMs));
          else this.schedule(undefined, recheckMs);
        }, recheckMs);
      };
      const flush = () => {
        timer?.unsubscribe();
        timer = null;
        const last = waiting;
        waiting = null;
        if (last) subscriber.next(last.value);
        if (completed) subscriber.complete();
      };
      subscriber.add(
        source.subscribe({
          next: (value) => {
            if (!waiting && isReady()) return subscriber.next(value);
            if (waiting) onDrop?.();
            waiting = { value };
            if (!timer) recheck();
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => {
            completed = true;
            if (!waiting) subscriber.complete();
          },
        }),
      );
      return () => timer?.unsubscribe();
    });
}
