import type { Subscription } from 'rxjs';
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
 * @param waitMs how long to wait for a first frame; 0 takes only what is there at once
 * @throws what the frames fail with, e.g. HOSTPULSE_ERR_BAD_VARIABLE
 */
export function openQuestion(question: Question, waitMs: number): Promise<Opened> {
  return new Promise((resolve, reject) => {
    let held: Subscription | undefined;
    let isDone = false;
    const release = () => {
      isDone = true;
      held?.unsubscribe();
    };
    const settle = (first: Frame | null) => {
      clearTimeout(timer);
      resolve({ question, first, release });
    };
    const timer = setTimeout(settle, waitMs, null);
    held = question.live.subscribe({
      next: settle,
      complete: () => settle(null),
      error: (error: unknown) => {
        clearTimeout(timer);
        reject(error);
      },
    });
    if (isDone) held.unsubscribe();
    else if (waitMs === 0) settle(null);
  });
}

/** The newest frame of what is live, or null where nothing was published within the wait. @throws as `openQuestion` */
export async function newestOf(live: Question['live'], waitMs = FIRST_VALUE_MS): Promise<Frame | null> {
  const { first, release } = await openQuestion({ live, missed: null }, waitMs);
  release();
  return first;
}
