import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gridOf, type Line, paint, type Style, span } from '../../src/commands/watch/canvas.ts';
import { sgrOf } from '../../src/commands/watch/styles.ts';
import { fit, glyphsOf, widthOf } from '../../src/commands/watch/text.ts';
import fc from '../helpers/properties.ts';
import { TinyTerminal } from '../helpers/tiny-terminal.ts';

const [COLUMNS, ROWS] = [12, 4];
const STYLES: readonly Style[] = ['plain', 'rx', 'bad'];
const sgr = sgrOf(true);

const spans = fc.record({
  text: fc.string({ maxLength: 8, unit: fc.constantFrom('a', ' ', '█', '…', 'ü') }),
  style: fc.constantFrom(...STYLES),
});
const pictures = fc.array(fc.array(fc.array(spans, { maxLength: 3 }), { maxLength: ROWS }), { minLength: 1, maxLength: 5 });

test('what is sent makes of what is shown what is wanted, whatever was shown before', () => {
  fc.assert(
    fc.property(pictures, (lines) => {
      const terminal = new TinyTerminal(COLUMNS, ROWS);
      let shown = null as ReturnType<typeof gridOf> | null;
      for (const picture of lines) {
        const grid = gridOf(picture, COLUMNS, ROWS);
        terminal.write(paint(shown, grid, sgr));
        shown = grid;
        const wanted = grid.map((cells) =>
          cells
            .map(({ text }) => text)
            .join('')
            .trimEnd(),
        );
        assert.deepEqual(terminal.lines, wanted);
        assert.equal(paint(grid, gridOf(picture, COLUMNS, ROWS), sgr), '');
      }
    }),
  );
});

test('only what has changed is sent', () => {
  const line = (number: string): Line[] => [[span('eth0  '), span(number, 'rx')]];
  const change = paint(gridOf(line('1.21'), 40, 5), gridOf(line('1.31'), 40, 5), sgr);
  assert.equal(change, '\u001b[1;9H\u001b[0;32m3\u001b[0m');
});

test('another size is painted anew', () => {
  const change = paint(gridOf([[span('ab')]], 10, 2), gridOf([[span('ab')]], 8, 2), sgr);
  assert.ok(change.startsWith('\u001b[0m\u001b[2J'));
});

test('behind what terminals may take for another width, the place is told', () => {
  const grid = gridOf([[span('日x')]], 6, 1);
  assert.deepEqual(
    grid[0]?.map(({ text }) => text),
    ['日', '', 'x', ' ', ' ', ' '],
  );
  assert.equal(paint(null, grid, sgr), '\u001b[0m\u001b[2J\u001b[1;1H\u001b[0m日\u001b[3Gx');
  // Half of it cannot be kept.
  assert.match(paint(grid, gridOf([[span('ax')]], 6, 1), sgr), /ax /);
});

const sequence = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*[HJmG]`, 'g');

test('names cannot reach beyond their cells', () => {
  assert.equal(widthOf('日本'), 4);
  assert.equal(fit('日本', 3, 'left', '…'), '日…');
  assert.equal(fit('日本', 4, 'left', '…'), '日本');
  assert.equal(fit('longer', 4, 'right', '…'), 'lon…');
  assert.equal(fit('ab', 4, 'right'), '  ab');
  const zalgo = `a${'\u0301'.repeat(50)}b`;
  assert.equal(widthOf(zalgo), 2);
  assert.ok(glyphsOf(zalgo).every(({ text }) => text.length <= 4));
  const hostile = '\u001b[2J\u009b1m\u202eevil\u200b\n';
  const shown = paint(null, gridOf([[span(fit(hostile, 20)), span('|')]], 30, 1), sgr);
  assert.doesNotMatch(shown.replaceAll(sequence, ''), /[\p{Cc}\u202e\u200b]/u);
  assert.match(shown, /\|$/);
  assert.equal(widthOf(fit(hostile, 20)), 20);
  const ascii = gridOf([[span('日ü█x')]], 6, 1, true);
  assert.equal(ascii[0]?.map(({ text }) => text).join(''), '????x ');
});

test('without colour nothing is lost but colour', () => {
  const plain = sgrOf(false);
  assert.equal(plain('rx'), '\u001b[0m');
  assert.equal(plain('bad'), '\u001b[0;7m');
  assert.doesNotMatch([...STYLES].map(plain).join(''), /3\d/);
});
