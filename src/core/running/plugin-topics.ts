import {
  BehaviorSubject,
  catchError,
  concat,
  dematerialize,
  distinctUntilChanged,
  materialize,
  mergeMap,
  NEVER,
  Observable,
  of,
  Subject,
  switchMap,
  takeUntil,
  throwError,
} from 'rxjs';
import type { Frame } from '../../streams/frame.ts';
import { FrameHistory, type FrameHistoryLimits } from '../../streams/frame-history.ts';
import type { Question } from '../../streams/question.ts';
import { SharedByKey } from '../../streams/shared-by-key.ts';
import type { Path } from '../json-path.ts';
import { canonicalKey } from '../request-data.ts';
import type { StreamVariables } from '../stream-variables.ts';
import type { Query } from '../topic.ts';
import { Listeners } from './listeners.ts';
import { type Chain, currentChain, onNobodysAccount } from './plugin-call.ts';
import { isRefusal, pluginFailed, shownError } from './plugin-failure.ts';
import type { PublishedTopics } from './published-topics.ts';
import { restarted } from './restarts.ts';
import { refusalFrame, type ToFrames, TopicFrames } from './topic-frames.ts';
import { TopicPast } from './topic-past.ts';
import { WatchedTopics } from './watched-topics.ts';

export interface TopicLimits extends FrameHistoryLimits {
  /** How long is listened on for who was cut off. */
  readonly heldMs: number;
}

/**
 * What a plugin publishes, as frames. Equal questions (topic, path and query) share one execution and the same
 * bytes. An observable that fails is started again with growing pauses; one whose plugin is reloaded is exchanged for
 * the new one's. Either way its subscribers see a gap, not an end.
 */
export class PluginTopics {
  readonly listeners: Listeners;
  /** Those of its questions that have a condition. */
  readonly watched: WatchedTopics;
  readonly past: TopicPast;
  readonly isRecorded = (path: Path, query: Query): boolean => this.#published.value?.isRecorded(path, query) ?? false;
  readonly #note: (error: unknown, what: string) => void;
  readonly #questions = new SharedByKey<Frame>();
  readonly #stopped = new Subject<void>();
  readonly #published = new BehaviorSubject<PublishedTopics | null>(null);
  readonly #history: FrameHistory;
  readonly #frames: TopicFrames;

  /** @param note takes note of what went wrong, for the log and the statistics */
  constructor(note: (error: unknown, what: string) => void, limits: TopicLimits) {
    this.#note = note;
    this.listeners = new Listeners(limits.heldMs);
    this.#history = new FrameHistory(limits);
    this.#frames = new TopicFrames(note);
    const published = () => this.#published.value;
    const keyOf = (path: Path, query: Query) => this.#keyOf(path, query);
    this.past = new TopicPast({ published, keyOf, frames: this.#frames, history: this.#history });
    this.watched = new WatchedTopics({
      published,
      framesFor: (path, query, toFrames) => this.#framesFor(path, query, toFrames),
      follow: (path, query) => this.follow(path, query),
      listeners: this.listeners,
      keyOf,
      history: this.#history,
      note,
    });
  }

  publish(topics: PublishedTopics): void {
    this.#published.next(topics);
  }

  get names(): readonly string[] {
    return this.#published.value?.names ?? [];
  }

  has(name: string | undefined): boolean {
    return this.#published.value?.has(name) ?? false;
  }

  /** The topic that the path's first segment names, or else the first one, with the path into its values. */
  open(path: Path, query: Query): Observable<Frame> {
    // Asked at once, so that nobody is let in who asks for what there is not.
    this.#published.value?.nameOf(path);
    return this.follow(path, query);
  }

  /** As `open`; and from a place in the past on, or what a condition makes of it, where these are given. */
  ask(path: Path, { own, start, when, isConflated }: StreamVariables): Question | Promise<Question> {
    const live = this.open(path, own);
    if (when !== null) return this.watched.ask({ path, query: own, when }, start);
    const hold = () => this.listeners.hold(this.#keyOf(path, own), this.#shared(path, own));
    const again = this.past.again(path, own, isConflated);
    const asked = { live, hold, isRemembered: this.past.isRemembered(path, own), ...(again && { again }) };
    if (start === null) return { ...asked, missed: null };
    return { ...asked, missed: () => this.past.missed(path, own, start), has: start.afterSequence };
  }

  /** As `open`, and waits for a plugin that is not there yet. */
  follow(path: Path, query: Query): Observable<Frame> {
    return this.listeners.counted(this.#shared(path, query));
  }

  #shared(path: Path, query: Query): Observable<Frame> {
    const key = this.#keyOf(path, query);
    const isOurs = () => this.#published.value?.isRecorded(path, query) === false;
    const toFrames: ToFrames = (topics, value) => this.#frames.frames(topics, value, path);
    return this.#questions.get(key, () => this.#framesFor(path, query, toFrames).pipe(this.#history.record(key, isOurs)));
  }

  /** Ends every stream that is open now. */
  dismiss(): void {
    this.#stopped.next();
  }

  /** Ends every stream, and publishes nothing more. */
  stop(): void {
    this.dismiss();
    this.#published.next(null);
  }

  /** The first topic is the same question with and without its name. */
  #keyOf(path: Path, query: Query): string {
    const topics = this.#published.value;
    const named = topics === null || topics.has(path[0]) ? path : [topics.names[0] as string, ...path];
    return JSON.stringify([named, canonicalKey(query)]);
  }

  #framesFor(path: Path, query: Query, toFrames: ToFrames): Observable<Frame> {
    // Whoever is asked again, by a restart or after a reload, is asked through the same plugins.
    const chain = currentChain();
    let isAccepted = false;
    return this.#published.pipe(
      switchMap((topics) => {
        if (topics === null) return NEVER;
        const frames = this.#valuesOf(topics, path, query, chain, isAccepted).pipe(mergeMap((value) => toFrames(topics, value)));
        // Who has been let in stays, also where a reloaded plugin has no answer any more: it is told so, once.
        const told = isAccepted ? frames.pipe(catchError((error: unknown) => concat(of(refusalFrame(error, null)), NEVER))) : frames;
        isAccepted = true;
        // One plugin's topic that ends is the end; being exchanged for the next one's is not.
        return told.pipe(materialize());
      }),
      dematerialize(),
      // A path that leads nowhere (an interface that went) is said once, not at every tick.
      distinctUntilChanged((before, now) => before.statusCode === 404 && now.statusCode === 404),
      takeUntil(this.#stopped),
    );
  }

  /** @param isAccepted somebody listens already: also a topic that cannot even be opened is tried again */
  #valuesOf(topics: PublishedTopics, path: Path, query: Query, chain: Chain, isAccepted: boolean): Observable<unknown> {
    let isOpen = isAccepted;
    const start = () =>
      new Observable<unknown>((subscriber) => {
        const begin = () => {
          const values = topics.values(path, query);
          isOpen = true;
          return values.subscribe(subscriber);
        };
        return onNobodysAccount(begin, chain);
      });
    const values = restarted(start, {
      isFinal: (error) => !isOpen || isRefusal(error),
      onFailure: (error, pauseMs) => this.#note(error, `observable failed, starts again in ${pauseMs} ms`),
    });
    return values.pipe(
      catchError((error: unknown) =>
        throwError(() => shownError({ route: topics.route, note: this.#note }, error, 'topic could not be opened', pluginFailed)),
      ),
    );
  }
}
