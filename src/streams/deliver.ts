import type { Subscription } from 'rxjs';
import { caughtUp } from './catch-up.ts';
import { conflate, SlowConsumerError } from './conflate.ts';
import type { Frame } from './frame.ts';
import type { Question } from './question.ts';
import { CLOSE, type DeliveryCounts, type DeliveryLimits, type Sink } from './sink.ts';

const RECHECK_MS = 50;

export interface Delivery {
  readonly sink: Sink;
  readonly limits: DeliveryLimits;
  readonly counts: DeliveryCounts;
  /** Wraps a frame as this transport or protocol wants it; as it is, where left out. */
  readonly wrap?: (frame: Frame) => Buffer;
  readonly onEnd: () => void;
  readonly onError: (error: unknown) => void;
}

/** One subscription: frames to a sink, conflated while its reader is behind; a reader who stays behind is closed. */
export function deliver(question: Question, delivery: Delivery): Subscription {
  const { sink, limits, counts, wrap, onEnd, onError } = delivery;
  const isReady = () => sink.bufferedBytes <= limits.highWaterBytes;
  const onDrop = () => {
    counts.dropped++;
  };
  const patience = { isReady, recheckMs: RECHECK_MS, patienceMs: limits.slowConsumerMs };
  return caughtUp(question, patience)
    .pipe(conflate({ ...patience, onDrop }))
    .subscribe({
      next: (frame) => {
        counts.messages++;
        sink.send(wrap ? wrap(frame) : frame.bytes);
      },
      complete: onEnd,
      error: (error: unknown) => {
        if (error instanceof SlowConsumerError) sink.close(CLOSE.tryAgainLater, error.message);
        else onError(error);
      },
    });
}
