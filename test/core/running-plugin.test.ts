import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { concat, defer, EMPTY, from, NEVER, type Observable, of, Subject, throwError } from 'rxjs';
import { type Answer, badVariable, HostpulseError, type RequestData } from '../../src/core/base-plugin.ts';
import { watchTimers } from '../../src/core/running/plugin-timers.ts';
import { RunningPlugin } from '../../src/core/running/running-plugin.ts';
import type { Frame } from '../../src/streams/frame.ts';
import { recordingLog, until, within } from '../helpers/build-agent.ts';
import { contextOf, counted, type Parts, pluginOf } from '../helpers/plugins.ts';

const HISTORY = { historyMs: 1000, historyBytes: 10_000, heldMs: 1000 };
const QUICK = { handlerMs: 40, initializeMs: 40, terminateMs: 40, blockMs: 50, ...HISTORY };
const PATIENT = { handlerMs: 10_000, initializeMs: 10_000, terminateMs: 10_000, blockMs: 50, ...HISTORY };
const data = {} as RequestData;
const never = new Promise<never>(() => {});

function made(parts: Parts, limits = PATIENT) {
  const log = recordingLog();
  const context = contextOf({}, { log });
  const settings = { enabled: true, routePath: '', apiKey: '' };
  const plugin = new RunningPlugin({
    name: 'probe',
    origin: 'probe.ts',
    log,
    limits,
    settings,
    blueprint: { pluginClass: pluginOf('probe', parts), context, settings },
  });
  return { plugin, log };
}

async function running(parts: Parts, limits = PATIENT) {
  const { plugin, log } = made(parts, limits);
  await plugin.initialize();
  return { plugin, log };
}

const lastError = (plugin: RunningPlugin) => plugin.statistics.lastError?.message;

/** The code of the refusal, and its message, in which no detail may stand. */
async function refusalOf(work: Promise<unknown>): Promise<[code: string, message: string]> {
  try {
    await work;
  } catch (error) {
    return [(error as HostpulseError).code, (error as Error).message];
  }
  return assert.fail('nothing was refused');
}

const openNow = async (plugin: RunningPlugin, query = {}) => (await plugin.ask([], query)).live;

describe('a plugin that fails to start', () => {
  const boom = () => {
    throw new Error('boom');
  };
  const failures: [string, Parts, RegExp][] = [
    ['in its constructor', { construct: boom }, /^boom$/],
    ['in initialize', { initialize: boom }, /^boom$/],
    ['in initialize, later', { initialize: () => Promise.reject(new Error('boom')) }, /^boom$/],
    ['by never getting ready', { initialize: () => never }, /^initialize took longer than 40 ms \(limits\.initializeMs\)$/],
    ['in observables()', { topics: boom }, /^boom$/],
    ['by observables() that are none', { topics: () => 5 }, /^observables\(\) gave 5; allowed: topics by name$/],
    ['by a topic that is none', { topics: () => ({ t: 5 }) }, /^topic 't' is 5; allowed: an observable, a function of the query/],
  ];
  for (const [how, parts, message] of failures) {
    test(`${how} is not served, and /plugins and the log say why`, async () => {
      const { plugin, log } = await running(parts, QUICK);
      assert.equal(plugin.state, 'failed');
      assert.match(lastError(plugin) ?? '', message);
      assert.ok(log.lines.some((line) => line.level === 'error' && line.message === 'plugin failed and is not served'));
      const refused = ['HOSTPULSE_ERR_PLUGIN_NOT_READY', 'probe is failed; /plugins says why'];
      assert.deepEqual(await refusalOf(plugin.answer(data)), refused);
      assert.deepEqual(await refusalOf(openNow(plugin)), refused);
    });
  }

  test('frees what it took: terminate is called after an initialize that failed, once', async () => {
    let calls = 0;
    const { plugin } = await running({ initialize: boom, terminate: () => calls++ });
    assert.equal(calls, 1);
    await plugin.terminate();
    assert.equal(calls, 1);
    assert.equal(plugin.state, 'terminated');
  });

  test('or was never started is not asked to free anything', async () => {
    let calls = 0;
    await made({ terminate: () => calls++ }).plugin.terminate();
    const { plugin } = await running({ construct: boom, terminate: () => calls++ });
    await plugin.terminate();
    assert.equal(calls, 0);
  });
});

describe('requests', () => {
  test('wait for a plugin that is getting ready', async () => {
    const gate = deferred<void>();
    const { plugin } = made({ initialize: () => gate.promise, answer: () => [200, 'ready now'] });
    const starting = plugin.initialize();
    const answer = plugin.answer(data);
    gate.resolve();
    assert.deepEqual(await answer, [200, 'ready now']);
    await starting;
  });

  test('are answered also by a promise of another library', async () => {
    // biome-ignore lint/suspicious/noThenProperty: this is what such a promise is.
    const promise = { then: (resolve: (answer: Answer) => void) => resolve([200, 'soon']) };
    const { plugin } = await running({ answer: () => promise as never });
    assert.deepEqual(await plugin.answer(data), [200, 'soon']);
  });

  test('are refused with 503 where that takes too long, and before it was told to start', async () => {
    const { plugin } = made({ initialize: () => never }, { ...PATIENT, handlerMs: 20 });
    assert.deepEqual(await refusalOf(plugin.answer(data)), ['HOSTPULSE_ERR_PLUGIN_NOT_READY', 'probe is registered; /plugins says why']);
    void plugin.initialize();
    assert.deepEqual(await refusalOf(plugin.answer(data)), ['HOSTPULSE_ERR_PLUGIN_NOT_READY', 'probe is initializing; /plugins says why']);
  });

  test('to a handler that throws or rejects get a generic message; the details stay in the log', async () => {
    const secret = new Error('password is hunter2');
    for (const answer of [() => Promise.reject(secret), () => throwIt(secret), () => throwIt('text'), () => throwIt(undefined)]) {
      const { plugin, log } = await running({ answer });
      const refused = await refusalOf(plugin.answer(data));
      assert.deepEqual(refused, ['HOSTPULSE_ERR_PLUGIN_FAILED', "probe failed; the agent's log has the details"]);
      assert.equal(log.lines.filter(({ message }) => message === 'request handler failed').length, 1);
    }
  });

  test('get a handler’s own refusal as it is, and it counts as no error', async () => {
    const { plugin } = await running({ answer: () => throwIt(badVariable('zone', 'x', 'utc')) });
    assert.deepEqual(await refusalOf(plugin.answer(data)), ['HOSTPULSE_ERR_BAD_VARIABLE', "zone is 'x'; allowed: utc"]);
    assert.equal(plugin.statistics.errors, 0);
    assert.equal(plugin.statistics.requests, 1);
  });

  test('to a handler that never answers get 504, and what it says later is heard by nobody', async () => {
    const stray: unknown[] = [];
    const note = (reason: unknown) => stray.push(reason);
    process.on('unhandledRejection', note);
    const gate = deferred<Answer>();
    const { plugin } = await running({ answer: () => gate.promise }, QUICK);
    const late = ['HOSTPULSE_ERR_PLUGIN_LATE', 'probe did not answer within 40 ms'];
    assert.deepEqual(await refusalOf(plugin.answer(data)), late);
    gate.reject(new Error('much later'));
    await sleep(20);
    process.off('unhandledRejection', note);
    assert.deepEqual(stray, []);
    assert.equal(plugin.state, 'ready');
  });

  test('get 500 where the answer is no [status, body]', async () => {
    const wrong: unknown[] = [
      [200],
      [],
      [200, 1, 2],
      [99, 'x'],
      [199, 'x'],
      [600, 'x'],
      ['200', 'x'],
      [200.5, 'x'],
      [Number.NaN, 1],
      'text',
      undefined,
      null,
      200,
    ];
    wrong.push({ 0: 200, 1: 'x', length: 2 });
    for (const answer of wrong) {
      for (const give of [() => answer, async () => answer]) {
        const { plugin } = await running({ answer: give });
        const [code, message] = await refusalOf(plugin.answer(data));
        assert.equal(code, 'HOSTPULSE_ERR_PLUGIN_ANSWER', JSON.stringify(answer));
        assert.equal(message, "probe gave an answer that cannot be sent; the agent's log has the details");
        assert.equal(plugin.statistics.errors, 1);
      }
    }
    for (const status of [200, 204, 404, 599])
      assert.deepEqual(await (await running({ answer: () => [status, null] })).plugin.answer(data), [status, null]);
  });

  test('get 500 where the body cannot be written as JSON, and the log names the plugin', async () => {
    const cycle: Record<string, unknown> = {};
    cycle.self = cycle;
    for (const body of [{ n: 1n }, 1n, cycle, () => 1, undefined, Symbol('s'), { toJSON: () => throwIt(new Error('boom')) }]) {
      const { plugin, log } = await running({});
      assert.throws(() => plugin.encode(body, []), { code: 'HOSTPULSE_ERR_PLUGIN_ANSWER', statusCode: 500 });
      assert.ok(log.lines.some(({ message }) => message === 'an answer cannot be written as JSON'));
      assert.equal(plugin.statistics.errors, 1);
    }
  });

  test('are counted and timed', async () => {
    const { plugin } = await running({ answer: () => sleep(15, [200, null]) });
    const before = plugin.statistics.toJSON();
    assert.deepEqual([before.requests, before.errors, before.handlerMs], [0, 0, null]);
    await Promise.all([plugin.answer(data), plugin.answer(data)]);
    const { requests, handlerMs } = plugin.statistics.toJSON();
    assert.equal(requests, 2);
    const { p50, p99, max } = handlerMs ?? { p50: 0, p99: 0, max: 0 };
    assert.ok(p50 >= 10 && p99 >= p50 && max >= p50);
  });
});

describe('a plugin’s topics', () => {
  /** Everything that came so far, as text, and how it ended. */
  function listener(frames: Observable<Frame>) {
    const seen: string[] = [];
    const subscription = frames.subscribe({
      next: ({ bytes, statusCode }) => seen.push(`${statusCode === 200 ? '' : `${statusCode} `}${bytes}`),
      error: (error: HostpulseError) => seen.push(`error ${error.code}`),
      complete: () => seen.push('end'),
    });
    return { seen, subscription };
  }

  test('are the first one on the plugin’s own path, and others by name; a name wins over a key', async () => {
    const { plugin } = await running({ topics: () => ({ first: of({ second: 'key', x: 1 }), second: of({ x: 2 }) }) });
    const said = async (...path: string[]) => listener((await plugin.ask(path, {})).live).seen;
    assert.deepEqual(plugin.topics.names, ['first', 'second']);
    assert.deepEqual(await said(), ['{"second":"key","x":1}', 'end']);
    assert.deepEqual(await said('second'), ['{"x":2}', 'end']);
    assert.deepEqual(await said('second', 'x'), ['2', 'end']);
    assert.deepEqual(await said('first', 'second'), ['"key"', 'end']);
    assert.match((await said('nope'))[0] ?? '', /^404 .*HOSTPULSE_ERR_NO_SUCH_PATH/);
  });

  test('are none where it has none', async () => {
    const { plugin } = await running({});
    assert.deepEqual((await refusalOf(openNow(plugin)))[0], 'HOSTPULSE_ERR_NO_TOPIC');
  });

  test('run once for equal questions, also for those asked at the same moment, and stop after the last', async () => {
    const source = new Subject<object>();
    const { observable, counts } = counted(source);
    const { plugin } = await running({ topics: () => ({ a: () => observable }) });
    const questions = [
      { x: '1', y: '2' },
      { y: '2', x: '1' },
      { x: '1', y: '2' },
    ];
    const opened = await Promise.all(questions.map((query) => openNow(plugin, query)));
    const listeners = opened.map(listener);
    assert.deepEqual(counts, { started: 1, running: 1 });
    assert.equal(plugin.topics.listeners.count, 3);
    const other = listener((await plugin.ask([], { x: '2' })).live);
    assert.deepEqual(counts, { started: 2, running: 2 });
    source.next({ n: 1 });
    for (const { seen, subscription } of [...listeners, other]) {
      assert.deepEqual(seen, ['{"n":1}']);
      subscription.unsubscribe();
    }
    assert.deepEqual(counts, { started: 2, running: 0 });
    assert.equal(plugin.topics.listeners.count, 0);
  });

  test('run once for those who waited together for the plugin to get ready', async () => {
    const { observable, counts } = counted(new Subject<object>());
    const gate = deferred<void>();
    const { plugin } = made({ initialize: () => gate.promise, topics: () => ({ a: observable }) });
    void plugin.initialize();
    const listeners = Array.from({ length: 20 }, async () => listener((await plugin.ask([], {})).live));
    gate.resolve();
    for (const { subscription } of await Promise.all(listeners)) {
      assert.equal(counts.started, 1);
      subscription.unsubscribe();
    }
    assert.equal(counts.running, 0);
  });

  test('whose factory throws are refused: generic for a bug, as it is for the plugin’s own refusal', async () => {
    const open = async (error: unknown) => {
      const { plugin, log } = await running({ topics: () => ({ a: () => throwIt(error) }) });
      return { seen: listener((await plugin.ask([], {})).live).seen, errors: log.lines.length };
    };
    assert.deepEqual(await open(new Error('hunter2')), { seen: ['error HOSTPULSE_ERR_PLUGIN_FAILED'], errors: 1 });
    assert.deepEqual(await open(badVariable('x', 1, '2')), { seen: ['error HOSTPULSE_ERR_BAD_VARIABLE'], errors: 0 });
    assert.deepEqual(await open(new HostpulseError('HOSTPULSE_ERR_PLUGIN_NOT_READY', 'later')), {
      seen: ['error HOSTPULSE_ERR_PLUGIN_NOT_READY'],
      errors: 1,
    });
    const { plugin } = await running({ topics: () => ({ a: () => 'no observable but iterable' }) });
    assert.deepEqual(listener((await plugin.ask(['a'], {})).live).seen.length, 27);
  });

  test('that fail later are started again: their subscribers see a gap, not an end', async () => {
    let starts = 0;
    const flaky = counted(
      concat(
        of({ n: 1 }),
        throwError(() => new Error('hunter2')),
      ),
    );
    const healed = counted(concat(of({ n: 2 }), NEVER));
    const { plugin, log } = await running({
      topics: () => ({ a: () => defer(() => (starts++ === 0 ? flaky.observable : healed.observable)) }),
    });
    const { seen, subscription } = listener((await plugin.ask([], {})).live);
    await until(() => seen.length === 2, 'the observable is started again');
    assert.deepEqual(seen, ['{"n":1}', '{"n":2}']);
    assert.equal(lastError(plugin), 'hunter2');
    assert.match(log.lines.at(-1)?.message ?? '', /^observable failed, starts again in 250 ms$/);
    subscription.unsubscribe();
    assert.deepEqual([flaky.counts.running, healed.counts.running], [0, 0]);
  });

  test('that wait to be started again are given up with their last subscriber', async () => {
    const { observable, counts } = counted(throwError(() => new Error('always')));
    const { plugin } = await running({ topics: () => ({ a: observable }) });
    const { subscription } = listener((await plugin.ask([], {})).live);
    subscription.unsubscribe();
    await sleep(400);
    assert.deepEqual(counts, { started: 1, running: 0 });
  });

  test('that refuse a subscriber later end it with the refusal', async () => {
    const { plugin } = await running({ topics: () => ({ a: throwError(() => badVariable('x', 1, '2')) }) });
    assert.deepEqual(listener((await plugin.ask([], {})).live).seen, ['error HOSTPULSE_ERR_BAD_VARIABLE']);
  });

  test('that complete end, and can be asked again', async () => {
    const { plugin } = await running({ topics: () => ({ a: of(1), b: EMPTY }) });
    assert.deepEqual(listener((await plugin.ask([], {})).live).seen, ['1', 'end']);
    assert.deepEqual(listener((await plugin.ask([], {})).live).seen, ['1', 'end']);
    assert.deepEqual(listener((await plugin.ask(['b'], {})).live).seen, ['end']);
  });

  test('leave out what cannot be written as JSON, and go on', async () => {
    const { plugin } = await running({ topics: () => ({ a: from([1, 2n, { n: 3n }, undefined, () => 4, 5]) }) });
    assert.deepEqual(listener((await plugin.ask([], {})).live).seen, ['1', '5', 'end']);
    assert.equal(plugin.statistics.errors, 4);
  });

  test('say a path that vanishes once, and go on where it comes back', async () => {
    const source = new Subject<object>();
    const { plugin } = await running({ topics: () => ({ a: source }) });
    const { seen } = listener((await plugin.ask(['x'], {})).live);
    for (const value of [{ x: 1 }, {}, {}, { y: 1 }, { x: 2 }, { x: 2 }]) source.next(value);
    assert.deepEqual(
      seen.map((text) => text.slice(0, 4)),
      ['1', '404 ', '2', '2'],
    );
  });
});

describe('terminate', () => {
  test('ends the streams, then lets the plugin free what it holds', async () => {
    const { observable, counts } = counted(NEVER);
    let runningAtTerminate = -1;
    const { plugin } = await running({ topics: () => ({ a: observable }), terminate: () => (runningAtTerminate = counts.running) });
    const ended = new Promise((resolve) => openNow(plugin).then((frames) => frames.subscribe({ complete: () => resolve(true) })));
    await until(() => counts.running === 1, 'the topic runs');
    await plugin.terminate();
    assert.equal(await within(ended, 'the stream ends'), true);
    assert.equal(runningAtTerminate, 0);
    assert.equal(plugin.state, 'terminated');
    assert.equal((await refusalOf(plugin.answer(data)))[0], 'HOSTPULSE_ERR_PLUGIN_NOT_READY');
  });

  test('that throws, rejects or hangs is noted and holds up nobody', async () => {
    const ways: [() => unknown, string][] = [
      [() => throwIt(new Error('sync')), 'sync'],
      [() => Promise.reject(new Error('async')), 'async'],
      [() => never, 'terminate took longer than 40 ms (limits.terminateMs)'],
    ];
    for (const [terminate, message] of ways) {
      const { plugin } = await running({ terminate }, QUICK);
      await within(plugin.terminate(), 'terminate ends');
      assert.equal(lastError(plugin), message);
      assert.equal(plugin.state, 'terminated');
    }
  });

  test('frees what an initialize that is still under way has taken, and does not blame the plugin', async () => {
    watchTimers();
    let fired = 0;
    const begun = (isOver: Promise<void>) => {
      const { plugin, log } = made({
        initialize: () => {
          setInterval(() => fired++, 1);
          return isOver;
        },
      });
      return { plugin, log, initialized: plugin.initialize() };
    };
    let end = () => {};
    const early = begun(
      new Promise((resolve) => {
        end = resolve;
      }),
    );
    await early.plugin.terminate();
    assert.deepEqual([early.plugin.statistics.leaks, early.log.lines.filter(({ level }) => level === 'warn')], [null, []]);
    const late = begun(Promise.resolve());
    await late.initialized;
    await late.plugin.terminate();
    assert.deepEqual(late.plugin.statistics.leaks, { timers: 1, subscriptions: 0 });
    const firedBefore = fired;
    await sleep(20);
    assert.equal(fired, firedBefore);
    end();
    await early.initialized;
    assert.equal(early.plugin.state, 'terminated');
  });

  test('is called once, however often it is asked for', async () => {
    let calls = 0;
    const { plugin } = await running({ terminate: () => calls++ });
    await Promise.all([plugin.terminate(), plugin.terminate()]);
    await plugin.terminate();
    assert.equal(calls, 1);
  });

  test('during initialize keeps the plugin down, and frees what initialize has taken since', async () => {
    for (const outcome of ['ready', 'failed']) {
      const gate = deferred<void>();
      let held = 0;
      const initialize = async () => {
        await gate.promise;
        held = 1;
        if (outcome === 'failed') throw new Error('boom');
      };
      const { plugin } = made({ initialize, terminate: () => (held = 0) });
      const starting = plugin.initialize();
      await plugin.terminate();
      gate.resolve();
      await starting;
      assert.equal(plugin.state, 'terminated');
      assert.equal(held, 0, outcome);
    }
  });
});

function throwIt(error: unknown): never {
  throw error;
}

function deferred<T>() {
  let [resolve, reject] = [(_: T) => {}, (_: unknown) => {}];
  const promise = new Promise<T>((yes, no) => {
    [resolve, reject] = [yes, no];
  });
  return { promise, resolve, reject };
}
