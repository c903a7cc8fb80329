import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { defer, firstValueFrom, NEVER, Subject, timer } from 'rxjs';
import { Durations } from '../../src/core/running/durations.ts';
import { PluginScope } from '../../src/core/running/plugin-scope.ts';
import { watchTimers } from '../../src/core/running/plugin-timers.ts';
import { startAgent, until } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { neighboursFor, type Stage, stage } from '../helpers/stage.ts';

watchTimers();

const BLOCK_MS = 20;

let blockedMs = 0;

/** Holds up the loop, as a plugin should not. */
function block(): void {
  blockedMs += 3 * BLOCK_MS;
}

/** A clock on which blocking takes long and all else hardly any time: on a busy machine everybody may be held up for 20 ms. */
function onlyBlockingTakesLong(): void {
  const now = performance.now.bind(performance);
  before(() => void mock.method(performance, 'now', () => now() / 1000 + blockedMs));
  after(() => mock.restoreAll());
}

function blocking<T>(value: T): T {
  block();
  return value;
}

const blockedOf = async (stage: Stage, name: string) => (await stage.pluginState(name)).statistics.blocked;

describe('what holds up the loop is named', () => {
  onlyBlockingTakesLong();
  const ways: [string, Parameters<typeof pluginOf>[1], (at: Stage) => Promise<unknown>][] = [
    ['its constructor', { construct: () => block() }, async () => {}],
    ['initialize', { initialize: () => block() }, async () => {}],
    ['observables', { topics: () => blocking({}) }, async () => {}],
    ['its request handler', { answer: () => blocking([200, 1]) }, (at) => at.get('/slow')],
    ['opening topic t', { topics: () => ({ t: () => blocking(NEVER) }) }, (at) => at.open('slow')],
    ['subscribing to topic t', { topics: () => ({ t: defer(() => blocking(NEVER)) }) }, (at) => at.open('slow')],
    [
      'a timer',
      { initialize: () => void setTimeout(block, 1) },
      (at) => until(async () => (await blockedOf(at, 'slow')).count > 0, 'the timer'),
    ],
  ];
  for (const [what, parts, provoke] of ways) {
    test(what, async (t) => {
      const at = await stage(t, { slow: pluginOf('slow', parts) }, { limits: { blockMs: BLOCK_MS } });
      await provoke(at);
      const blocked = await blockedOf(at, 'slow');
      assert.equal(blocked.count, 1);
      assert.equal(blocked.last?.what, what);
      assert.ok(blocked.maxMs >= 2 * BLOCK_MS && blocked.totalMs >= blocked.maxMs && blocked.last.ms === blocked.maxMs);
      assert.ok(Math.abs(blocked.last.timestampMs - Date.now()) < 60_000);
      const warned = at.log.lines.filter(
        ({ level, message }) => level === 'warn' && message.startsWith(`${what} held up the event loop for `),
      );
      assert.equal(warned.length, 1);
    });
  }

  test('in the log once in a while, in /plugins each time', async (t) => {
    const at = await stage(t, { slow: pluginOf('slow', { answer: () => blocking([200, 1]) }) }, { limits: { blockMs: BLOCK_MS } });
    for (let i = 0; i < 3; i++) await at.get('/slow');
    assert.equal((await blockedOf(at, 'slow')).count, 3);
    assert.equal(at.log.lines.filter(({ level }) => level === 'warn').length, 1);
  });
});

describe('nobody is blamed for the work of others:', () => {
  onlyBlockingTakesLong();
  const limits = { limits: { blockMs: BLOCK_MS } };

  test('the handler of a neighbour that is asked', async (t) => {
    const context = neighboursFor();
    const asker = pluginOf('asker', { construct: context.keep, answer: async () => [200, await context.plugins.ask('slow')] });
    const at = await stage(t, { slow: pluginOf('slow', { answer: () => blocking([200, 7]) }), asker }, limits);
    assert.equal((await at.get('/asker')).body, 7);
    assert.equal((await blockedOf(at, 'asker')).count, 0);
    assert.equal((await blockedOf(at, 'slow')).last?.what, 'its request handler');
  });

  test('readers that a sample is handed to, and the neighbour that observes it', async (t) => {
    const source = new Subject<object>();
    const context = neighboursFor();
    const publisher = pluginOf('publisher', { topics: () => ({ t: source }), answer: () => [200, source.next({ n: 1 }) ?? null] });
    const observer = pluginOf('observer', {
      construct: context.keep,
      initialize: () => void context.plugins.observe('publisher').subscribe(() => block()),
    });
    const at = await stage(t, { publisher, observer }, limits);
    // A reader of the agent's own.
    (await at.agent.registry.get('publisher').ask([], {})).live.subscribe(() => block());
    await at.get('/publisher');
    assert.equal((await blockedOf(at, 'publisher')).count, 0);
    const { count, last } = await blockedOf(at, 'observer');
    assert.deepEqual([count, last?.what], [1, 'a value of another plugin']);
  });

  test('what runs behind an await: it is not seen at all', async (t) => {
    const answer = async () => {
      await null;
      return blocking([200, 1]);
    };
    const at = await stage(t, { late: pluginOf('late', { answer }), other: pluginOf('other') }, limits);
    await Promise.all([at.get('/late'), at.get('/other')]);
    for (const name of ['late', 'other']) assert.equal((await blockedOf(at, name)).count, 0, name);
  });

  test('turning a value into JSON', async (t) => {
    const slow = { toJSON: () => blocking(1) };
    const at = await stage(t, { plain: pluginOf('plain', { answer: () => [200, slow] }) }, limits);
    await at.get('/plain');
    assert.equal((await blockedOf(at, 'plain')).count, 0);
  });
});

describe('what terminate has forgotten is counted, told and ended:', () => {
  const { setTimeout: wait, setInterval: ticks, scheduler } = { ...timersPromises() };
  let fired = 0;
  const fire = () => void fired++;
  const context = neighboursFor();
  /** Ends only if it is ended. */
  const longMs = 3_600_000;
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const ways: [string, () => unknown, object][] = [
    ['setTimeout', () => setTimeout(fire, longMs), { timers: 1, subscriptions: 0 }],
    ['setInterval', () => setInterval(fire, 20), { timers: 1, subscriptions: 0 }],
    ['one that is unref’d', () => setInterval(fire, 20).unref(), { timers: 1, subscriptions: 0 }],
    ['one of node:timers', async () => (await import('node:timers')).setInterval(fire, 20), { timers: 1, subscriptions: 0 }],
    ['one of node:timers/promises', () => void wait(longMs).then(fire), { timers: 1, subscriptions: 0 }],
    [
      'a loop over node:timers/promises',
      () =>
        void (async () => {
          for await (const _ of ticks(20)) fire();
        })(),
      { timers: 1, subscriptions: 0 },
    ],
    ['scheduler.wait', () => void scheduler.wait(longMs).then(fire), { timers: 1, subscriptions: 0 }],
    ['one of rxjs', () => timer(60, 20).subscribe(fire), { timers: 1, subscriptions: 0 }],
    [
      'one begun after several awaits',
      async () => {
        await null;
        await new Promise(setImmediate);
        await null;
        setInterval(fire, 20);
      },
      { timers: 1, subscriptions: 0 },
    ],
    [
      'one that was wound up again',
      () => {
        const once = setTimeout(() => {
          fire();
          once.refresh();
        }, 5);
        return sleep(30);
      },
      { timers: 1, subscriptions: 0 },
    ],
    ['a neighbour that is observed', () => void context.plugins.observe('other').subscribe(fire), { timers: 0, subscriptions: 1 }],
    ['a neighbour that is not there', () => void context.plugins.observe('nobody').subscribe(fire), { timers: 0, subscriptions: 1 }],
  ];
  for (const [what, initialize, leaks] of ways) {
    test(what, async (t) => {
      const before = timers();
      const source = new Subject<number>();
      const other = pluginOf('other', { topics: () => ({ t: source }) });
      const at = await stage(t, {
        other,
        leaky: pluginOf('leaky', { construct: context.keep, initialize: async () => void (await initialize()) }),
      });
      await at.agent.registry.get('leaky').terminate();
      fired = 0;
      assert.deepEqual((await at.pluginState('leaky')).leaks, leaks);
      assert.ok(at.log.lines.some(({ level, message }) => level === 'warn' && message.startsWith('terminate left behind')));
      await until(() => timers() <= before, 'its timer is ended');
      await sleep(50);
      source.next(1);
      assert.equal(fired, 0);
    });
  }

  test('also what is begun only afterwards', async (t) => {
    const gate = deferred();
    const late = pluginOf('late', { initialize: () => void gate.promise.then(() => setInterval(fire, 5)) });
    const at = await stage(t, { late });
    await at.agent.registry.get('late').terminate();
    assert.equal((await at.pluginState('late')).leaks, null);
    gate.resolve();
    await until(async () => (await at.pluginState('late')).leaks !== null, 'it is counted');
    assert.deepEqual((await at.pluginState('late')).leaks, { timers: 1, subscriptions: 0 });
    fired = 0;
    await sleep(40);
    assert.equal(fired, 0);
  });

  test('but nothing that has fired or was freed, in whatever way', async (t) => {
    const tidy = async () => {
      clearTimeout(setTimeout(fire, 1e6));
      clearTimeout(+setTimeout(fire, 1e6));
      setTimeout(fire, 1e6).close();
      setInterval(fire, 1e6)[Symbol.dispose]();
      clearImmediate(setImmediate(fire));
      const self = setInterval(() => clearInterval(self), 1);
      setTimeout(fire, 1).refresh();
      const abort = new AbortController();
      const aborted = wait(1e6, null, { signal: abort.signal });
      abort.abort(new Error('enough'));
      await assert.rejects(aborted, { name: 'AbortError' });
      await assert.rejects(wait(1, null, { signal: abort.signal }), { name: 'AbortError' });
      assert.equal(await wait(1, 'value'), 'value');
      for await (const tick of ticks(1, 'tick')) {
        assert.equal(tick, 'tick');
        break;
      }
      assert.equal(await (await import('node:util')).promisify(setTimeout)(1, 'promised'), 'promised');
      assert.equal(await firstValueFrom(timer(1)), 0);
      await new Promise(setImmediate);
      context.plugins.observe('other').subscribe(fire).unsubscribe();
      await fetch('data:text/plain,x');
      await sleep(20);
    };
    const other = pluginOf('other', { topics: () => ({ t: NEVER }) });
    const at = await stage(t, { other, tidy: pluginOf('tidy', { construct: context.keep, initialize: tidy }) });
    assert.equal((await at.pluginState('tidy')).state, 'ready');
    await at.agent.registry.get('tidy').terminate();
    assert.equal((await at.pluginState('tidy')).leaks, null);
  });

  test('nor what was under way when all was to end, and ends', async (t) => {
    const reading = async () => {
      await wait(10);
      await new Promise(setImmediate);
    };
    const at = await stage(t, { reading: pluginOf('reading', { initialize: () => void reading() }) });
    await at.agent.registry.get('reading').terminate();
    assert.equal((await at.pluginState('reading')).leaks, null);
  });

  test('the agent’s own timers are not the plugin’s: a deadline of what it asks, and fetch’s, which serve all', async (t) => {
    const never = pluginOf('never', { answer: () => new Promise(() => {}) });
    const asking = pluginOf('asking', { construct: context.keep, initialize: () => void context.plugins.ask('never').catch(() => {}) });
    const server = await startAgent(t, {});
    const fetching = pluginOf('fetching', { initialize: () => fetch(`${server.url}/health`).then((response) => response.text()) });
    const at = await stage(t, { never, asking, fetching });
    for (const name of ['asking', 'fetching']) {
      await at.agent.registry.get(name).terminate();
      assert.equal((await at.pluginState(name)).leaks, null, name);
    }
  });
});

test('a plugin that throws in a timer is named, and goes on', async (t) => {
  const initialize = () => {
    setTimeout(() => {
      throw new Error('by a timer');
    }, 1);
    setTimeout(async () => {
      throw new Error('by a promise');
    }, 10);
  };
  const at = await stage(t, { stray: pluginOf('stray', { initialize }) });
  await until(async () => (await at.pluginState('stray')).statistics.errors === 2, 'both are noted');
  assert.equal((await at.pluginState('stray')).lastError?.message, 'by a promise');
  assert.ok(at.log.lines.some(({ message }) => message === 'a timer failed, and nobody was waiting for it'));
});

test('what is kept in mind of a hundred thousand timers that were closed is bounded', () => {
  const nothing = () => {};
  const scope = new PluginScope({ blockMs: 1000, onBlocked: nothing, onTick: nothing, onStray: nothing, onLate: nothing });
  scope.run('a test', () => {
    const kept = Array.from({ length: 700 }, () => setTimeout(nothing, 1e6));
    for (let i = 0; i < 100_000; i++) setTimeout(nothing, 1e6).close();
    assert.ok(scope.size >= kept.length && scope.size <= 2 * kept.length, String(scope.size));
  });
  assert.deepEqual(scope.clear(), { timers: 700, subscriptions: 0 });
});

test('percentiles are right to 3 %, the largest is exact', () => {
  const durations = new Durations();
  assert.equal(durations.summary(), null);
  for (let ms = 1; ms <= 1000; ms++) durations.record(ms);
  const { p50, p99, max } = durations.summary() ?? { p50: 0, p99: 0, max: 0 };
  assert.ok(Math.abs(p50 - 500) <= 15 && Math.abs(p99 - 990) <= 30, `${p50} ${p99}`);
  assert.equal(max, 1000);
  for (const ms of [0, 0.0004, 3_600_000, 1e12]) {
    const one = new Durations();
    one.record(ms);
    const summary = one.summary();
    assert.ok(summary && summary.p50 <= summary.p99 && summary.p99 <= summary.max, String(ms));
  }
});

function timersPromises(): typeof import('node:timers/promises') {
  return process.getBuiltinModule('node:timers/promises');
}

function deferred() {
  let resolve = () => {};
  const promise = new Promise<void>((yes) => (resolve = yes));
  return { promise, resolve };
}
