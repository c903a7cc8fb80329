import { encodeOnce, type Frame, sequenceOf, type Timed, timed } from '../../streams/frame.ts';
import { EARLIEST_TIME, sequencer } from '../../streams/sequence.ts';
import { isHostpulseError, toErrorBody } from '../errors.ts';
import type { Path } from '../json-path.ts';
import { pluginFailed, shownError } from './plugin-failure.ts';
import type { PublishedTopics } from './published-topics.ts';

/** Nothing to tell of. */
const UNWRITABLE: Frame = { value: null, bytes: Buffer.alloc(0), sequence: null, statusCode: 500 };

/** What a value becomes. */
export type ToFrames = (topics: PublishedTopics, value: unknown) => readonly Frame[];

/** What a plugin publishes, value by value, as what goes out. */
export class TopicFrames {
  readonly #note: (error: unknown, what: string) => void;
  readonly #nextSequence = sequencer();
  /** By whom values have been numbered so far, by topic. */
  readonly #numberedBy = new WeakMap<PublishedTopics, Map<string, 'plugin' | 'agent'>>();

  constructor(note: (error: unknown, what: string) => void) {
    this.#note = note;
  }

  /** None where the value cannot be written. */
  frames(topics: PublishedTopics, value: unknown, path: Path): readonly Frame[] {
    const frame = this.frame(topics, value, path);
    return frame ? [frame] : [];
  }

  /** null where the value cannot be written. */
  frame(topics: PublishedTopics, value: unknown, path: Path): Frame | null {
    let sequence: number | null = null;
    try {
      sequence = this.#sequenceOf(topics, value, path);
      const followed = topics.follow(value, path);
      return { value: followed, bytes: encodeOnce(followed), sequence, statusCode: 200 };
    } catch (error) {
      if (isHostpulseError(error)) return refusalFrame(error, sequence);
      this.#note(error, 'a published value cannot be written as JSON and is left out');
      return null;
    }
  }

  /** Where there is nothing to tell, as the path led nowhere then, the status says so. @throws coded errors only */
  *past(topics: PublishedTopics, values: Iterable<unknown>, path: Path): Generator<Frame> {
    try {
      for (const value of values) {
        const frame = this.frame(topics, value, path);
        yield frame ?? UNWRITABLE;
      }
    } catch (error) {
      throw this.#shown(topics, error);
    }
  }

  /** As they were published, not as they go out; without a place in time at 0. @throws coded errors only */
  *timed(topics: PublishedTopics, values: Iterable<unknown>): Generator<Timed> {
    try {
      for (const value of values) {
        const sample = timed(value, sequenceOf(value) ?? 0);
        yield sample.timestampMs > EARLIEST_TIME ? sample : { value, timestampMs: 0 };
      }
    } catch (error) {
      throw this.#shown(topics, error);
    }
  }

  /** @throws coded errors only */
  *shown(topics: PublishedTopics, values: Iterable<Timed>): Generator<Timed> {
    try {
      for (const one of values) {
        if (!Number.isFinite(one?.timestampMs))
          throw new Error('history gave what is no { value, timestampMs }, a time and what was told then');
        yield one;
      }
    } catch (error) {
      throw this.#shown(topics, error);
    }
  }

  /** @throws coded errors only */
  remembered<T>(topics: PublishedTopics, work: () => T): T {
    try {
      return work();
    } catch (error) {
      throw this.#shown(topics, error);
    }
  }

  /**
   * Its own, or one of ours. Of a topic that numbers some of its values and others not, all are numbered here from then on:
   * two counts in one stream would each look like the other one begun anew.
   */
  #sequenceOf(topics: PublishedTopics, value: unknown, path: Path): number {
    const own = sequenceOf(value);
    const name = topics.nameOf(path);
    const numberedBy = this.#numberedBy.get(topics) ?? new Map<string, 'plugin' | 'agent'>();
    this.#numberedBy.set(topics, numberedBy);
    const before = numberedBy.get(name);
    // Where a plugin remembers its values, it finds them by its own numbers.
    const isOurs = own === null || (before === 'agent' && !topics.isRemembering(path));
    if (!isOurs) numberedBy.set(name, 'plugin');
    else if (before === 'plugin') numberedBy.set(name, 'agent');
    return isOurs ? this.#nextSequence() : own;
  }

  #shown(topics: PublishedTopics, error: unknown): unknown {
    return shownError({ route: topics.route, note: this.#note }, error, 'the past of a topic failed', pluginFailed);
  }
}

/** What a GET would answer in place of a value. */
export function refusalFrame(error: unknown, sequence: number | null): Frame {
  const value = toErrorBody(error);
  return { value, bytes: encodeOnce(value), sequence, statusCode: value.statusCode };
}
