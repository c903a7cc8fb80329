/** Styles as a terminal is told them. The sixteen colours are the user's own; without colour nothing is lost but colour. */
import type { Sgr, Style } from './canvas.ts';

const COLOUR: Readonly<Record<Style, string>> = {
  plain: '',
  // Not grey: that is the background of some themes.
  dim: '2',
  strong: '1',
  title: '1;36',
  head: '2',
  sorted: '1',
  rx: '32',
  tx: '34',
  fine: '32',
  warn: '33',
  bad: '1;31',
  chosen: '1;7',
  key: '1',
};

const PLAIN: Readonly<Record<Style, string>> = {
  ...{ plain: '', dim: '', strong: '1', title: '1', head: '', sorted: '4', rx: '', tx: '', fine: '' },
  ...{ warn: '1', bad: '7', chosen: '7', key: '1' },
};

export function sgrOf(hasColour: boolean): Sgr {
  const codes = hasColour ? COLOUR : PLAIN;
  return (style) => `\x1b[0${codes[style] === '' ? '' : `;${codes[style]}`}m`;
}
