/** What a plugin publishes, as what a condition makes of it. */
import { encodeOnce, type Frame } from '../../streams/frame.ts';
import { type BoundCondition, bindCondition } from '../conditions/bind.ts';
import type { Condition } from '../conditions/condition.ts';
import { declaredShape, type Shape, shapeAt, shapeOf } from '../conditions/shape.ts';
import { type Turn, Watch } from '../conditions/watch.ts';
import { isHostpulseError } from '../errors.ts';
import type { Path } from '../json-path.ts';
import type { PublishedTopics } from './published-topics.ts';
import { refusalFrame, type ToFrames } from './topic-frames.ts';

export interface Asked {
  readonly path: Path;
  /** As written. */
  readonly when: string;
}

interface TurnsOptions {
  readonly nextSequence: () => number;
  readonly note: (error: unknown, what: string) => void;
}

/** Does only a value tell whether the condition fits? */
export function needsValue(topics: PublishedTopics, path: Path): boolean {
  return topics.into(path).length > 0 || declaredOf(topics, path) === null;
}

/** @param value at the path, where that is needed @throws HOSTPULSE_ERR_BAD_VARIABLE */
export function boundTo(topics: PublishedTopics, { path, when }: Asked, condition: Condition, value: unknown): BoundCondition {
  const shape = declaredOf(topics, path) ?? shapeOf(value, topics.identityFields, topics.into(path).at(-1));
  return bindCondition(condition, when, shape);
}

/** Of what it is true at this moment, as a value. */
export function stateOf({ value, sequence }: Frame, { elements, trigger, values }: BoundCondition): Frame {
  const state: object[] = [];
  elements.visit(value, (context, _key, path) => {
    if (trigger(context) === true) state.push({ path: path(), values: values(context), sequence });
  });
  state.reverse();
  return { value: state, bytes: encodeOnce(state), sequence, statusCode: 200 };
}

/** For one execution: it remembers what is in, also when the plugin is reloaded. */
export function turnsOf(asked: Asked, condition: Condition, { nextSequence, note }: TurnsOptions): ToFrames {
  const watch = new Watch(condition);
  let bound: BoundCondition | null = null;
  let boundFor: PublishedTopics | null = null;
  let isRefused = false;
  const frameOf = ({ event, ...turn }: Turn): Frame => {
    const sequence = nextSequence();
    const value = Object.freeze({ event, sequence, ...turn });
    return { value, bytes: encodeOnce(value), sequence, statusCode: 200 };
  };
  return (topics, published) => {
    try {
      const seen = { timestampMs: timestampOf(published), arrivedMs: performance.now() };
      const value = followed(topics, published, asked.path);
      if (value === NOTHING) return watch.seeNothing(seen).map(frameOf);
      if (boundFor !== topics) [bound, boundFor] = [null, topics];
      bound ??= boundTo(topics, asked, condition, value);
      isRefused = false;
      return watch.see({ ...seen, value }, bound).map(frameOf);
    } catch (error) {
      if (!isHostpulseError(error)) note(error, 'a condition could not be judged');
      // Once, not at every value: the plugin has been exchanged for one that says something else.
      if (isRefused || !isHostpulseError(error)) return [];
      isRefused = true;
      return [refusalFrame(error, nextSequence())];
    }
  };
}

const NOTHING = Symbol('nothing');

function followed(topics: PublishedTopics, value: unknown, path: Path): unknown {
  try {
    return topics.follow(value, path);
  } catch (error) {
    if (isHostpulseError(error)) return NOTHING;
    throw error;
  }
}

function declaredOf(topics: PublishedTopics, path: Path): Shape | null {
  const fields = topics.fieldsOf(path);
  return fields && shapeAt(declaredShape(fields, topics.identityFields), topics.into(path));
}

function timestampOf(value: unknown): number | null {
  const { timestampMs } = (value ?? {}) as { readonly timestampMs?: unknown };
  return Number.isFinite(timestampMs) ? (timestampMs as number) : null;
}
