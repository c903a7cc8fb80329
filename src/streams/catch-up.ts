import { asyncScheduler, Observable, type SchedulerLike, type Subscription } from 'rxjs';
import { SlowConsumerError } from './conflate.ts';
import type { Frame } from './frame.ts';
import type { Question } from './question.ts';

export interface CatchUpOptions {
  /** May a frame be sent now? */
  readonly isReady: () => boolean;
  /** How often to ask again while the answer is no, milliseconds. */
  readonly recheckMs: number;
  /** After so long without a yes the stream fails with SlowConsumerError, milliseconds. */
  readonly patienceMs: number;
  readonly scheduler?: SchedulerLike;
}

/** Nothing else waits longer than this for one reader to catch up. */
const SLICE_MS = 5;

/**
 * What was missed, as fast as its reader takes it, then what is live: each frame once, none left out. The past is pulled
 * frame by frame, so that a slow reader costs no memory.
 */
export function caughtUp({ live, missed, has }: Question, options: CatchUpOptions): Observable<Frame> {
  if (missed === null) return live;
  const { isReady, recheckMs, patienceMs, scheduler = asyncScheduler } = options;
  return new Observable((subscriber) => {
    let isLive = false;
    let isOver = false;
    let lastSequence = 0;
    let newest: Frame | null = null;
    let pulling: Subscription | null = null;
    const send = (frame: Frame) => {
      if (frame.sequence !== null) lastSequence = frame.sequence;
      subscriber.next(frame);
    };
    // Listening from the start on keeps the topic running, so that its past has no end before its present.
    const listening = live.subscribe({
      next: (frame) => {
        if (isLive) return send(frame);
        newest = frame;
      },
      error: (error: unknown) => subscriber.error(error),
      complete: () => {
        isOver = true;
        if (isLive) subscriber.complete();
      },
    });
    subscriber.add(listening);
    if (subscriber.closed) return;
    const frames = missed();
    let readyMs = scheduler.now();
    const goLive = () => {
      isLive = true;
      const isNew = newest?.sequence !== has && (newest?.sequence ?? Number.POSITIVE_INFINITY) > lastSequence;
      if (newest !== null && isNew) send(newest);
      newest = null;
      if (isOver) subscriber.complete();
    };
    const pull = () => {
      const endMs = performance.now() + SLICE_MS;
      while (!subscriber.closed) {
        if (!isReady()) return later(recheckMs);
        readyMs = scheduler.now();
        const next = frames.next();
        if (next.done) return goLive();
        send(next.value);
        if (performance.now() > endMs) return later(0);
      }
    };
    const later = (ms: number) => {
      if (scheduler.now() - readyMs >= patienceMs) return subscriber.error(new SlowConsumerError(patienceMs));
      pulling = scheduler.schedule(() => attempt(), ms);
    };
    const attempt = () => {
      try {
        pull();
      } catch (error) {
        subscriber.error(error);
      }
    };
    attempt();
    return () => {
      pulling?.unsubscribe();
      frames.return?.();
    };
  });
}
