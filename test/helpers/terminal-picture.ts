/** A screen of text with colours as an SVG picture. */

const [CELL_WIDTH, CELL_HEIGHT, MARGIN, BAR_HEIGHT] = [8.4, 18, 14, 26];
const FONT = "'DejaVu Sans Mono', Menlo, Consolas, 'Liberation Mono', monospace";
const [PAPER, INK, EDGE] = ['#15181e', '#cdd3de', '#2a2f39'];
/** The sixteen colours, by the numbers of ECMA-48. */
const COLOURS = ['#4b5263', '#ef7d84', '#9bcb7f', '#e5c07b', '#6fb3f2', '#c88ce0', '#63c3cf', '#cdd3de'];

interface Style {
  readonly colour: string;
  readonly isBold: boolean;
  readonly isDim: boolean;
  readonly isReverse: boolean;
  readonly isUnderlined: boolean;
}

const PLAIN: Style = { colour: INK, isBold: false, isDim: false, isReverse: false, isUnderlined: false };

function styled(style: Style, code: number): Style {
  if (code === 0) return PLAIN;
  if (code === 1) return { ...style, isBold: true };
  if (code === 2) return { ...style, isDim: true };
  if (code === 4) return { ...style, isUnderlined: true };
  if (code === 7) return { ...style, isReverse: true };
  if (code === 39) return { ...style, colour: INK };
  return code >= 30 && code <= 37 ? { ...style, colour: COLOURS[code - 30] as string } : style;
}

/** @param title over the picture. @param columns of the terminal */
export function terminalPicture(captured: string, title: string, columns: number): string {
  const lines = captured.replace(/\n+$/, '').split('\n');
  const [width, height] = [columns * CELL_WIDTH + 2 * MARGIN, lines.length * CELL_HEIGHT + 2 * MARGIN + BAR_HEIGHT];
  let style = PLAIN;
  const shapes = lines.flatMap((line, row) => {
    let column = 0;
    return line.split(new RegExp(`(${String.fromCharCode(27)}\\[[0-9;]*m)`)).flatMap((part) => {
      if (part.startsWith('\u001b')) {
        for (const code of part.slice(2, -1).split(';')) style = styled(style, Number(code || 0));
        return [];
      }
      const at = column;
      column += part.length;
      return run(part, at, row, style);
    });
  });
  const dots = ['#ef7d84', '#e5c07b', '#9bcb7f'].map((fill, i) => `<circle cx="${18 + i * 18}" cy="17" r="5.5" fill="${fill}"/>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width.toFixed(0)}" height="${height}" viewBox="0 0 ${width.toFixed(1)} ${height}" font-family="${FONT}" font-size="14">
<title>${escaped(title)}</title>
<rect width="100%" height="100%" rx="8" fill="${PAPER}" stroke="${EDGE}"/>
${dots.join('')}<text x="50%" y="22" text-anchor="middle" font-size="12" fill="#8b93a3">${escaped(title)}</text>
${shapes.join('\n')}
</svg>
`;
}

function run(text: string, column: number, row: number, style: Style): string[] {
  const [x, y] = [MARGIN + column * CELL_WIDTH, MARGIN + BAR_HEIGHT + row * CELL_HEIGHT];
  const length = text.length * CELL_WIDTH;
  const back = style.isReverse ? [rect(x, y, length, CELL_HEIGHT, style.colour, 1)] : [];
  // What is drawn is drawn, so that it fits together whatever the font.
  if (/^[▁-█ ]+$/.test(text) && text.trim() !== '') return [...back, blocks(text, x, y, style)];
  if (text.trim() === '') return back;
  const weight = style.isBold ? ' font-weight="bold"' : '';
  const opacity = style.isDim ? ' opacity="0.55"' : '';
  const line = style.isUnderlined ? ' text-decoration="underline"' : '';
  const fill = style.isReverse ? PAPER : style.colour;
  return [
    ...back,
    `<text x="${x.toFixed(1)}" y="${(y + 13.5).toFixed(1)}" textLength="${length.toFixed(1)}" xml:space="preserve" fill="${fill}"${weight}${opacity}${line}>${escaped(text)}</text>`,
  ];
}

function blocks(text: string, x: number, y: number, { colour, isDim }: Style): string {
  const path = [...text].flatMap((character, i) => {
    const height = character === ' ' ? 0 : ((character.charCodeAt(0) - 0x2580) / 8) * CELL_HEIGHT;
    if (height === 0) return [];
    return `M${(x + i * CELL_WIDTH).toFixed(1)} ${(y + CELL_HEIGHT - height).toFixed(1)}h${CELL_WIDTH + 0.2}v${height.toFixed(2)}h-${CELL_WIDTH + 0.2}z`;
  });
  return `<path d="${path.join('')}" fill="${colour}" shape-rendering="crispEdges"${isDim ? ' opacity="0.55"' : ''}/>`;
}

function rect(x: number, y: number, width: number, height: number, fill: string, opacity: number): string {
  return `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}" fill="${fill}" opacity="${opacity}"/>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
