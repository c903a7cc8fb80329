import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import { type Frame, type Timed, timed } from './frame.ts';

export interface FrameHistoryLimits {
  readonly historyMs: number;
  /** Of all questions together. */
  readonly historyBytes: number;
}

interface Kept {
  readonly frame: Frame;
  readonly sequence: number;
  readonly timestampMs: number;
}

/** What one question was answered while somebody listened. */
interface Track {
  /** Their sequences rise. */
  kept: Kept[];
  /** Behind this nothing is missing: nobody listened before, or it has been let go. Infinity while nobody listens. */
  completeAfter: number;
  isHeard: boolean;
}

/** A frame and what keeps it, beside its bytes. */
const OVERHEAD_BYTES = 200;
/** A question and what keeps it, beside its key: as text, and once more in a map. */
const TRACK_BYTES = 300;

/** The frames of the past, by question, for topics that do not remember themselves. Bounded by age and bytes. */
export class FrameHistory {
  readonly #limits: FrameHistoryLimits;
  readonly #wallMs: () => number;
  readonly #tracks = new Map<string, Track>();
  #bytes = 0;

  constructor(limits: FrameHistoryLimits, wallMs: () => number = Date.now) {
    this.#limits = limits;
    this.#wallMs = wallMs;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get frames(): number {
    return [...this.#tracks.values()].reduce((sum, { kept }) => sum + kept.length, 0);
  }

  /** From the oldest to the newest, of the question of which it is longest, milliseconds. */
  get spanMs(): number {
    const spans = [...this.#tracks.values()].map(({ kept }) => (kept.at(-1)?.timestampMs ?? 0) - (kept[0]?.timestampMs ?? 0));
    return Math.max(0, ...spans);
  }

  /** Keeps what passes, as long as it is ours to keep. One execution at a time per key. */
  record(key: string, isOurs: () => boolean): MonoTypeOperatorFunction<Frame> {
    return (frames) =>
      new Observable((subscriber) => {
        let [isFirst, isOpening] = [true, true];
        subscriber.add(() => this.#interrupt(key));
        const subscription = frames.subscribe({
          next: (frame) => {
            const { sequence } = frame;
            if (sequence !== null && frame.statusCode === 200 && isOurs()) {
              this.#keep(key, frame, sequence, { isFirst, isOpening });
              isFirst = false;
            }
            subscriber.next(frame);
          },
          error: (error: unknown) => subscriber.error(error),
          complete: () => subscriber.complete(),
        });
        isOpening = false;
        return subscription;
      });
  }

  /** What is kept of a question behind a sequence, and what is added while it is taken. */
  *after(key: string, sequence: number, fromTimestampMs: number): Generator<Frame> {
    for (const { frame } of this.#keptAfter(key, sequence, fromTimestampMs)) yield frame;
  }

  /** The same as values, with the time of those that do not say it themselves. */
  *timed(key: string, sequence: number, fromTimestampMs: number): Generator<Timed> {
    for (const { frame, timestampMs } of this.#keptAfter(key, sequence, fromTimestampMs)) yield timed(frame.value, timestampMs);
  }

  *#keptAfter(key: string, sequence: number, fromTimestampMs: number): Generator<Kept> {
    for (let last = sequence; ; ) {
      const kept = this.#tracks.get(key)?.kept ?? [];
      const next = kept[firstWhere(kept, (each) => each.sequence > last && each.timestampMs >= fromTimestampMs)];
      if (!next) return;
      last = next.sequence;
      yield next;
    }
  }

  completeAfter(key: string): number {
    return this.#tracks.get(key)?.completeAfter ?? Number.POSITIVE_INFINITY;
  }

  newest(key: string): number | null {
    return this.#tracks.get(key)?.kept.at(-1)?.sequence ?? null;
  }

  #keep(key: string, frame: Frame, sequence: number, { isFirst, isOpening }: { isFirst: boolean; isOpening: boolean }): void {
    const track = this.#tracks.get(key) ?? this.#newTrack(key, sequence);
    // Whoever had the last one before the pause has missed what nobody listened to.
    if (isFirst) track.completeAfter = sequence;
    track.isHeard = true;
    const newest = track.kept.at(-1)?.sequence ?? 0;
    if (newest >= sequence) {
      if (newest === sequence || (isOpening && isKept(track, frame, sequence))) return;
      // It counts from one again. Of a number up to there, which was told last most likely, nobody knows of which count it is.
      while (track.kept.length > 0) this.#dropOldest(track);
      track.completeAfter = newest + 1;
    }
    track.kept.push({ frame, sequence, timestampMs: this.#wallMs() });
    this.#bytes += frame.bytes.length + OVERHEAD_BYTES;
    // The one that was heard last goes last.
    this.#tracks.delete(key);
    this.#tracks.set(key, track);
    this.#forget();
  }

  #forget(): void {
    const { historyMs, historyBytes } = this.#limits;
    const oldestMs = this.#wallMs() - historyMs;
    for (const [key, track] of this.#tracks) {
      while (track.kept[0] && (track.kept[0].timestampMs < oldestMs || this.#bytes > historyBytes)) this.#dropOldest(track);
      // One that is heard is still known to be complete when all of it is old.
      if (!track.isHeard || this.#bytes > historyBytes) this.#dropIfEmpty(key, track);
    }
  }

  /** Of what comes until somebody listens again nobody will know. */
  #interrupt(key: string): void {
    const track = this.#tracks.get(key);
    if (!track) return;
    track.isHeard = false;
    track.completeAfter = Number.POSITIVE_INFINITY;
    this.#dropIfEmpty(key, track);
  }

  #newTrack(key: string, sequence: number): Track {
    const track: Track = { kept: [], completeAfter: sequence, isHeard: true };
    this.#tracks.set(key, track);
    this.#bytes += bytesOf(key);
    return track;
  }

  #dropIfEmpty(key: string, { kept }: Track): void {
    if (kept.length === 0 && this.#tracks.delete(key)) this.#bytes -= bytesOf(key);
  }

  #dropOldest(track: Track): void {
    const [dropped] = track.kept.splice(0, 1);
    if (!dropped) return;
    this.#bytes -= dropped.frame.bytes.length + OVERHEAD_BYTES;
    track.completeAfter = Math.max(track.completeAfter, dropped.sequence);
  }
}

/** What is asked may be longer than what is answered. */
function bytesOf(key: string): number {
  return TRACK_BYTES + 2 * key.length;
}

/** Told again, as by a topic that begins with the last few for each new listener: at once, unlike a new count. */
function isKept({ kept }: Track, frame: Frame, sequence: number): boolean {
  const same = kept[firstWhere(kept, (each) => each.sequence >= sequence)];
  return same?.sequence === sequence && same.frame.bytes.equals(frame.bytes);
}

/** By halves: all before it are not so, all behind it are. @returns the length where none is */
function firstWhere<T>(values: readonly T[], isSo: (value: T) => boolean): number {
  let [from, to] = [0, values.length];
  while (from < to) {
    const middle = (from + to) >> 1;
    if (isSo(values[middle] as T)) to = middle;
    else from = middle + 1;
  }
  return from;
}
