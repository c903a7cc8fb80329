import { encodeOnce, type Frame } from './frame.ts';
import type { Gap } from './question.ts';
import { EARLIEST_TIME } from './sequence.ts';

/** What is said where something is missing. */
export function gapFrame(gap: Gap): Frame {
  const value = Object.freeze({ gap: Object.freeze(gap) });
  return { value, bytes: encodeOnce(value), sequence: null, statusCode: 200, event: 'gap' };
}

/** Why what comes next has a smaller number: a plugin's own count begins anew with the plugin, ours is a clock. */
export function whyBehind(sinceSequence: number): Gap['reason'] {
  return sinceSequence > EARLIEST_TIME ? 'clock' : 'restart';
}

/** A gap as it is told to who has only what was before the place from which we looked. */
export function gapSince(frame: Frame, told: number): Frame {
  const { gap } = frame.value as { readonly gap: Gap };
  if (told === 0 || told >= gap.sinceSequence) return frame;
  const gapMs = gap.gapMs === null || told < EARLIEST_TIME ? null : gap.gapMs + gap.sinceSequence - told;
  return gapFrame({ ...gap, sinceSequence: told, gapMs });
}

let last: { readonly gap: Gap; readonly frame: Frame } | null = null;

/** Between a number and a smaller one that follows it; once for all who hear both. */
export function fallFrame(sinceSequence: number, nextSequence: number): Frame {
  if (last?.gap.sinceSequence === sinceSequence && last.gap.nextSequence === nextSequence) return last.frame;
  const gap = { sinceSequence, nextSequence, gapMs: null, reason: whyBehind(sinceSequence) };
  last = { gap, frame: gapFrame(gap) };
  return last.frame;
}
