/** Text as cells of a terminal. */
import { sayable } from '../sayable.ts';

/** What stands in one cell, or in two. */
export interface Glyph {
  readonly text: string;
  readonly width: 1 | 2;
}

const COMBINING = /[\p{Mn}\p{Me}\p{Cf}\u1160-\u11ff]/u;
/** As terminals take them (UAX 11 wide and fullwidth, and what is shown as a picture); who disagrees is put right behind each. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{1f300}-\u{1f64f}\u{1f680}-\u{1f6ff}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]|\p{Emoji_Presentation}/u;
/** More marks than any script needs: they would be painted over the lines above. */
const MOST_MARKS = 2;

const isAscii = (text: string) => /^[ -~]*$/.test(text);

export function glyphsOf(text: string): Glyph[] {
  if (isAscii(text)) return [...text].map((character) => ({ text: character, width: 1 }));
  const glyphs: Glyph[] = [];
  let marks = 0;
  for (const character of sayable(text).normalize('NFC')) {
    const last = glyphs.at(-1);
    if (COMBINING.test(character)) {
      if (!last || ++marks > MOST_MARKS || !/\p{M}/u.test(character)) continue;
      glyphs[glyphs.length - 1] = { text: last.text + character, width: last.width };
    } else {
      marks = 0;
      glyphs.push({ text: character, width: WIDE.test(character) ? 2 : 1 });
    }
  }
  return glyphs;
}

export function widthOf(text: string): number {
  return isAscii(text) ? text.length : glyphsOf(text).reduce((width, glyph) => width + glyph.width, 0);
}

/** Exactly so wide: filled up, or cut with `mark` at its end. */
export function fit(text: string, width: number, align: 'left' | 'right' = 'left', mark = '~'): string {
  const missing = width - widthOf(text);
  if (missing >= 0) return align === 'left' ? text + ' '.repeat(missing) : ' '.repeat(missing) + text;
  if (width <= 0) return '';
  let [kept, used] = ['', 0];
  for (const glyph of glyphsOf(text)) {
    if (used + glyph.width > width - 1) break;
    kept += glyph.text;
    used += glyph.width;
  }
  return `${kept}${mark}${' '.repeat(width - 1 - used)}`;
}
