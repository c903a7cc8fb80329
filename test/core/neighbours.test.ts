import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { firstValueFrom, map, NEVER, of, Subject, switchMap, take } from 'rxjs';
import { badVariable, type HostpulseError } from '../../src/core/base-plugin.ts';
import { until, within } from '../helpers/build-agent.ts';
import { type Parts, pluginOf } from '../helpers/plugins.ts';
import { neighboursFor, type Stage, stage } from '../helpers/stage.ts';

/** A plugin that answers what `work` does with its neighbours. */
function asking(route: string, work: (plugins: ReturnType<typeof neighboursFor>['plugins']) => unknown, parts: Parts = {}) {
  const context = neighboursFor();
  return pluginOf(route, { construct: context.keep, answer: async () => [200, (await work(context.plugins)) ?? null], ...parts });
}

/** A plugin with one topic that is made of its neighbours. */
function composed(route: string, topic: (plugins: ReturnType<typeof neighboursFor>['plugins']) => unknown) {
  const context = neighboursFor();
  return pluginOf(route, { construct: context.keep, topics: () => ({ t: () => topic(context.plugins) }) });
}

const codeOf = async (at: Stage, url: string) => ((await at.get(url)).body as { code: string }).code;
const circles = (at: Stage) =>
  at.log.lines.map(({ fields }) => (fields.err as Error | undefined)?.message ?? '').filter((message) => message.includes('circle'));

describe('a neighbour that is asked', () => {
  const answers: [string, Parts, string, unknown][] = [
    ['answers what a GET would', { answer: () => [200, { a: { b: 1 } }] }, 'other/a/b', 1],
    ['in text', { answer: () => [200, 'text'] }, 'other', 'text'],
    ['as a Response', { answer: () => [200, Response.json({ a: 2 })] }, 'other/a', 2],
    ['with nothing', { answer: () => [204, undefined] }, 'other', null],
    ['by its topic', { topics: () => ({ first: NEVER, news: of({ n: 3 }) }) }, 'other/news/n', 3],
    ['by its sub-path, as it was written', { handlesSubpath: true, answer: ({ subpath }) => [200, subpath] }, 'other/a%2Fb', 'a%2Fb'],
    ['with what it was given', { answer: ({ zone, method }) => [200, [zone, method]] }, 'other', ['utc', 'GET']],
  ];
  for (const [what, parts, path, expected] of answers) {
    test(what, async (t) => {
      const at = await stage(t, {
        asker: asking('asker', (plugins) => plugins.ask(path, { zone: 'utc' })),
        other: pluginOf('other', parts),
      });
      assert.deepEqual((await at.get('/asker')).body, expected);
    });
  }

  test('with bytes gives bytes, and nothing is below them', async (t) => {
    const other = pluginOf('other', { answer: () => [200, Buffer.from('bytes')] });
    const at = await stage(t, {
      other,
      whole: asking('whole', async (plugins) => String(await plugins.ask('other')) === 'bytes'),
      part: asking('part', (plugins) => plugins.ask('other/0')),
    });
    assert.equal((await at.get('/whole')).body, true);
    assert.equal(await codeOf(at, '/part'), 'HOSTPULSE_ERR_NO_SUCH_PATH');
  });

  const refusals: [string, Parts, string, string][] = [
    ['is not there', {}, 'nobody', 'HOSTPULSE_ERR_NO_SUCH_PLUGIN'],
    ['has no such path', {}, 'other/nowhere', 'HOSTPULSE_ERR_NO_SUCH_PATH'],
    ['answers 404', { answer: () => [404, null] }, 'other', 'HOSTPULSE_ERR_PLUGIN_ANSWER'],
    ['refuses a variable', { answer: () => Promise.reject(badVariable('x', 1, '2')) }, 'other', 'HOSTPULSE_ERR_BAD_VARIABLE'],
    ['throws', { answer: () => Promise.reject(new Error('hunter2')) }, 'other', 'HOSTPULSE_ERR_PLUGIN_FAILED'],
    ['never answers', { answer: () => new Promise(() => {}) }, 'other', 'HOSTPULSE_ERR_PLUGIN_LATE'],
  ];
  for (const [what, parts, path, code] of refusals) {
    test(`and ${what} refuses as it would refuse a client`, async (t) => {
      const seen = asking('asker', (plugins) => plugins.ask(path).catch(({ code: theirs, message }: HostpulseError) => [theirs, message]));
      const at = await stage(
        t,
        { seen, other: pluginOf('other', parts) },
        { limits: { handlerMs: what === 'never answers' ? 200 : 30_000 } },
      );
      const [theirs, message] = (await at.get('/asker')).body as [string, string];
      assert.equal(theirs, code);
      assert.doesNotMatch(message, /hunter2/);
    });
  }

  test('while both get ready is waited for, in whatever order they stand', async (t) => {
    const context = neighboursFor();
    let got: unknown = null;
    const first = pluginOf('first', { construct: context.keep, initialize: async () => (got = await context.plugins.ask('second')) });
    const at = await stage(t, { first, second: pluginOf('second', { answer: () => [200, 2] }) });
    assert.deepEqual([(await at.pluginState('first')).state, got], ['ready', 2]);
  });
});

describe('a circle is named and harms nothing:', () => {
  test('of two that ask', async (t) => {
    const at = await stage(t, { a: asking('a', (plugins) => plugins.ask('b')), b: asking('b', (plugins) => plugins.ask('a')) });
    assert.equal(await codeOf(at, '/a'), 'HOSTPULSE_ERR_CIRCLE');
    assert.match(circles(at)[0] ?? '', /: \/a → \/b → \/a$/);
  });

  test('of three that ask', async (t) => {
    const next = { a: 'b', b: 'c', c: 'a' };
    const plugins = Object.entries(next).map(([route, to]) => [route, asking(route, (others) => others.ask(to))]);
    const at = await stage(t, Object.fromEntries(plugins));
    assert.equal(await codeOf(at, '/b'), 'HOSTPULSE_ERR_CIRCLE');
    assert.match(circles(at)[0] ?? '', /: \/b → \/c → \/a → \/b$/);
  });

  test('but what a handler has begun, and goes on when it has answered, is none', async (t) => {
    const context = neighboursFor();
    let outcome: unknown;
    const later = async () => {
      await new Promise((resolve) => setTimeout(resolve, 20));
      outcome = await context.plugins.ask('b').catch((error: unknown) => error);
    };
    const answer = () => {
      if (outcome === undefined) void later();
      return [200, 'a'];
    };
    const a = pluginOf('a', { construct: context.keep, answer });
    const at = await stage(t, { a, b: asking('b', (plugins) => plugins.ask('a')) });
    assert.equal((await at.get('/a')).body, 'a');
    await until(() => outcome !== undefined, 'it has asked');
    assert.equal(outcome, 'a');
  });

  test('of two that ask one another while they get ready', async (t) => {
    const circling = (route: string, to: string) => {
      const context = neighboursFor();
      return pluginOf(route, { construct: context.keep, initialize: () => context.plugins.ask(to) });
    };
    const at = await within(stage(t, { a: circling('a', 'b'), b: circling('b', 'a') }), 'the agent starts');
    const errors = await Promise.all(['a', 'b'].map(async (name) => (await at.pluginState(name)).lastError?.message ?? ''));
    assert.ok(
      errors.some((message) => /in a circle: \/b → \/a → \/b$/.test(message)),
      errors.join(),
    );
  });

  for (const order of [
    ['a', 'b'],
    ['b', 'a'],
  ]) {
    test(`of two that observe, ${order[0]} first`, async (t) => {
      const routes = { a: 'b', b: 'a' } as const;
      const plugins = order.map((route) => [route, composed(route, (others) => others.observe(routes[route as 'a' | 'b']))]);
      const at = await stage(t, Object.fromEntries(plugins));
      const { seen, end } = await at.open('a');
      await until(() => circles(at).length >= 2, 'it is named, again and again');
      assert.match(circles(at)[0] ?? '', /: \/a\/t → \/b\/t → \/a\/t$/);
      assert.deepEqual(seen, []);
      end();
    });
  }

  test('of values that go round through subjects, at once and by promises', async (t) => {
    for (const relay of [(work: () => void) => work(), (work: () => void) => void Promise.resolve().then(work)]) {
      const subjects = { a: new Subject<number>(), b: new Subject<number>() };
      const circling = (own: 'a' | 'b', other: 'a' | 'b') => {
        const context = neighboursFor();
        const initialize = () => void context.plugins.observe(other).subscribe((n) => relay(() => subjects[own].next((n as number) + 1)));
        return pluginOf(own, { construct: context.keep, initialize, topics: () => ({ t: subjects[own] }) });
      };
      const at = await stage(t, { a: circling('a', 'b'), b: circling('b', 'a') });
      const { seen } = await at.open('a');
      subjects.a.next(1);
      await until(() => circles(at).length > 0, 'it is named');
      assert.match(circles(at)[0] ?? '', /was published in answer to itself: plugins observe one another in a circle$/);
      await new Promise((resolve) => setTimeout(resolve, 50));
      assert.ok(seen.length >= 1 && seen.length < 5, String(seen));
      subjects.a.next(100);
      await until(() => seen.includes('100'), 'it goes on');
    }
  });
});

describe('a neighbour that is observed', () => {
  test('is waited for, and goes on after it has failed', async (t) => {
    const source = new Subject<object>();
    const at = await stage(t, {
      b: pluginOf('b', { topics: () => ({ t: source }) }),
      a: composed('a', (plugins) => plugins.observe('b/n')),
    });
    const { seen, end } = await at.open('a');
    source.next({ n: 1 });
    source.next({ other: 1 });
    source.next({ n: 2 });
    // A path that leads nowhere is a gap.
    assert.deepEqual(seen, ['1', '2']);
    assert.equal((await at.pluginState('b')).statistics.subscribers, 1);
    end();
    assert.equal((await at.pluginState('b')).statistics.subscribers, 0);
  });

  test('says the same object to all: one who changes a frozen one fails alone, and by name', async (t) => {
    const source = new Subject<{ n: number }>();
    const context = neighboursFor();
    const vandal = pluginOf('vandal', {
      construct: context.keep,
      initialize: () => void context.plugins.observe('b').subscribe((value) => ((value as { n: number }).n = 666)),
    });
    const at = await stage(t, {
      b: pluginOf('b', { topics: () => ({ t: source }) }),
      vandal,
      a: composed('a', (plugins) => plugins.observe('b')),
    });
    const { seen } = await at.open('a');
    source.next(Object.freeze({ n: 1 }));
    source.next(Object.freeze({ n: 2 }));
    assert.deepEqual(seen, ['{"n":1}', '{"n":2}']);
    await until(async () => (await at.pluginState('vandal')).statistics.errors > 0, 'it is noted');
    assert.match((await at.pluginState('vandal')).lastError?.message ?? '', /read only property/);
    assert.equal((await at.pluginState('a')).statistics.errors, 0);
  });

  test('may be asked in between, and observed from within its values', async (t) => {
    const b = pluginOf('b', { answer: () => [200, 5], topics: () => ({ t: of(1), u: of(2) }) });
    const a = composed('a', (plugins) =>
      plugins.observe('b').pipe(
        take(1),
        switchMap(() => plugins.observe('b/u')),
        take(1),
        switchMap((u) => plugins.ask('b').then((asked) => [u, asked])),
        map((values) => ({ values })),
      ),
    );
    const at = await stage(t, { b, a });
    assert.deepEqual((await at.get('/a/t')).body, { values: [2, 5] });
  });
});

test('who has a key of its own is shown only where all who come may see it', async (t) => {
  for (const [global, own, other, isShown] of [
    ['', '', '', true],
    ['', '', 'k2', false],
    ['', 'k1', '', true],
    ['', 'k1', 'k2', false],
    ['', 'k1', 'k1', true],
    ['g', '', '', true],
    ['g', '', 'k2', true],
    ['g', 'k1', '', false],
    ['g', 'k1', 'k2', false],
    ['g', 'k1', 'k1', true],
  ] as const) {
    const context = neighboursFor();
    const plugins = { a: pluginOf('a', { construct: context.keep }), b: pluginOf('b', { topics: () => ({ t: of(1) }) }) };
    const values = { auth: { apiKey: global }, plugins: { a: { apiKey: own }, b: { apiKey: other } } };
    const { buildAgent } = await import('../helpers/build-agent.ts');
    await buildAgent(t, { plugins, values });
    const what = JSON.stringify({ global, own, other });
    const outcome = (work: Promise<unknown>) =>
      work.then(
        () => true,
        ({ code }: HostpulseError) => code === 'HOSTPULSE_ERR_NOT_FOR_PLUGINS' && false,
      );
    assert.equal(await outcome(context.plugins.ask('b')), isShown, what);
    assert.equal(await outcome(firstValueFrom(context.plugins.observe('b'))), isShown, what);
  }
});
