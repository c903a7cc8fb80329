import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BehaviorSubject, NEVER, Subject, throwError } from 'rxjs';
import { badVariable, type Query } from '../../src/core/base-plugin.ts';
import { type PluginList, readSetup } from '../../src/core/loading/plugin-loader.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { parseParts } from '../../src/plugins/systeminfo/parts.ts';
import SystemInfo from '../../src/plugins/systeminfo/plugin.ts';
import { fields, parameterSchema } from '../../src/plugins/systeminfo/schema.ts';
import { until } from '../helpers/build-agent.ts';
import { counted, type Parts, pluginOf } from '../helpers/plugins.ts';
import { stage } from '../helpers/stage.ts';

type Json = Record<string, unknown> & { readonly missing: Record<string, string>; readonly sequence: number };

const nicFields = { nics: { description: 'each', identity: 'nic', each: { nic: { kind: 'info', description: 'name' } } } } as const;

function withParts(parts: readonly string[], others: PluginList, own: object = {}) {
  return [
    { ...others, systeminfo: SystemInfo },
    { plugins: { systeminfo: { parts, intervalMs: 40, shortestIntervalMs: 10, ...own } } },
  ] as const;
}

/** Answers and publishes the same, frozen. */
function told(route: string, value: object, parts: Parts = {}) {
  const values = new BehaviorSubject(Object.freeze(value));
  const { observable, counts } = counted(values);
  return { values, counts, plugin: pluginOf(route, { answer: () => [200, values.value], topics: () => ({ t: observable }), ...parts }) };
}

describe('a GET of systeminfo', () => {
  test('is made of what the others answer, each under its name, and what is missing is null with the reason', async (t) => {
    const others = {
      a: told('a', { n: 1 }).plugin,
      b: told('b', { deep: { text: 'x' } }).plugin,
      broken: pluginOf('broken', { answer: () => Promise.reject(new Error('hunter2')) }),
      hung: pluginOf('hung', { answer: () => new Promise(() => {}) }),
      empty: pluginOf('empty', { answer: () => [204, undefined] }),
    };
    const parts = ['a', 'other=b', 'text=b/deep/text', 'gone', 'broken', 'hung', 'empty', 'lost=b/nowhere'];
    const at = await stage(t, ...withParts(parts, others));
    const { sequence, timestampMs, missing, ...rest } = (await at.get('/systeminfo')).body as Json;
    assert.ok(sequence > 0 && Math.abs(Number(timestampMs) - Date.now()) < 60_000);
    const unknown = { gone: null, broken: null, hung: null, empty: null, lost: null };
    assert.deepEqual(rest, { a: { n: 1 }, other: { deep: { text: 'x' } }, text: 'x', ...unknown });
    assert.deepEqual(missing, {
      gone: 'no plugin at /gone',
      broken: "broken failed; the agent's log has the details",
      hung: '/hung did not answer within 500 ms',
      empty: '/empty has no value now',
      lost: "No 'nowhere' in the answer; there is: deep",
    });
  });

  test('goes on into a part by its path, lists by the names that their plugins declare', async (t) => {
    const { plugin } = told(
      'net',
      {
        nics: [
          { nic: 'eth0', rx: 1 },
          { nic: 'lo', rx: 2 },
        ],
      },
      { fields: nicFields },
    );
    const at = await stage(t, ...withParts(['network=net', 'cards=net/nics'], { net: plugin }));
    assert.equal((await at.get('/systeminfo/network/nics/lo/rx')).body, 2);
    assert.equal((await at.get('/systeminfo/cards/eth0/rx')).body, 1);
    assert.match(((await at.get('/systeminfo/network/nics/wlan0')).body as { message: string }).message, /there is: eth0, lo$/);
    const { seen } = await at.open('systeminfo/network/nics/lo');
    await until(() => seen.length > 0, 'a value comes');
    assert.equal(seen[0], '{"nic":"lo","rx":2}');
  });

  test('of only some parts asks only these; a wrong one is refused', async (t) => {
    let asked = 0;
    const loud = pluginOf('loud', { answer: () => [200, asked++] });
    const at = await stage(t, ...withParts(['a', 'loud'], { a: told('a', { n: 1 }).plugin, loud }));
    assert.deepEqual(Object.keys((await at.get('/systeminfo?parts=a')).body as Json), ['sequence', 'timestampMs', 'a', 'missing']);
    assert.equal(asked, 0);
    assert.equal(((await at.get('/systeminfo?parts=b')).body as { message: string }).message, "parts is 'b'; allowed: a, loud");
    assert.equal((await at.get('/systeminfo?interval=1ms')).status, 400);
    assert.equal((await at.get('/systeminfo?window=1s')).status, 400);
  });

  test('is the same bytes until a part changes, then others with a higher sequence', async (t) => {
    const { plugin, values } = told('a', { n: 1 });
    const at = await stage(t, ...withParts(['a'], { a: plugin }));
    const [first, second] = [(await at.get('/systeminfo')).body as Json, (await at.get('/systeminfo')).body as Json];
    assert.deepEqual(first, second);
    values.next(Object.freeze({ n: 2 }));
    const third = (await at.get('/systeminfo')).body as Json;
    assert.deepEqual(third.a, { n: 2 });
    assert.ok(third.sequence > first.sequence);
  });
});

describe('a subscriber of systeminfo', () => {
  test('gets one whole answer per interval, byte for byte what a GET answers, and nothing is observed when it has left', async (t) => {
    const { plugin, values, counts } = told('a', { n: 1 });
    const at = await stage(t, ...withParts(['a'], { a: plugin }));
    const { seen, end } = await at.open('systeminfo');
    assert.deepEqual(counts, { started: 1, running: 1 });
    await until(() => seen.length >= 2, 'answers come');
    const { body } = await at.agent.app.inject('/systeminfo');
    assert.equal(body, seen.at(-1));
    values.next(Object.freeze({ n: 7 }));
    await until(() => (JSON.parse(seen.at(-1) as string) as { a: { n: number } }).a.n === 7, 'the new value comes');
    const sequences = seen.map((text) => (JSON.parse(text) as Json).sequence);
    assert.deepEqual(
      sequences,
      [...new Set(sequences)].sort((a, b) => a - b),
    );
    assert.ok((await at.pluginState('systeminfo')).statistics.ticks > 0);
    end();
    assert.deepEqual(counts, { started: 1, running: 0 });
  });

  test('is told that a part has gone, and that it is back', async (t) => {
    const at = await stage(
      t,
      ...withParts(['a', 'quiet'], { a: told('a', { n: 1 }).plugin, quiet: pluginOf('quiet', { answer: () => [200, 'asked'] }) }),
    );
    const { seen } = await at.open('systeminfo');
    const last = () => JSON.parse(seen.at(-1) ?? '{}') as Partial<Json>;
    await until(() => last().a !== undefined, 'an answer comes');
    assert.deepEqual([last().a, last().quiet, last().missing], [{ n: 1 }, 'asked', {}]);
    const { registry } = at.agent;
    const plugin = registry.get('a');
    registry.remove(plugin);
    await until(() => last().a === null, 'it is missing');
    assert.deepEqual(last().missing, { a: 'no plugin at /a' });
    registry.add(plugin);
    await until(() => last().a !== null, 'it is back');
  });

  test('of an interval has it from those that know one and take it, and the others at their own pace', async (t) => {
    const questions: [string, unknown][] = [];
    const paced = (route: string, leastMs: number) => {
      const read = (query: Query) => {
        questions.push([route, query.interval]);
        if (Number.parseInt(String(query.interval ?? leastMs), 10) < leastMs) throw badVariable('interval', query.interval, 'more');
        return { route };
      };
      const made = pluginOf(route, {
        answer: (data) => [200, read(data)],
        topics: () => ({ t: (query: Query) => new BehaviorSubject(read(query)) }),
      });
      return Object.assign(made, { variables: { interval: { description: 'pace' } } });
    };
    const others = { quick: paced('quick', 10), slow: paced('slow', 1000), plain: told('plain', { route: 'plain' }).plugin };
    const at = await stage(t, ...withParts(['quick', 'slow', 'plain'], others));
    const { body } = await at.get('/systeminfo?interval=20ms');
    const { quick, slow, plain, missing } = body as Json;
    assert.deepEqual([quick, slow, plain, missing], [{ route: 'quick' }, { route: 'slow' }, { route: 'plain' }, {}]);
    assert.deepEqual(questions, [
      ['quick', '20ms'],
      ['slow', '20ms'],
      ['slow', undefined],
    ]);
  });

  test('hears no less of the rest where one part’s topic fails or says nothing', async (t) => {
    const failing = pluginOf('failing', { answer: () => [200, 1], topics: () => ({ t: throwError(() => new Error('boom')) }) });
    const silent = pluginOf('silent', { answer: () => [200, 2], topics: () => ({ t: NEVER, u: new Subject() }) });
    const at = await stage(t, ...withParts(['failing', 'silent'], { failing, silent }));
    const { seen } = await at.open('systeminfo');
    await until(() => seen.length >= 2, 'answers come');
    const { failing: one, silent: two } = JSON.parse(seen[1] as string) as Json;
    assert.deepEqual([one, two], [1, 2]);
  });
});

test('parts that cannot be meant are refused at the start, by name', async (t) => {
  for (const [parts, message] of [
    [['a', 'b=a', 'a=c'], /^parts names 'a' twice$/],
    [['sequence=a'], /^parts has 'sequence=a'; allowed: /],
    [['a b'], /^parts has 'a b'; allowed: /],
    [['=a'], /^parts has '=a'; allowed: /],
  ] as const) {
    const at = await stage(t, ...withParts(parts, {}));
    const { state, lastError } = await at.pluginState('systeminfo');
    assert.equal(state, 'failed');
    assert.match(lastError?.message ?? '', message);
  }
});

test('a query may hold commas; in an environment variable, where they part the list, they are written otherwise', async (t) => {
  const asked: unknown[] = [];
  const nic = pluginOf('nic', { answer: ({ fields: wanted, kind }) => [200, asked.push([wanted, kind])] });
  const at = await stage(t, ...withParts(['nic=nic?fields=iface,rx&kind=physical'], { nic }));
  assert.equal((await at.get('/systeminfo')).status, 200);
  const environment = { HOSTPULSE_PLUGINS_SYSTEMINFO_PARTS: 'nic=nic?fields=iface%2Crx&kind=physical,other=nic' };
  const { config } = await readSetup({ nic, systeminfo: SystemInfo }, { values: {}, environment });
  const { parameters } = config.plugins.get('systeminfo') ?? assert.fail('no parameters');
  const parts = parameters.parts as string[];
  assert.deepEqual(parseParts(parts), [
    { name: 'nic', path: 'nic', route: 'nic', query: { fields: 'iface,rx', kind: 'physical' } },
    { name: 'other', path: 'nic', route: 'nic', query: {} },
  ]);
  assert.deepEqual(asked, [['iface,rx', 'physical']]);
});

test('of upgrades there are the counts; the list, which is long and hardly ever another, has its own URL', () => {
  const { query } = parseParts(parameterSchema.parts.default).find(({ name }) => name === 'upgrades') ?? assert.fail('no part');
  assert.deepEqual(String(query.fields).split(','), Object.keys(fields.upgrades.fields).slice(2));
  assert.ok(!Object.hasOwn(fields.upgrades.fields, 'packages'));
});

test('every plugin that is built in is a part, but the example', () => {
  const parts = parseParts(parameterSchema.parts.default);
  const routes = new Set(parts.map(({ path }) => path));
  const missing = Object.keys(builtIns).filter((name) => !routes.has(name));
  assert.deepEqual(missing, ['example', 'systeminfo']);
  for (const { name } of parts) assert.ok(Object.hasOwn(fields, name), `${name} is declared`);
});
