import { firstWhere } from './first-where.ts';
import type { Frame } from './frame.ts';

export interface Kept {
  readonly frame: Frame;
  readonly sequence: number;
  readonly timestampMs: number;
}

/** What one question was answered while somebody listened. */
export interface Track {
  /** Their sequences rise. */
  kept: Kept[];
  /** Behind this nothing is missing: nobody listened before, or it has been let go. Infinity while nobody listens. */
  completeAfter: number;
  /** Of all that is kept. */
  bytes: number;
  isHeard: boolean;
}

/** What nobody hears, or else what takes most room: what is told seldom is not to go because much else is told often. */
export function firstToGo(tracks: ReadonlyMap<string, Track>): readonly [string, Track] | undefined {
  let first: readonly [string, Track] | undefined;
  for (const each of tracks) {
    const [, { isHeard, kept, bytes }] = each;
    if (!isHeard) return each;
    const most = first && first[1].kept.length > 1 ? first[1].bytes : 0;
    if (!first || (kept.length > 1 && bytes > most)) first = each;
  }
  return first;
}

/** Told again, as by a topic that begins with the last few for each new listener: at once, unlike a new count. */
export function isKept({ kept }: Track, frame: Frame, sequence: number): boolean {
  const same = kept[firstWhere(kept, (each) => each.sequence >= sequence)];
  return same?.sequence === sequence && same.frame.bytes.equals(frame.bytes);
}
