import { type MonoTypeOperatorFunction, Observable } from 'rxjs';
import { firstWhere } from './first-where.ts';
import { type Frame, type Timed, timed } from './frame.ts';
import { firstToGo, isKept, type Kept, type Track } from './frame-track.ts';

export interface FrameHistoryLimits {
  readonly historyMs: number;
  /** Of all questions together. */
  readonly historyBytes: number;
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
    this.#count(track, frame, 1);
    // Of those that nobody hears, the one that was heard last goes last.
    this.#tracks.delete(key);
    this.#tracks.set(key, track);
    this.#forget();
  }

  #forget(): void {
    const { historyMs, historyBytes } = this.#limits;
    const oldestMs = this.#wallMs() - historyMs;
    for (const [key, track] of this.#tracks) {
      while (track.kept[0] && track.kept[0].timestampMs < oldestMs) this.#dropOldest(track);
      // One that is heard is still known to be complete when all of it is old.
      if (!track.isHeard) this.#dropIfEmpty(key, track);
    }
    while (this.#bytes > historyBytes) {
      const first = firstToGo(this.#tracks);
      if (!first) return;
      const [key, track] = first;
      this.#dropOldest(track);
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
    const track: Track = { kept: [], completeAfter: sequence, bytes: 0, isHeard: true };
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
    this.#count(track, dropped.frame, -1);
    track.completeAfter = Math.max(track.completeAfter, dropped.sequence);
  }

  #count(track: Track, { bytes }: Frame, sign: 1 | -1): void {
    const count = sign * (bytes.length + OVERHEAD_BYTES);
    track.bytes += count;
    this.#bytes += count;
  }
}

/** What is asked may be longer than what is answered. */
function bytesOf(key: string): number {
  return TRACK_BYTES + 2 * key.length;
}
