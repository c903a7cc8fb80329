import type { Frame } from '../streams/frame.ts';
import type { Gap, Question } from '../streams/question.ts';
import type { AnswerFormat } from './answer-format.ts';
import { pauses } from './pauses.ts';

/** A client that asks for the past has to read it; what is longer comes in parts, each from where the one before ended. */
const MOST_BYTES = 16 * 1024 * 1024;
/** However short they are. */
const MOST_FRAMES = 50_000;

export interface PastAnswer {
  /** A list of what was published, oldest first. */
  readonly bytes: Buffer;
  /** How many. */
  readonly count: number;
  /** What is missing before the first of them. */
  readonly gap: Gap | null;
  /** Where the next question goes on; 0 where nothing was published. */
  readonly sequence: number;
}

/**
 * What was published, all at once.
 * @param since what the client has
 */
export async function pastAnswer(missed: NonNullable<Question['missed']>, since: number, format: AnswerFormat): Promise<PastAnswer> {
  const [begin, between, end] = format.list;
  const parts: Buffer[] = [];
  let gap: Gap | null = null;
  let bytes = 0;
  let count = 0;
  let sequence = since;
  const pause = pauses();
  const frames = missed();
  let steps = 0;
  for (let next = frames.next(); !next.done && bytes < MOST_BYTES && steps < MOST_FRAMES; next = frames.next()) {
    await pause();
    steps++;
    const frame: Frame = next.value;
    if (frame.statusCode !== 200) continue;
    if (frame.event) {
      gap = (frame.value as { readonly gap: Gap }).gap;
      continue;
    }
    const value = format.value(frame.bytes);
    parts.push(count === 0 ? begin : between, value);
    bytes += value.length;
    count++;
    sequence = frame.sequence ?? sequence;
  }
  frames.return?.();
  return { bytes: Buffer.concat(count === 0 ? [begin, end] : [...parts, end]), count, gap, sequence };
}
