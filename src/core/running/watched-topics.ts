import { concat, defer, finalize, from, type Observable, share, tap } from 'rxjs';
import type { Frame } from '../../streams/frame.ts';
import type { FrameHistory } from '../../streams/frame-history.ts';
import type { Question } from '../../streams/question.ts';
import { sequencer } from '../../streams/sequence.ts';
import { type Condition, conditionText } from '../conditions/condition.ts';
import { parseCondition } from '../conditions/parse.ts';
import { type ErrorBody, type ErrorCode, HostpulseError } from '../errors.ts';
import type { Path } from '../json-path.ts';
import { FIRST_VALUE_MS, openQuestion } from '../opened.ts';
import type { Past, PastStart, Query } from '../topic.ts';
import type { Listeners } from './listeners.ts';
import { missedTurns } from './missed.ts';
import type { PublishedTopics } from './published-topics.ts';
import type { ToFrames } from './topic-frames.ts';
import { boundTo, needsValue, stateOf, turnsOf } from './turns.ts';

export interface WatchedTopicsOptions {
  readonly published: () => PublishedTopics | null;
  /** The values of a question as frames, through restarts and reloads. */
  readonly framesFor: (path: Path, query: Query, toFrames: ToFrames) => Observable<Frame>;
  /** The question without its condition. */
  readonly follow: (path: Path, query: Query) => Observable<Frame>;
  readonly keyOf: (path: Path, query: Query) => string;
  readonly history: FrameHistory;
  readonly listeners: Listeners;
  readonly note: (error: unknown, what: string) => void;
}

/** A question with a condition: what is true, and when it comes to be and ceases to. */
export interface Watching {
  readonly path: Path;
  /** The plugin's own. */
  readonly query: Query;
  readonly when: string;
}

/** One that runs, for all who ask the same. */
interface Watched {
  readonly frames: Observable<Frame>;
  /** What has entered and not left, by path. */
  readonly standing: Map<string, Frame>;
  /** Before this nobody was looking. */
  readonly startSequence: number;
  /** Sequence of what was told first; null where nothing was. */
  first: number | null;
  /** Of what was told last. */
  newest: number;
}

/** Questions with `when`. Each condition is judged once per sample, however many ask for it. */
export class WatchedTopics {
  readonly #options: WatchedTopicsOptions;
  readonly #running = new Map<string, Watched>();
  readonly #nextSequence = sequencer();

  constructor(options: WatchedTopicsOptions) {
    this.#options = options;
  }

  /** @throws HOSTPULSE_ERR_BAD_VARIABLE, and what the question without the condition is refused with */
  async ask(watching: Watching, start: PastStart | null): Promise<Question> {
    const { when, path, query } = watching;
    const condition = parseCondition(when);
    await this.#check(watching, condition);
    const key = `${this.#options.keyOf(path, query)} when ${conditionText(condition)}`;
    const watched = () => this.#running.get(key) ?? this.#run(key, watching, condition);
    const { listeners } = this.#options;
    const turns = defer(() => watched().frames);
    const again = (afterSequence: number) => this.#after(key, afterSequence);
    const asked = { again, isSeldom: true, hold: () => listeners.hold(key, turns) };
    if (start) {
      const missed = () => missedTurns(this.#past(key, start), start, () => this.#standing(key));
      return { ...asked, live: listeners.counted(turns), missed, has: start.afterSequence };
    }
    // What is so already is told at once.
    const live = defer(() => concat(from(this.#standing(key)), turns));
    return { ...asked, live: listeners.counted(live), missed: () => this.#fromNow(key) };
  }

  /** Of what the condition is true in the newest value; null where there is none yet. @throws as `ask` */
  async look(watching: Watching): Promise<Frame | null> {
    const condition = parseCondition(watching.when);
    const first = await this.#newest(watching, FIRST_VALUE_MS);
    const topics = this.#options.published();
    const bound = first && topics && boundTo(topics, watching, condition, first.value);
    const { trigger, until } = condition;
    if (until || trigger.forMs > 0) {
      const allowed = 'a condition without for and until, which one look cannot tell; or ask for an event stream';
      throw new HostpulseError('HOSTPULSE_ERR_BAD_VARIABLE', `when is '${conditionText(condition)}'; allowed: ${allowed}`);
    }
    return bound && stateOf(first, bound);
  }

  /** Whether it can be asked at all is said before anything else is. */
  async #check(watching: Watching, condition: Condition): Promise<void> {
    const topics = this.#options.published();
    const waits = topics !== null && needsValue(topics, watching.path);
    const first = await this.#newest(watching, waits ? FIRST_VALUE_MS : 0);
    if (topics && (first || !waits)) boundTo(topics, watching, condition, first?.value);
  }

  async #newest({ path, query }: Watching, waitMs: number): Promise<Frame | null> {
    const { first, release } = await openQuestion({ live: this.#options.follow(path, query), missed: null }, waitMs);
    release();
    if (!first || first.statusCode === 200) return first;
    const { code, message } = first.value as ErrorBody;
    throw new HostpulseError(code as ErrorCode, message);
  }

  #run(key: string, watching: Watching, condition: Condition): Watched {
    const { framesFor, history, note } = this.#options;
    const standing = new Map<string, Frame>();
    const startSequence = this.#nextSequence();
    const toFrames = turnsOf(watching, condition, { nextSequence: this.#nextSequence, note });
    const frames = framesFor(watching.path, watching.query, toFrames).pipe(
      tap((frame) => {
        keepStanding(standing, frame);
        watched.newest = frame.sequence ?? watched.newest;
        watched.first ??= frame.sequence;
      }),
      history.record(key, () => true),
      finalize(() => this.#running.delete(key)),
      share(),
    );
    const watched: Watched = { frames, standing, startSequence, first: null, newest: startSequence };
    this.#running.set(key, watched);
    return watched;
  }

  /** What is in, as fast as its reader takes it, and what happens meanwhile. */
  *#fromNow(key: string): Generator<Frame> {
    const newest = this.#running.get(key)?.newest ?? 0;
    yield* this.#standing(key);
    yield* this.#after(key, newest);
  }

  #after(key: string, afterSequence: number): Generator<Frame> {
    const start = { afterSequence, fromTimestampMs: 0 };
    // The place is ours: no clock was set back.
    return missedTurns({ ...this.#past(key, start), newest: null }, start, () => this.#standing(key));
  }

  #standing(key: string): readonly Frame[] {
    return [...(this.#running.get(key)?.standing.values() ?? [])];
  }

  #past(key: string, start: PastStart): Past<Frame> {
    const { history } = this.#options;
    return {
      values: history.after(key, start.afterSequence, start.fromTimestampMs),
      completeAfter: completeAfter(this.#running.get(key), history.completeAfter(key)),
      newest: history.newest(key),
    };
  }
}

/** Of what happened while nobody looked, nobody knows; since then everything has been kept but what was let go again. */
function completeAfter(watched: Watched | undefined, keptAfter: number): number {
  if (!watched) return Number.POSITIVE_INFINITY;
  const { startSequence, first, newest } = watched;
  return keptAfter <= (first ?? Number.POSITIVE_INFINITY) ? startSequence : Math.min(keptAfter, newest);
}

function keepStanding(standing: Map<string, Frame>, frame: Frame): void {
  const { event, path } = frame.value as { readonly event?: string; readonly path?: string };
  if (frame.statusCode !== 200 || path === undefined) return;
  standing.delete(path);
  if (event === 'entered') standing.set(path, frame);
}
