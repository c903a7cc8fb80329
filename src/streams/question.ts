import type { Observable } from 'rxjs';
import type { Frame } from './frame.ts';

/** What a subscriber asks for: what comes and, where it asked for that, what it has missed. */
export interface Question {
  readonly live: Observable<Frame>;
  /**
   * Oldest first, made as they are taken, up to what is live; null: nothing of the past was asked for. One whose status is
   * not 200 is no more than a step: there was nothing to tell of then, and others may have their turn.
   */
  readonly missed: (() => Iterator<Frame>) | null;
  /** Sequence of what the subscriber has already. */
  readonly has?: number;
  /** Where each value counts, not only the newest: what came behind a sequence, for a reader that has fallen behind. */
  readonly again?: (afterSequence: number) => Iterator<Frame>;
  /** true: what comes may come hours from now; the question itself has been found good. */
  readonly isSeldom?: boolean;
  /** Goes on listening for a while in its subscriber's place: what is published meanwhile is there when that one comes back. */
  readonly hold?: () => void;
  /** true: what nobody listens to is not lost, its plugin remembers it. */
  readonly isRemembered?: boolean;
}

/** Something that is missing between what a subscriber has and what it is told next. */
export interface Gap {
  /** What it has: as it said, or what it was told last. */
  readonly sinceSequence: number;
  /** What comes next; null where that is not known yet. */
  readonly nextSequence: number | null;
  /** Time that is missing, milliseconds; null where sequences are no times. */
  readonly gapMs: number | null;
  /** The agent, or the plugin whose own count it is, was started since; it does not look back so far; or its clock was set back. */
  readonly reason: 'restart' | 'history' | 'clock';
}
