import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { concat, defer, interval, NEVER, Observable, of, Subject, throwError, timer } from 'rxjs';
import { createAgent } from '../../src/core/agent.ts';
import { badVariable, type Query } from '../../src/core/base-plugin.ts';
import { readSetup } from '../../src/core/loading/plugin-loader.ts';
import { restarted } from '../../src/core/running/restarts.ts';
import { recordingLog, until } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { stage } from '../helpers/stage.ts';

const boom = () => throwError(() => new Error('boom'));

/** The pauses after a source's first failures. */
async function pausesOf(start: (nth: number) => Observable<unknown>, count: number): Promise<number[]> {
  const pauses: number[] = [];
  let starts = 0;
  const onFailure = (_: unknown, pauseMs: number) => void pauses.push(pauseMs);
  const running = restarted(() => start(starts++), { isFinal: () => false, onFailure }).subscribe();
  await until(() => pauses.length >= count, 'it has failed often enough');
  running.unsubscribe();
  return pauses.slice(0, count);
}

describe('pauses before a topic is started again', () => {
  test('grow', async () => assert.deepEqual(await pausesOf(boom, 3), [250, 500, 1000]));

  test('grow also where each start brings a value and fails at once', async () => {
    assert.deepEqual(await pausesOf(() => concat(of(1), boom()), 3), [250, 500, 1000]);
  });

  test('start anew once it went on for longer than the pause before', async () => {
    const well = concat(of(1), timer(300), boom());
    assert.deepEqual(await pausesOf((nth) => (nth === 1 ? well : boom()), 3), [250, 250, 500]);
  });
});

describe('a topic that fails', () => {
  const ways: [string, (isWell: () => boolean) => unknown][] = [
    ['at its subscription', (isWell) => defer(() => (isWell() ? concat(of(1), NEVER) : boom()))],
    ['as a function’s observable', (isWell) => () => (isWell() ? concat(of(1), NEVER) : boom())],
    [
      'by an error thrown at its subscription',
      (isWell) =>
        defer(() => {
          if (!isWell()) throw new Error('boom');
          return concat(of(1), NEVER);
        }),
    ],
  ];
  for (const [what, topic] of ways) {
    test(`${what} is started again; who listens sees a gap`, async (t) => {
      let starts = 0;
      const at = await stage(t, { flaky: pluginOf('flaky', { topics: () => ({ t: topic(() => starts++ > 0) }) }) });
      const { seen } = await at.open('flaky');
      assert.deepEqual(seen, []);
      await until(() => seen.length > 0, 'it goes on');
      assert.deepEqual(seen, ['1']);
      assert.equal((await at.pluginState('flaky')).statistics.errors, 1);
    });
  }

  test('for one question leaves the others alone', async (t) => {
    const topic = ({ bad }: Query) => (bad ? boom() : interval(10));
    const at = await stage(t, { picky: pluginOf('picky', { topics: () => ({ t: topic }) }) });
    const good = await at.open('picky');
    const { live } = await at.agent.registry.get('picky').ask([], { bad: '1' });
    live.subscribe(() => assert.fail('a value'));
    await until(() => good.seen.length > 3, 'the good one runs');
  });

  test('and waits is exchanged at once by a reload, also one whose new topic cannot be opened at first', async (t) => {
    let life = 0;
    let opened = 0;
    const topics = () => {
      const mine = life++;
      return {
        t: () => {
          if (mine === 0) return boom();
          if (opened++ === 0) throw new Error('not yet');
          return concat(of(mine), NEVER);
        },
      };
    };
    const at = await stage(t, { flaky: pluginOf('flaky', { topics }) });
    const { seen } = await at.open('flaky');
    await at.agent.plugins.reload({ all: true });
    await until(() => seen.length > 0, 'the new one speaks');
    assert.deepEqual(seen, ['1']);
  });

  test('after a reload by refusing what it took before tells so once, and its listeners stay', async (t) => {
    let life = 0;
    const topics = () => (life++ === 1 ? { t: () => throwError(() => badVariable('x', 1, '2')) } : { t: concat(of(life), NEVER) });
    const at = await stage(t, { moody: pluginOf('moody', { topics }) });
    const { seen } = await at.open('moody');
    await at.agent.plugins.reload({ all: true });
    await at.agent.plugins.reload({ all: true });
    assert.equal(seen.length, 3);
    assert.deepEqual([seen[0], seen[2]], ['1', '3']);
    assert.match(seen[1] ?? '', /HOSTPULSE_ERR_BAD_VARIABLE/);
  });

  test('for a value that cannot be looked at leaves that one out', async (t) => {
    const unsayable = (name: string) =>
      Object.defineProperty({}, name, {
        enumerable: true,
        get: () => {
          throw new Error(`no ${name}`);
        },
      });
    const values = ['sequence', 'timestampMs', 'n'].map(unsayable);
    const at = await stage(t, { odd: pluginOf('odd', { topics: () => ({ t: of(1, ...values, 2) }) }) });
    const { seen } = await at.open('odd');
    assert.deepEqual(seen, ['1', '2', 'end']);
    assert.equal((await at.pluginState('odd')).statistics.errors, values.length);
  });

  test('to end is told of, and nobody else suffers: neither who leaves it nor a reload', async (t) => {
    let life = 0;
    const topics = () => {
      const mine = ++life;
      const topic = new Observable((subscriber) => {
        subscriber.next(mine);
        return () => {
          if (mine < 3) throw new Error(`teardown ${mine}`);
        };
      });
      return { t: topic };
    };
    const at = await stage(t, { rough: pluginOf('rough', { topics }) });
    const first = await at.open('rough');
    first.end();
    const { seen } = await at.open('rough');
    await at.agent.plugins.reload({ all: true });
    await at.agent.plugins.reload({ all: true });
    assert.deepEqual([first.seen, seen], [['1'], ['1', '2', '3']]);
    const { lastError, statistics } = await at.pluginState('rough');
    assert.equal(statistics.errors, 3);
    assert.match(lastError?.message ?? '', /teardown 2/);
  });
});

describe('what /plugins tells of the newest sample', () => {
  const ageOf = async (at: Awaited<ReturnType<typeof stage>>) => (await at.pluginState('p')).statistics.newestSampleAgeMs;

  test('is null of a plugin that samples and publishes nothing', async (t) => {
    assert.equal(await ageOf(await stage(t, { p: pluginOf('p') })), null);
  });

  test('is when a plugin that paces itself published last, known only while somebody listens', async (t) => {
    const source = new Subject<object>();
    const at = await stage(t, { p: pluginOf('p', { topics: () => ({ t: source }) }) });
    const { end } = await at.open('p');
    assert.equal(await ageOf(at), null);
    source.next({ n: 1 });
    const age = await ageOf(at);
    assert.ok(age !== null && age >= 0 && age < 5000);
    source.next({ n: 2, timestampMs: Date.now() - 60_000 });
    assert.ok(Number(await ageOf(at)) >= 60_000);
    end();
    assert.equal(await ageOf(at), null);
    assert.equal((await at.pluginState('p')).statistics.published, 2);
  });

  test('grows while the reads of a poll fail, and ticks are counted on', async (t) => {
    const { poll } = await import('../../src/streams/poll.ts');
    let isFailing = false;
    const read = async () => {
      if (isFailing) throw new Error('unreadable');
      return 1;
    };
    const at = await stage(t, { p: pluginOf('p', { initialize: () => void poll({ intervalMs: 10, read }).subscribe() }) });
    await until(async () => (await at.pluginState('p')).statistics.ticks > 2, 'it ticks');
    isFailing = true;
    const { ticks } = (await at.pluginState('p')).statistics;
    const isOld = async () => {
      const { newestSampleAgeMs, ...now } = (await at.pluginState('p')).statistics;
      return Number(newestSampleAgeMs) >= 100 && now.ticks > ticks + 3;
    };
    await until(isOld, 'ticks are counted, and the newest sample gets old');
    const { statistics } = await at.pluginState('p');
    assert.ok(statistics.collectMs !== null && statistics.collectMs.max >= statistics.collectMs.p50);
  });
});

test('a topic of a plugin that is still getting ready is waited for, as its answer is', async (t) => {
  let isReady = () => {};
  const gate = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const slow = pluginOf('slow', { initialize: () => gate, topics: () => ({ first: NEVER, news: of({ n: 3 }) }) });
  const setup = await readSetup({ slow }, { values: {} });
  const { app, registry, close } = await createAgent({ setup, log: recordingLog() });
  t.after(close);
  const starting = registry.initializeAll();
  const answers = ['/slow/news/n', '/slow'].map((url) => app.inject(url).then(({ body }) => body));
  isReady();
  await starting;
  assert.deepEqual(await Promise.all(answers), ['3', '{"route":"slow"}']);
});
