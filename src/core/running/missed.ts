import type { Frame } from '../../streams/frame.ts';
import { gapFrame, whyBehind } from '../../streams/gap.ts';
import type { Gap } from '../../streams/question.ts';
import { EARLIEST_TIME, isPastTime } from '../../streams/sequence.ts';
import type { Past, PastStart } from '../topic.ts';

/**
 * What a subscriber has missed, as frames; where something of it is gone, that is said first.
 * @param all what is kept, for who has what was numbered before numbering began anew; null: what stands is told instead
 */
export function* missedFrames(past: Past<Frame>, start: PastStart, all: (() => Iterable<Frame>) | null): Generator<Frame> {
  const isAhead = past.newest !== null && past.newest < start.afterSequence && !isPastTime(start.afterSequence);
  const values = (isAhead ? (all?.() ?? []) : past.values)[Symbol.iterator]();
  try {
    let first = values.next();
    for (; !first.done && first.value.statusCode !== 200; first = values.next()) yield first.value;
    const nextSequence = first.done ? null : first.value.sequence;
    const gap = isAhead ? gapTo(start.afterSequence, nextSequence, whyBehind(start.afterSequence)) : gapOf(past, start, nextSequence);
    if (gap) yield gapFrame(gap);
    for (; !first.done; first = values.next()) yield first.value;
  } finally {
    // Its reader may have gone before the end.
    values.return?.();
  }
}

/** As `missedFrames`; and what stands from before what is kept, as far as its reader may not know it. @param standing what stands then, in order */
export function* missedTurns(past: Past<Frame>, start: PastStart, standing: () => readonly Frame[]): Generator<Frame> {
  let knownUpTo = start.afterSequence;
  let hasBegun = false;
  const older = (sequence: number) => standing().filter((frame) => sequenceIn(frame) > knownUpTo && sequenceIn(frame) < sequence);
  for (const frame of missedFrames(past, start, null)) {
    if (frame.event === 'gap') knownUpTo = 0;
    else if (!hasBegun) {
      hasBegun = true;
      yield* older(sequenceIn(frame));
    }
    yield frame;
  }
  if (!hasBegun) yield* older(Number.POSITIVE_INFINITY);
}

function sequenceIn({ sequence }: Frame): number {
  return sequence ?? 0;
}

function gapOf({ completeAfter }: Past<Frame>, { afterSequence }: PastStart, nextSequence: number | null): Gap | null {
  if (afterSequence === 0 || afterSequence >= completeAfter) return null;
  // Of a plugin's own number nobody knows when it was.
  const isBeforeStart = afterSequence > EARLIEST_TIME && afterSequence < performance.timeOrigin;
  return gapTo(afterSequence, nextSequence, isBeforeStart ? 'restart' : 'history');
}

function gapTo(sinceSequence: number, nextSequence: number | null, reason: Gap['reason']): Gap {
  const isTime = sinceSequence > EARLIEST_TIME && reason !== 'clock';
  const untilMs = nextSequence ?? Date.now();
  return { sinceSequence, nextSequence, gapMs: isTime ? Math.max(0, untilMs - sinceSequence) : null, reason };
}
