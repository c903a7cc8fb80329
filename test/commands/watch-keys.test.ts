import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nextInterval } from '../../src/commands/watch/intervals.ts';
import { KeyReader } from '../../src/commands/watch/keys.ts';
import { NETINFO } from '../../src/commands/watch/layouts/netinfo.ts';
import { BEGINNING, press, type Surroundings, type ViewState } from '../../src/commands/watch/state.ts';

const around: Surroundings = { layouts: [NETINFO], rowIds: ['lo', 'eth0', 'wlan0'], pageRows: 2 };

function typed(keys: readonly string[], from: ViewState = BEGINNING): ViewState {
  return keys.reduce((state, key) => press(state, key, around).state, from);
}

test('what a terminal sends becomes keys, however it is cut', () => {
  const reader = new KeyReader();
  assert.deepEqual(reader.push('q\u001b[A\u001bOB\u001b[5~\r\u0003ü'), ['q', 'up', 'down', 'page-up', 'enter', 'ctrl-c', 'ü']);
  assert.deepEqual(reader.push('\u001b'), []);
  assert.deepEqual(reader.push('['), []);
  assert.ok(reader.isWaiting);
  assert.deepEqual(reader.push('Bx'), ['down', 'x']);
  // Nobody knows this one, and its end is no key.
  assert.deepEqual(reader.push('\u001b[200~a\u001b[<0;1;2M'), ['a']);
  reader.push('\u001b');
  assert.deepEqual(reader.flush(), ['escape']);
  assert.deepEqual(reader.flush(), []);
});

test('keys order the rows, and the same key again turns them around', () => {
  assert.equal(typed(['r']).order, 'rx');
  assert.equal(typed(['r']).isReversed, false);
  assert.equal(typed(['r', 'r']).isReversed, true);
  assert.equal(typed(['r', 'r', 't']).isReversed, false);
  assert.equal(typed(['>']).order, 'iface');
  assert.equal(typed(['<']).order, 'troubles');
  assert.equal(typed(['>', '<']).order, 'both');
});

test('a filter is typed as in less', () => {
  assert.equal(typed(['/', 'e', 't', 'x', 'backspace']).typed, 'et');
  assert.deepEqual([typed(['/', 'q', 'enter']).filter, typed(['/', 'q', 'enter']).typed], ['q', null]);
  assert.equal(typed(['/', 'backspace']).typed, null);
  assert.equal(typed(['/', 'e', 'enter', '/', 'x', 'escape']).filter, 'e');
  assert.equal(typed(['/', 'e', 'enter', 'escape']).filter, '');
  assert.equal(press(typed(['/']), 'q', around).wish, null);
  assert.equal(press(typed(['/']), 'ctrl-c', around).wish, 'quit');
});

test('one moves among the rows and not beyond them', () => {
  assert.equal(typed(['down']).chosen, 'eth0');
  assert.equal(typed(['down', 'down', 'down', 'down']).chosen, 'wlan0');
  assert.equal(typed(['end', 'page-up']).chosen, 'lo');
  // A row that has gone.
  assert.equal(typed(['down'], { ...BEGINNING, chosen: 'gone' }).chosen, 'eth0');
  assert.equal(press({ ...BEGINNING, back: 3 }, 'down', { ...around, rowIds: [] }).state.back, 2);
});

test('the rest: units, pause, help, quitting, intervals', () => {
  assert.equal(typed(['u']).rates, 'bits');
  assert.equal(typed(['p']).isPaused, true);
  assert.equal(typed(['?']).hasHelp, true);
  assert.equal(typed(['?', 'x']).hasHelp, false);
  assert.deepEqual(
    ['q', 'ctrl-c', 'ctrl-z', '-', '+', 'ctrl-l'].map((key) => press(BEGINNING, key, around).wish),
    ['quit', 'quit', 'suspend', 'faster', 'slower', 'redraw'],
  );
  assert.equal(nextInterval(null, 1001, 'faster'), '500ms');
  assert.equal(nextInterval('500ms', 499, 'slower'), '1s');
  assert.equal(nextInterval('100ms', 100, 'faster'), null);
  assert.equal(nextInterval('10s', 0, 'faster'), '5s');
});
