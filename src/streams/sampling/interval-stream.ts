import {
  catchError,
  concat,
  concatMap,
  defer,
  EMPTY,
  filter,
  finalize,
  map,
  type Observable,
  of,
  type SchedulerLike,
  tap,
  timer,
} from 'rxjs';
import type { Clock } from '../clock.ts';
import { firstTick, type PollResult, poll } from '../poll.ts';
import { longestMs, type ReadingHistory } from './reading-history.ts';
import type { Span } from './span-ring.ts';
import type { Stamp } from './timed-reader.ts';

export interface IntervalStreamOptions<R extends Stamp, S> {
  readonly read: () => Observable<R>;
  readonly history: ReadingHistory<R>;
  readonly clock: Clock;
  readonly scheduler: SchedulerLike;
  readonly sampleOf: (span: Span<R>) => S;
  readonly onFailure: (error: unknown) => void;
  readonly onMissedTicks: (count: number) => void;
}

/** Rates are known this long after the start. */
export const WARM_UP_MS = 250;
/** Where the first reading took so long that the tick at that time has passed, rates are not waited for longer than this. */
const LONGEST_COLD_MS = 1000;

/** A sample at once, then one per tick, each against the one before. What is told goes into the history. */
export function intervalStream<R extends Stamp, S>(intervalMs: number, options: IntervalStreamOptions<R, S>): Observable<S> {
  const { read, history, clock, scheduler, sampleOf, onFailure, onMissedTicks } = options;
  const { monotonicMs } = clock;
  const reportFailure = (error: unknown) => {
    onFailure(error);
    return EMPTY;
  };
  /** Where the host has slept, only the wall clock knows. */
  const isCurrent = (reading: R) => monotonicMs() - reading.monotonicMs < intervalMs && clock.wallMs() - reading.timestampMs < intervalMs;

  return defer(() => {
    const last = history.newest(intervalMs);
    // Who comes back before anything was due goes on from there, as if never gone.
    const isOnTime = last !== null && isCurrent(last.reading);
    let baseline = isOnTime ? last.reading : history.baselineFor(intervalMs, monotonicMs());
    let patienceMs = isOnTime ? longestMs(intervalMs) : history.patienceMs(intervalMs);
    let hasTold = isOnTime;
    history.begin(intervalMs, baseline, isOnTime);
    const tell = (reading: R): S => {
      const span = { baseline, reading, longestMs: patienceMs };
      history.push(intervalMs, span);
      baseline = reading;
      patienceMs = longestMs(intervalMs);
      hasTold = true;
      return sampleOf(span);
    };

    const opening = isOnTime ? of(sampleOf(last)) : defer(read).pipe(map(tell), catchError(reportFailure));
    const warmUp = defer(() => {
      const nowMs = monotonicMs();
      const isSoon = firstTick(nowMs, intervalMs, history.originMs) - nowMs <= LONGEST_COLD_MS;
      if (!hasTold || isOnTime || history.base.size > 1 || isSoon) return EMPTY;
      return timer(WARM_UP_MS, scheduler).pipe(concatMap(read), map(tell), catchError(reportFailure));
    });
    const ticks = defer(() => poll({ intervalMs, originMs: history.originMs, read, monotonicMs, scheduler })).pipe(
      tap(({ missedTicks }) => onMissedTicks(missedTicks)),
      filter((result) => {
        if (!result.ok) onFailure(result.error);
        // A late tick and the next one on time are one reading: against itself it would say nothing.
        return result.ok && result.value !== baseline;
      }),
      map((result) => tell((result as PollResult<R> & { ok: true }).value)),
    );
    return concat(opening, warmUp, ticks).pipe(finalize(() => history.end(intervalMs)));
  });
}
