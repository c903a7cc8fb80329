import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linkChanges, parseEventFilter, rateChanges } from '../../src/plugins/netinfo/events.ts';
import { type Address, type Link, type Links, UNKNOWN_LINK } from '../../src/plugins/netinfo/link.ts';
import { LinkWatch } from '../../src/plugins/netinfo/link-watch.ts';
import { EVENTS } from '../../src/plugins/netinfo/schema.ts';
import type { NetworkSource, Walk } from '../../src/plugins/netinfo/source.ts';
import { counterRate } from '../../src/streams/sampling/counter-rate.ts';
import type { Reading } from '../../src/streams/sampling/counter-table.ts';
import { until } from '../helpers/build-agent.ts';
import { develop, type FilmFrame } from '../helpers/film.ts';

type Look = Readonly<Record<string, Partial<Link>>>;
const links = (look: Look): Links =>
  new Map(Object.entries(look).map(([name, link]) => [name, { ...UNKNOWN_LINK, kind: 'veth', operstate: 'up', ...link }]));
const changes = (before: Look, after: Look) => linkChanges(links(before), links(after));
const address = (text: string): Address => ({ family: 'ipv4', address: text, prefixLength: 24 });

test('nothing happened is no event', () => {
  assert.deepEqual(changes({ a: { index: 1 } }, { a: { index: 1 } }), []);
  assert.deepEqual(changes({}, {}), []);
});

test('an interface that comes is added, one that goes is removed, with index and kind', () => {
  assert.deepEqual(changes({ lo: { index: 1 } }, { lo: { index: 1 }, tun0: { index: 7, kind: 'tun' } }), [
    { event: 'added', iface: 'tun0', index: 7, kind: 'tun' },
  ]);
  assert.deepEqual(changes({ lo: { index: 1 }, tun0: { index: 7, kind: 'tun' } }, { lo: { index: 1 } }), [
    { event: 'removed', iface: 'tun0', index: 7, kind: 'tun' },
  ]);
});

test('a device made again under its old name was removed and another one added', () => {
  assert.deepEqual(changes({ a: { index: 7 } }, { a: { index: 9 } }), [
    { event: 'removed', iface: 'a', index: 7, kind: 'veth' },
    { event: 'added', iface: 'a', index: 9, kind: 'veth' },
  ]);
});

test('a new name on the same device is a rename, also where names are swapped or taken over', () => {
  const renamed = (from: string, to: string) => ({ event: 'renamed', iface: to, from, to });
  assert.deepEqual(changes({ eth0: { index: 2 } }, { lan0: { index: 2 } }), [renamed('eth0', 'lan0')]);
  assert.deepEqual(changes({ a: { index: 1 }, b: { index: 2 } }, { a: { index: 2 }, b: { index: 1 } }), [
    renamed('b', 'a'),
    renamed('a', 'b'),
  ]);
  assert.deepEqual(changes({ eth0: { index: 2 } }, { eth0: { index: 5 }, old0: { index: 2 } }), [
    { event: 'added', iface: 'eth0', index: 5, kind: 'veth' },
    renamed('eth0', 'old0'),
  ]);
});

test('a device that is renamed and changes its state tells both, under its new name', () => {
  assert.deepEqual(changes({ eth0: { index: 2 } }, { lan0: { index: 2, operstate: 'down' } }), [
    { event: 'renamed', iface: 'lan0', from: 'eth0', to: 'lan0' },
    { event: 'down', iface: 'lan0', from: 'up', to: 'down' },
  ]);
});

test('up and down are told where carrying begins or ends, not for every word of the kernel', () => {
  const went = (from: string | null, to: string | null) =>
    changes({ a: { operstate: from } }, { a: { operstate: to } }).map(({ event }) => event);
  assert.deepEqual(went('up', 'down'), ['down']);
  assert.deepEqual(went('down', 'up'), ['up']);
  assert.deepEqual(went('lowerlayerdown', 'up'), ['up']);
  assert.deepEqual(went('unknown', 'down'), ['down']);
  assert.deepEqual(went('up', 'unknown'), []);
  assert.deepEqual(went('down', 'lowerlayerdown'), []);
  assert.deepEqual(went('up', 'dormant'), ['down']);
  assert.deepEqual(went('up', null), []);
  assert.deepEqual(went(null, 'down'), []);
});

test('addresses that change are told as they were and as they are', () => {
  const [one, two] = [address('10.0.0.5'), address('10.0.0.6')];
  assert.deepEqual(changes({ a: { addresses: [one] } }, { a: { addresses: [one, two] } }), [
    { event: 'address', iface: 'a', from: ['10.0.0.5/24'], to: ['10.0.0.5/24', '10.0.0.6/24'] },
  ]);
  assert.deepEqual(changes({ a: { addresses: [one] } }, { a: { addresses: [{ ...one, prefixLength: 16 }] } })[0]?.to, ['10.0.0.5/16']);
});

test('where the indices are unknown the names decide', () => {
  const found = changes({ en0: {}, en1: {} }, { en1: {}, en2: {} });
  assert.deepEqual(
    found.map(({ event, iface }) => [event, iface]),
    [
      ['removed', 'en0'],
      ['added', 'en2'],
    ],
  );
});

test('an index that one look could not read makes no other device of it', () => {
  assert.deepEqual(changes({ a: { index: 7 } }, { a: { index: null } }), []);
  assert.deepEqual(changes({ a: { index: null } }, { a: { index: 7 } }), []);
  assert.deepEqual(
    changes({ a: { index: 7 } }, { a: { index: null }, b: { index: 7 } }).map(({ event, iface }) => [event, iface]),
    [
      ['added', 'a'],
      ['renamed', 'b'],
    ],
  );
});

const between = (before: FilmFrame, after: FilmFrame, longestMs?: number) => {
  const [baseline, current] = develop([before, after], 1) as [Reading, Reading];
  return rateChanges(counterRate(baseline, current, longestMs));
};

test('counters that begin anew are a reset of that interface', () => {
  const [before, after] = [
    { a: [1, 50], b: [2, 50], c: [3, 50] },
    { a: [1, 5], b: [2, 60], c: [4, 70], d: [5, 1] },
  ];
  assert.deepEqual(between({ atMs: 0, devices: before }, { atMs: 1000, devices: after }), [
    { event: 'reset', iface: 'a' },
    { event: 'reset', iface: 'c' },
  ]);
});

test('a gap is one event for all interfaces, with its length', () => {
  const devices = { a: [1, 50], b: [2, 50] };
  const gap = [{ event: 'gap', iface: null, reason: 'no samples were taken', gapMs: 5000 }];
  assert.deepEqual(between({ atMs: 0, devices }, { atMs: 5000.4, devices }, 3000), gap);
  assert.deepEqual(between({ atMs: 0, devices }, { atMs: 1000, devices }), []);
});

test('a filter chooses by names, patterns and events; without one all pass', () => {
  const change = (event: (typeof EVENTS)[number], iface: string | null) => ({ event, iface });
  const passes = (query: Record<string, unknown>, event: (typeof EVENTS)[number], iface: string | null) =>
    parseEventFilter(query)(change(event, iface));
  assert.ok(passes({}, 'gap', null));
  assert.ok(passes({ iface: 'eth*' }, 'up', 'eth0'));
  assert.ok(!passes({ iface: 'eth*' }, 'up', 'wlan0'));
  assert.ok(!passes({ iface: '*' }, 'gap', null));
  assert.ok(passes({ event: 'up,down' }, 'down', 'eth0'));
  assert.ok(passes({ event: ['up', 'down'] }, 'down', 'eth0'));
  assert.ok(!passes({ event: 'up,down' }, 'reset', 'eth0'));
  assert.ok(!passes({ event: 'up', iface: 'a' }, 'up', 'b'));
  for (const event of EVENTS) assert.ok(passes({ event }, event, 'a'));
});

test('a filter that is not understood is refused', () => {
  for (const query of [
    { event: 'boom' },
    { event: '' },
    { event: null },
    { event: {} },
    { kind: 'veth' },
    { iface: '' },
    { interval: '1s' },
  ]) {
    assert.throws(() => parseEventFilter(query), { code: 'HOSTPULSE_ERR_BAD_VARIABLE' }, JSON.stringify(query));
  }
});

// biome-ignore lint/correctness/useYield: nothing to yield before the end.
function* walkTo(links: Links): Walk {
  return links;
}

function watch(looks: (() => Links | Promise<Links>)[]) {
  const heard: unknown[] = [];
  const inspect = () => {
    const found = (looks.shift() ?? assert.fail('looked too often'))();
    return found instanceof Promise ? found : walkTo(found);
  };
  const source = { inspect } as NetworkSource;
  const onFailure = (error: unknown) => heard.push((error as Error).message);
  const watching = new LinkWatch({ source, intervalMs: 0, onChanges: (all) => heard.push(all.map(({ event }) => event)), onFailure });
  return { heard, watching };
}

test('the first look tells nothing, later ones what changed', () => {
  const { heard, watching } = watch([() => links({ a: {} }), () => links({ a: {} }), () => links({ b: {} })]);
  watching.look();
  watching.look();
  assert.deepEqual(heard, []);
  watching.look();
  assert.deepEqual(heard, [['removed', 'added']]);
  assert.deepEqual([...watching.links.keys()], ['b']);
});

test('a look that fails is told, what was known stays, and the next one looks again', async () => {
  const fails = () => assert.fail('unreadable');
  const { heard, watching } = watch([() => links({ a: {} }), fails, async () => fails(), () => links({ a: {}, b: {} })]);
  watching.look();
  watching.look();
  watching.look();
  await Promise.resolve();
  await Promise.resolve();
  await new Promise(setImmediate);
  assert.deepEqual([...watching.links.keys()], ['a']);
  watching.look();
  assert.deepEqual(heard, ['unreadable', 'unreadable', ['added']]);
});

test('looking that is slow twice in a row is done less often; a single slow look puts nothing off', () => {
  const slow = () => {
    const startMs = performance.now();
    while (performance.now() - startMs < 30);
    return links({ a: {} });
  };
  const looks = [slow, slow];
  const { watching } = watch(looks);
  watching.lookIfDue();
  // Looks, though the one before was slow.
  watching.lookIfDue();
  assert.equal(looks.length, 0);
  // Does not: fifteen seconds have to pass.
  watching.lookIfDue();
  assert.equal(watching.links.size, 1);
});

test('looks do not overlap', async () => {
  let answer: (found: Links) => void = () => {};
  const { watching } = watch([
    () =>
      new Promise((resolve) => {
        answer = resolve;
      }),
  ]);
  watching.look();
  watching.look();
  answer(links({ a: {} }));
  await new Promise(setImmediate);
  assert.deepEqual([...watching.links.keys()], ['a']);
});

/** A walk over so many interfaces of a millisecond each; the first one is a picture by itself. */
function* longWalk(steps: number, first: Links, all: Links): Walk {
  for (let step = 0; step < steps; step++) {
    const startMs = performance.now();
    while (performance.now() - startMs < 1);
    yield step === 0 ? first : null;
  }
  return all;
}

const watchWalks = (walks: (() => Walk)[]) => {
  const heard: unknown[] = [];
  const source = { inspect: () => (walks.shift() ?? assert.fail('looked too often'))() } as NetworkSource;
  const onFailure = (error: unknown) => heard.push((error as Error).message);
  const watching = new LinkWatch({ source, intervalMs: 0, onChanges: (all) => heard.push(all.map(({ iface }) => iface)), onFailure });
  return { heard, watching };
};

test('a long look lets others have their turn; its picture is exchanged when it is whole, new interfaces before', async () => {
  const [before, some, whole] = [links({ a: {} }), links({ a: {}, b: {} }), links({ a: { operstate: 'down' }, b: {} })];
  const { heard, watching } = watchWalks([() => walkTo(before), () => longWalk(40, some, whole)]);
  assert.equal(watching.look(), null);
  let turns = 0;
  const count = () => {
    turns++;
    turning = setImmediate(count);
  };
  let turning = setImmediate(count);
  const known = watching.look();
  assert.deepEqual([...watching.links.keys()], ['a', 'b']);
  assert.deepEqual(heard, [['b']]);
  await known;
  for (let n = 0; n < 500 && watching.links !== whole; n++) {
    assert.equal(watching.links, some);
    await new Promise(setImmediate);
  }
  clearImmediate(turning);
  assert.deepEqual(heard, [['b'], ['a']]);
  assert.ok(turns > 3, `${turns} turns`);
});

test('interfaces that come during a look begin it anew; who waits is told when these are known, or that none are to be had', async () => {
  const [first, second] = [links({ a: {} }), links({ a: {}, b: {} })];
  const { heard, watching } = watchWalks([
    () => longWalk(20, first, first),
    () => longWalk(20, second, second),
    () => assert.fail('unreadable'),
  ]);
  const [one, two] = [watching.look(), watching.look()];
  await Promise.all([one, two]);
  assert.equal(watching.links, second);
  assert.equal(watching.look(), null);
  await until(() => heard.length > 1, 'the third is told');
  assert.deepEqual([watching.links, heard], [second, [['b'], 'unreadable']]);
});

test('a look that is under way ends with its watch, and so does waiting for it', async () => {
  const none = links({});
  let steps = 0;
  function* endless(): Walk {
    for (; ; steps++) yield null;
  }
  const { watching } = watchWalks([endless]);
  const looking = watching.look();
  await new Promise(setImmediate);
  watching.close();
  await looking;
  const then = steps;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(steps, then);
  assert.deepEqual(watching.links, none);
});
