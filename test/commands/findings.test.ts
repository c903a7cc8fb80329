import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Finding, findingText, sumText } from '../../src/commands/check/findings.ts';

const FINE: Finding = { level: 'fine', what: 'GET /queue', said: `200  ${'x'.repeat(200)}` };
const PROBLEM: Finding = { level: 'problem', what: 'answer', said: 'n is missing\nand more', advice: 'mend it' };

test('findings stand in columns, what was seen is cut where the terminal ends, what is wrong is told whole', () => {
  const fine = findingText(FINE, { columns: 80 }, {});
  assert.equal(fine.length, 81);
  assert.match(fine, /^ {2}✓ GET \/queue {12}200 {2}x+\.\.\.\n$/);
  const indent = ' '.repeat(26);
  assert.equal(findingText(PROBLEM, {}, {}), `  ✗ answer${' '.repeat(16)}n is missing\n${indent}and more\n${indent}→ mend it\n`);
});

test('colour is for a terminal, unless NO_COLOR or a dumb one says otherwise', () => {
  assert.ok(findingText(PROBLEM, { isTTY: true }, {}).includes('\u001b[31m✗\u001b[39m'));
  for (const [terminal, environment] of [
    [{}, {}],
    [{ isTTY: true }, { NO_COLOR: '1' }],
    [{ isTTY: true }, { TERM: 'dumb' }],
  ] as const)
    assert.ok(!findingText(PROBLEM, terminal, environment).includes('\u001b'));
});

test('the last line counts', () => {
  const hint: Finding = { level: 'hint', what: 'x', said: 'y' };
  assert.equal(sumText([FINE], {}, {}), '\nnothing to mend\n');
  assert.equal(sumText([FINE, hint], {}, {}), '\n1 hint\n');
  assert.equal(sumText([PROBLEM, PROBLEM, hint, hint], {}, {}), '\n2 problems, 2 hints\n');
});
