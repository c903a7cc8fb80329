import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Line } from '../../src/commands/watch/canvas.ts';
import { ASCII, BLOCKS } from '../../src/commands/watch/graphics.ts';
import { Picture } from '../../src/commands/watch/picture.ts';
import type { ViewState } from '../../src/commands/watch/state.ts';
import { widthOf } from '../../src/commands/watch/text.ts';
import { type ScreenParts, screenOf } from '../../src/commands/watch/views/screen.ts';

const T = 1_790_000_000_000;

interface Shape {
  readonly width?: number;
  readonly height?: number;
  readonly state?: Partial<ViewState>;
  readonly parts?: Partial<ScreenParts>;
}

/** The screen after these samples, a second apart. */
function screen(samples: readonly object[], { width = 80, height = 24, state = {}, parts = {} }: Shape = {}) {
  const picture = new Picture();
  for (const [at, sample] of samples.entries()) picture.take({ timestampMs: T + at * 1000, ...sample });
  picture.choose({ ...picture.state, ...state });
  const { lines, rowIds } = screenOf({
    ...picture.parts,
    ...{ topic: 'topic', agent: 'host:1', feed: { kind: 'live' }, notice: null, graphics: BLOCKS, width, height },
    ...parts,
  });
  return { lines, rowIds, text: lines.map(textOf), find: (word: string) => lines.flat().find(({ text }) => text.includes(word)) };
}

const textOf = (line: Line) => line.map(({ text }) => text).join('');

function net(...interfaces: readonly (readonly [iface: string, rx: number | null, tx: number | null, more?: object])[]) {
  const each = interfaces.map(([iface, rxBytesPerSecond, txBytesPerSecond, more]) => {
    const troubles = { rxErrors: 0, txErrors: 0, rxDropped: 0, txDropped: 0 };
    return { iface, kind: 'physical', operstate: 'up', rateStatus: 'ok', rxBytesPerSecond, txBytesPerSecond, ...troubles, ...more };
  });
  return { interfaces: each, totals: { physical: {}, all: {} } };
}

test('netinfo: bars against the link where there is one, else against the highest seen of all', () => {
  const samples = [
    net(
      ['a', 5_000_000, 0, { speedBitsPerSecond: 80_000_000 }],
      ['b', 1_000_000, 0],
      ['c', 500_000, 0, { kind: 'veth', speedBitsPerSecond: 1e10 }],
    ),
  ];
  const bars = (shape: Shape) =>
    screen(samples, { width: 120, ...shape })
      .text.slice(4, 7)
      .map((line) => (line.match(/━/g) ?? []).length);
  const [a = 0, b = 0, c = 0] = bars({});
  assert.ok(a > 0 && Math.abs(b - 2 * a) <= 1 && Math.abs(c - a) <= 1, `${a} ${b} ${c}`);
  const [seenA = 0, seenB = 0] = bars({ state: { scale: 'seen' } });
  assert.ok(seenA > 4 * seenB, `${seenA} ${seenB}`);
  assert.match(screen(samples, { width: 120, state: { scale: 'seen' } }).text[3] as string, /received▼? seen/);
});

test('netinfo: what is not known is no zero, and says why', () => {
  const { text } = screen([net(['a', null, null, { rateStatus: 'first' }])], { width: 120 });
  assert.match(text[4] as string, /^ a +- +- +0 first/);
});

test('netinfo: drops that go on are loud, also where there is no room for their column', () => {
  const samples = [
    net(['a', 1, 1, { rxDropped: 5 }], ['b', 0, 0, { rxDropped: 7 }]),
    net(['a', 1, 1, { rxDropped: 6 }], ['b', 0, 0, { rxDropped: 7 }]),
  ];
  assert.equal(screen(samples).find('  6')?.style, 'bad');
  assert.equal(screen(samples).find('  7')?.style, 'warn');
  const narrow = screen(samples, { width: 40, state: { chosen: 'b' } });
  assert.equal(narrow.find('a  ')?.style, 'bad');
});

test('rows are ordered, filtered, and moved through', () => {
  const sample = net(['eth10', 1, 1], ['eth9', 3, 0], ['lo', 2, 9]);
  assert.deepEqual(screen([sample]).rowIds, ['lo', 'eth9', 'eth10']);
  assert.deepEqual(screen([sample], { state: { order: 'iface' } }).rowIds, ['eth9', 'eth10', 'lo']);
  assert.deepEqual(screen([sample], { state: { order: 'rx', isReversed: true } }).rowIds, ['eth10', 'lo', 'eth9']);
  assert.deepEqual(screen([sample], { state: { filter: 'ETH' } }).rowIds, ['eth9', 'eth10']);
  assert.deepEqual(screen([sample], { state: { typed: 'lo' } }).rowIds, ['lo']);
  assert.match(screen([sample], { state: { filter: 'x' } }).text.join('\n'), /No name has this text/);
});

test('a thousand interfaces scroll under the chosen one', () => {
  const many = net(...Array.from({ length: 1000 }, (_, i) => [`veth${i}`, 1000 - i, 0] as const));
  const shown = screen([many], { state: { chosen: 'veth500' } });
  assert.match(shown.text.join('\n'), /\n veth500 /);
  assert.match(shown.text.join('\n'), /── veth500 ──/);
});

test('graphs stand side by side, also where there is hardly room for what is written over them', () => {
  const { text } = screen([net(['a', 569_180, 1530])], { width: 40, height: 18 });
  const over = text.find((line) => line.includes('1.53 kB/s') && !line.includes(' a ')) ?? '';
  assert.match(over, /^ receiv… *569\.18 kB\/s\s{2}sent/);
  assert.equal(over.indexOf('sent'), 1 + 18 + 2);
});

test('every screen fits, whatever its size', () => {
  const cpu = { total: { usedRatio: 0.95 }, cores: [{ core: '0', usedRatio: 0.1 }], load1: 1 };
  const mounts = { mounts: [{ mountpoint: '/very/long/'.repeat(9), usedRatio: 0.8, status: 'ok', type: 'ext4' }] };
  for (const sample of [
    net(['a', 1, null]),
    cpu,
    mounts,
    { swap: {}, totalBytes: 8, availableBytes: 1 },
    { any: 1, other: { deep: null } },
  ]) {
    for (const [width, height] of [
      [1, 1],
      [10, 3],
      [40, 10],
      [80, 24],
      [300, 90],
    ] as const) {
      for (const graphics of [BLOCKS, ASCII]) {
        const { lines } = screen([sample, sample], { width, height, parts: { graphics } });
        assert.equal(lines.length, height);
        if (width >= 40) for (const line of lines) assert.ok(widthOf(textOf(line)) <= width, textOf(line));
      }
    }
  }
});

test('cpu: all first, and much is painted as much', () => {
  const sample = {
    total: { usedRatio: 0.95 },
    cores: [
      { core: '0', usedRatio: 0.75 },
      { core: '1', usedRatio: 0.1 },
    ],
    load1: 1,
  };
  const { find, rowIds } = screen([sample], { state: { order: 'usedRatio', isReversed: true } });
  assert.deepEqual(rowIds, ['all', '1', '0']);
  assert.deepEqual(
    ['95.0 %', '75.0 %', '10.0 %'].map((word) => find(word)?.style),
    ['bad', 'warn', 'fine'],
  );
});

test('what nobody has drawn a layout for is a table of its list, or of its numbers', () => {
  const samples = [
    {
      queues: [
        { name: 'in', waitingMessages: 3, note: 'x' },
        { name: 'out', waitingMessages: 1_500_000, note: 'y' },
      ],
      depth: { mostBytes: 2000 },
    },
  ];
  const list = screen(samples);
  assert.match(list.text.join('\n'), / name +waiting messages +note.*\n in +3 x.*\n out +1\.50 M y/);
  assert.match(screen(samples, { state: { layout: 1 } }).text.join('\n'), /depth\.mostBytes +2\.00 kB/);
  assert.match(screen([{ queues: [] }]).text.join('\n'), /There is none of it now/);
});

test('a number alone has a row and a graph; a text is told line by line', () => {
  const picture = new Picture();
  picture.take(12.5);
  assert.match(
    screenOf({ ...picture.parts, topic: 't', agent: 'a', feed: { kind: 'live' }, notice: null, graphics: BLOCKS, width: 60, height: 20 })
      .lines.map(textOf)
      .join('\n'),
    /value +12\.50/,
  );
  const told = new Picture();
  told.take('1.21 MB/s');
  assert.match(
    screenOf({ ...told.parts, topic: 't', agent: 'a', feed: { kind: 'live' }, notice: null, graphics: BLOCKS, width: 60, height: 20 })
      .lines.map(textOf)
      .join('\n'),
    /\d 1\.21 MB\/s/,
  );
});

test('a lost connection and a pause are told, and a pause holds the picture', () => {
  const lost = screen([net(['a', 1, 1])], { parts: { feed: { kind: 'lost', reason: 'hung up', delayMs: 1500 } } });
  assert.match(lost.text[0] as string, /● lost/);
  assert.match(lost.text.at(-1) as string, /connection lost, trying again in 1\.5 s: hung up/);
  const picture = new Picture();
  picture.take({ timestampMs: T, ...net(['a', 1, 1]) });
  picture.choose({ ...picture.state, isPaused: true });
  picture.take({ timestampMs: T + 1000, ...net(['b', 1, 1]) });
  assert.equal(picture.parts.series.newestMs, T);
  picture.choose({ ...picture.state, isPaused: false });
  assert.equal(picture.parts.series.newestMs, T + 1000);
});
