import type { Frame, Timed } from '../../streams/frame.ts';
import type { FrameHistory } from '../../streams/frame-history.ts';
import type { Gap } from '../../streams/question.ts';
import type { Path } from '../json-path.ts';
import type { Kept, Past, PastStart, Query } from '../topic.ts';
import { inAll } from './kept.ts';
import { missedFrames } from './missed.ts';
import type { PublishedTopics } from './published-topics.ts';
import type { TopicFrames } from './topic-frames.ts';

export interface TopicPastOptions {
  readonly published: () => PublishedTopics | null;
  readonly frames: TopicFrames;
  readonly history: FrameHistory;
  readonly keyOf: (path: Path, query: Query) => string;
}

/** What a plugin has published: as it remembers it, or else as it was kept here. @throws coded errors only */
export class TopicPast {
  readonly #options: TopicPastOptions;

  constructor(options: TopicPastOptions) {
    this.#options = options;
  }

  isRemembered(path: Path, query: Query): boolean {
    const { published, frames } = this.#options;
    const topics = published();
    return topics !== null && frames.remembered(topics, () => topics.isRecorded(path, query));
  }

  /** How much there is of all topics; null where the plugin fails to tell. */
  get kept(): Kept | null {
    const { published, frames, history } = this.#options;
    const topics = published();
    const { frames: samples, bytes, spanMs } = history;
    try {
      return inAll([{ samples, bytes, spanMs }, ...(topics ? [frames.remembered(topics, () => topics.kept)] : [])]);
    } catch {
      // It has been noted.
      return null;
    }
  }

  /** For a reader that has fallen behind, where each value counts; null where the newest will do. */
  again(path: Path, query: Query, isConflated: boolean): ((afterSequence: number) => Generator<Frame>) | null {
    const { published, frames } = this.#options;
    const topics = published();
    const counts = () => topics !== null && frames.remembered(topics, () => topics.everyValueCounts(path, query));
    if (isConflated && !counts()) return null;
    return (afterSequence) => {
      const start = { afterSequence, fromTimestampMs: 0 };
      // The place is ours: no clock was set back.
      return behindOurPlace(missedFrames({ ...this.#of(path, query, start), newest: null }, start, null), afterSequence);
    };
  }

  /** Behind what a subscriber has, what is gone said first. */
  missed(path: Path, query: Query, start: PastStart): Generator<Frame> {
    const all = () => this.#of(path, query, { afterSequence: 0, fromTimestampMs: 0 }).values;
    return missedFrames(this.#of(path, query, start), start, all);
  }

  /** What is gone of it. */
  gap(path: Path, query: Query, start: PastStart): Gap | null {
    // What is put together of others has no sequences of its own.
    if (this.#composed(path, query, start)) return null;
    const missed = this.missed(path, query, start);
    const { value } = missed.next() as IteratorResult<Frame, undefined>;
    missed.return(undefined);
    return value?.event ? (value.value as { readonly gap: Gap }).gap : null;
  }

  /** Whole values of a topic, from a place on. */
  timed(path: Path, query: Query, start: PastStart): Iterable<Timed> {
    const { published, frames, history, keyOf } = this.#options;
    const topics = published();
    const composed = this.#composed(path, query, start);
    if (topics && composed) return frames.shown(topics, composed);
    const past = topics && frames.remembered(topics, () => topics.past(path, query, start));
    if (topics && past) return frames.timed(topics, past.values);
    return history.timed(keyOf(path, query), start.afterSequence, start.fromTimestampMs);
  }

  #composed(path: Path, query: Query, start: PastStart): Iterable<Timed> | null {
    const { published, frames } = this.#options;
    const topics = published();
    return topics && frames.remembered(topics, () => topics.composed(path, query, start));
  }

  #of(path: Path, query: Query, start: PastStart): Past<Frame> {
    const { published, frames, history, keyOf } = this.#options;
    const topics = published();
    const past = topics && frames.remembered(topics, () => topics.past(path, query, start));
    if (topics && past) return { ...past, values: frames.past(topics, past.values, path) };
    const key = keyOf(path, query);
    return {
      values: history.after(key, start.afterSequence, start.fromTimestampMs),
      completeAfter: history.completeAfter(key),
      newest: history.newest(key),
    };
  }
}

/** Before what comes next in any case, where nobody had listened before, nothing of ours is gone. */
function* behindOurPlace(frames: Iterable<Frame>, sequence: number): Generator<Frame> {
  for (const frame of frames) {
    const gap = frame.event && (frame.value as { readonly gap: Gap }).gap;
    if (gap?.nextSequence !== sequence + 1) yield frame;
  }
}
