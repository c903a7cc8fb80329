import type { Frame } from '../streams/frame.ts';
import type { Question } from '../streams/question.ts';

/** A topic that has published nothing after this has no value to show, milliseconds. */
export const FIRST_VALUE_MS = 1000;

/** A question that has been asked and found good, held open until its session has taken over. */
export interface Opened {
  readonly question: Question;
  /** The newest frame, or null where nothing was published within the wait. */
  readonly first: Frame | null;
  release(): void;
}

/**
 * Asks a question before its answer's transport exists, so that a wrong one can still be refused by HTTP status.
 * At once where it is known at once: thousands may ask in a second.
 * @param waitMs how long to wait for a first frame; 0 takes only what is there at once
 * @throws what the frames fail with, e.g. HOSTPULSE_ERR_BAD_VARIABLE
 */
export function openQuestion(question: Question, waitMs: number): Opened | Promise<Opened> {
  const holding: { outcome: (() => Opened) | null; wake: () => void } = { outcome: null, wake: () => {} };
  const settle = (outcome: () => Opened) => {
    holding.outcome ??= outcome;
    holding.wake();
  };
  const opened = (first: Frame | null) => () => ({ question, first, release: () => held.unsubscribe() });
  const held = question.live.subscribe({
    next: (frame) => settle(opened(frame)),
    complete: () => settle(opened(null)),
    error: (error: unknown) =>
      settle(() => {
        throw error;
      }),
  });
  if (waitMs === 0) settle(opened(null));
  if (holding.outcome) return holding.outcome();
  const timer = setTimeout(settle, waitMs, opened(null));
  const settled = new Promise<void>((resolve) => {
    holding.wake = resolve;
  });
  return settled.then(() => {
    clearTimeout(timer);
    return (holding.outcome as () => Opened)();
  });
}

/** The newest frame of what is live, or null where nothing was published within the wait. @throws as `openQuestion` */
export async function newestOf(live: Question['live'], waitMs = FIRST_VALUE_MS): Promise<Frame | null> {
  const { first, release } = await openQuestion({ live, missed: null }, waitMs);
  release();
  return first;
}
