import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { BehaviorSubject } from 'rxjs';
import type { PluginClass } from '../../src/core/running/plugin-class.ts';
import { type AgentParts, buildAgent, type Cleanup, recordingLog, until } from '../helpers/build-agent.ts';
import { gateFor, pluginDirectory, pluginText } from '../helpers/plugin-files.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { neighboursFor } from '../helpers/stage.ts';

interface Row {
  readonly name: string;
  readonly route: string;
  readonly state: string;
  readonly origin: string;
  readonly lastError: { readonly message: string } | null;
  readonly lastReloadError: { readonly message: string } | null;
}

/** An agent with a directory of plugins, and what a person does with it. */
async function agentWith(
  t: Cleanup,
  files: Readonly<Record<string, string>>,
  parts: AgentParts & { readonly paths?: readonly string[] } = {},
) {
  const directory = pluginDirectory(t, files);
  const log = recordingLog();
  // Read again at each reload, so that a test can change it.
  const values: Record<string, object> = { paths: { plugins: parts.paths ?? [directory.path] }, ...parts.values };
  const agent = await buildAgent(t, { log, ...parts, values });
  const get = async (url: string) => {
    const { statusCode, body, headers } = await agent.app.inject(url);
    if (statusCode !== 200) return statusCode;
    return String(headers['content-type']).startsWith('application/json') ? JSON.parse(body) : body;
  };
  return {
    ...directory,
    agent,
    log,
    values,
    get,
    rows: async () => (await get('/plugins')).plugins as Row[],
    /** Each plugin's outcome, with why where it was refused; paths below the directory only. */
    reload: async (name = 'all') => {
      const report = await agent.plugins.reload(name === 'all' ? { all: true } : name === 'changed' ? { changed: true } : { name });
      const told = (message: string | undefined) => (message === undefined ? '' : `: ${message.replaceAll(`${directory.path}/`, '')}`);
      return report.plugins.map(({ plugin, outcome, message }) => `${plugin} ${outcome}${told(message)}`);
    },
  };
}

describe('the plugins of a directory', () => {
  test('are served beside the built-in ones, those that fail are named with the reason', async (t) => {
    const { path, get, rows } = await agentWith(
      t,
      {
        'clock.ts': pluginText('Clock', { answer: 'this.parameters' }),
        'broken.js': 'export default 5;',
        'my clock.js': '',
        'example.js': pluginText('Other'),
        'greedy.js': pluginText('Health'),
        'second.js': pluginText('Clock'),
      },
      { plugins: { example: pluginOf('example') }, values: { plugins: { clock: { zone: 'CET' } } } },
    );
    assert.deepEqual(await get('/clock'), { zone: 'CET' });
    const failed = (await rows()).filter(({ state }) => state === 'failed');
    assert.deepEqual(
      failed.map(({ name, lastError }) => [name, lastError?.message.replaceAll(`${path}/`, '')]),
      [
        ['broken', "broken.js exports a number by default; allowed: a class derived from BasePlugin ('hostpulse/plugin')"],
        ['example', "example.js: the name 'example' is taken by the plugin that is built in; rename the file"],
        ['greedy', "route /health is the agent's own; give 'greedy' a routePath"],
        [
          'my clock',
          "my clock.js: 'my clock' cannot be a plugin's name; allowed: letters, digits, - and _, beginning with a letter or digit",
        ],
        ['second', "route /clock belongs to plugin 'clock'; give 'second' a routePath of its own"],
      ],
    );
    assert.equal((await get('/health')).status, 'degraded');
    assert.deepEqual(await get('/example'), { route: 'example' });
  });

  test('that are switched off are not run, and are loaded when they are switched on', async (t) => {
    const off = { clock: { enabled: false } };
    const { get, reload, values } = await agentWith(
      t,
      { 'clock.js': pluginText('Clock', { above: 'globalThis.isClockRun = true;' }) },
      { values: { plugins: off } },
    );
    const isRun = () => 'isClockRun' in globalThis;
    assert.deepEqual([await get('/clock'), isRun()], [404, false]);
    assert.deepEqual(await reload(), []);
    assert.equal(isRun(), false);
    values.plugins = {};
    off.clock.enabled = true;
    assert.deepEqual(await reload('clock'), ['clock loaded']);
    assert.deepEqual([await get('/clock'), isRun()], ['1', true]);
    off.clock.enabled = false;
    assert.deepEqual(await reload('changed'), ['clock unloaded']);
    assert.equal(await get('/clock'), 404);
  });

  test('give way at a route where they have failed and another one works', async (t) => {
    const { get, reload, put } = await agentWith(t, {
      'clock.js': 'export default 5;',
      'time.js': pluginText('Clock', { answer: "'time'" }),
    });
    assert.equal(await get('/clock'), 'time');
    put('clock.js', pluginText('Clock', { answer: "'clock'" }));
    // Asked for by what is one's name and the other's route, both are meant.
    assert.deepEqual(await reload('clock'), [
      "clock refused: route /clock belongs to plugin 'time'; give 'clock' a routePath of its own",
      'time reloaded',
    ]);
    assert.equal(await get('/clock'), 'time');
  });
});

describe('a reload', () => {
  test('of all exchanges what runs, loads what is new, unloads what is gone', async (t) => {
    const { get, reload, put, remove } = await agentWith(
      t,
      { 'a.js': pluginText('A'), 'b.ts': pluginText('B') },
      { plugins: { own: pluginOf('own') } },
    );
    put('a.js', pluginText('A', { answer: "'2'" }));
    put('c/plugin.mjs', pluginText('C'));
    remove('b.ts');
    assert.deepEqual(await reload(), ['b unloaded', 'own reloaded', 'a reloaded', 'c loaded']);
    assert.deepEqual([await get('/a'), await get('/b'), await get('/c')], ['2', 404, '1']);
  });

  test('of one leaves the others alone; it is known by its name and by its route', async (t) => {
    let made = 0;
    const plugins = { own: pluginOf('own', { construct: () => made++ }) };
    const { get, reload, put, rows } = await agentWith(t, { 'a.js': pluginText('Alpha'), 'b.js': pluginText('Beta') }, { plugins });
    put('a.js', pluginText('Alpha', { answer: "'2'" }));
    put('b.js', pluginText('Beta', { answer: "'2'" }));
    assert.deepEqual(await reload('alpha'), ['a reloaded']);
    assert.deepEqual([await get('/alpha'), await get('/beta'), made], ['2', '1', 1]);
    assert.deepEqual(await reload('b'), ['b reloaded']);
    assert.equal(await get('/beta'), '2');
    await assert.rejects(reload('nope'), { code: 'HOSTPULSE_ERR_NO_SUCH_PLUGIN', message: "No plugin 'nope'; allowed: all, own, a, b" });
    await assert.rejects(reload('__proto__'), { code: 'HOSTPULSE_ERR_NO_SUCH_PLUGIN' });
    assert.equal((await rows()).length, 3);
  });

  test('of what has changed leaves alone what has not, also what has failed', async (t) => {
    const { get, reload, put, log } = await agentWith(t, { 'a.js': pluginText('A'), 'b.js': 'export default 5;', 'bad name.js': '' });
    assert.deepEqual(await reload('changed'), []);
    put('a.js', pluginText('A', { answer: "'2'" }));
    assert.deepEqual(await reload('changed'), ['a reloaded']);
    put('a.js', 'export default 5;');
    assert.deepEqual(await reload('changed'), [
      "a refused: a.js exports a number by default; allowed: a class derived from BasePlugin ('hostpulse/plugin')",
    ]);
    assert.deepEqual(await reload('changed'), []);
    assert.equal(await get('/a'), '2');
    put('a.js', pluginText('A', { answer: "'2'" }));
    assert.deepEqual(await reload('changed'), ['a reloaded']);
    assert.equal(log.lines.filter(({ message }) => message === 'plugin cannot be reloaded and stays as it was').length, 1);
  });

  test('takes a plugin that failed at the start, once it is mended', async (t) => {
    const { get, reload, put, rows } = await agentWith(t, {
      'a.js': 'export default ;',
      'b.js': pluginText('B', { members: "initialize() { throw new Error('no'); }" }),
    });
    assert.deepEqual([await get('/a'), await get('/b')], [503, 503]);
    assert.match((await reload('a'))[0] as string, /^a refused: a\.js:1: /);
    put('a.js', pluginText('Alpha'));
    put('b.js', pluginText('B'));
    assert.deepEqual(await reload(), ['a reloaded', 'b reloaded']);
    assert.deepEqual([await get('/alpha'), await get('/b'), await get('/a')], ['1', '1', 404]);
    assert.deepEqual(
      (await rows()).map(({ lastReloadError }) => lastReloadError),
      [null, null],
    );
  });

  const failing: Record<string, [text: string, why: RegExp]> = {
    import: [pluginText('A', { above: "throw new Error('boom');" }), /^boom$/],
    'its contract version': [pluginText('A', { members: "static [Symbol.for('hostpulse.contract')] = 2;" }), /version 2 .* has version 1$/],
    'its constructor': [
      pluginText('A', { members: "constructor(c) { super(c); setInterval(() => {}, 5); throw new Error('boom'); }" }),
      /^boom$/,
    ],
    initialize: [pluginText('A', { members: "async initialize() { setInterval(() => {}, 5); throw new Error('boom'); }" }), /^boom$/],
    observables: [pluginText('A', { members: "observables() { throw new Error('boom'); }" }), /^boom$/],
    'time for initialize': [
      pluginText('A', { members: 'initialize() { return new Promise(() => {}); }' }),
      /^initialize took longer than 1500 ms \(limits\.initializeMs\)$/,
    ],
    'time for import': [pluginText('A', { above: 'await new Promise(() => {});' }), /^a\.js took longer than 1500 ms to import/],
    'a route': [pluginText('Other'), /^route \/other belongs to plugin 'b'; give 'a' a routePath of its own$/],
    'a route that is the agent’s': [pluginText('Stream'), /^route \/stream is the agent's own; give 'a' a routePath$/],
    'a route that is none': [pluginText('A', { members: 'route = 5;' }), /^route '5' is not one URL segment/],
  };
  for (const [what, [text, why]] of Object.entries(failing)) {
    test(`that fails for ${what} keeps the old one and says why in the report, in /plugins and in the log`, async (t) => {
      // Long enough for what works, also on a busy machine.
      const values = { limits: { initializeMs: what.startsWith('time') ? 1500 : 30_000 } };
      const { get, reload, put, rows, log } = await agentWith(t, { 'a.js': pluginText('A'), 'b.js': pluginText('Other') }, { values });
      put('a.js', text);
      const [told = ''] = await reload('a');
      assert.match(told.replace('a refused: ', ''), why);
      assert.equal(await get('/a'), '1');
      const [row] = await rows();
      assert.deepEqual([row?.state, row?.lastError], ['ready', null]);
      assert.ok(told.endsWith(String(row?.lastReloadError?.message).split('/').at(-1) as string));
      const line = log.lines.find(({ message }) => message === 'plugin cannot be reloaded and stays as it was');
      assert.equal(line?.fields.plugin, 'a');
      put('a.js', pluginText('A', { answer: "'2'" }));
      assert.deepEqual(await reload('a'), ['a reloaded']);
      assert.deepEqual([await get('/a'), (await rows())[0]?.lastReloadError], ['2', null]);
    });
  }

  test('lets plugins exchange their routes, and one take that of another which moves on', async (t) => {
    const { get, reload, put } = await agentWith(t, {
      'a.js': pluginText('One', { answer: "'a'" }),
      'b.js': pluginText('Two', { answer: "'b'" }),
      'c.js': pluginText('Three', { answer: "'c'" }),
    });
    const name = (file: string, className: string) => put(`${file}.js`, pluginText(className, { answer: `'${file}'` }));
    name('a', 'Two');
    name('b', 'One');
    assert.deepEqual(await reload(), ['a reloaded', 'b reloaded', 'c reloaded']);
    assert.deepEqual([await get('/one'), await get('/two'), await get('/three')], ['b', 'a', 'c']);
    name('b', 'Two');
    name('a', 'Three');
    name('c', 'Four');
    assert.deepEqual(await reload('changed'), ['a reloaded', 'b reloaded', 'c reloaded']);
    assert.deepEqual([await get('/two'), await get('/three'), await get('/four'), await get('/one')], ['b', 'a', 'c', 404]);
  });

  test('in which one of two that exchange their routes fails leaves both where they were', async (t) => {
    const { get, reload, put } = await agentWith(t, {
      'a.js': pluginText('One', { answer: "'a'" }),
      'b.js': pluginText('Two', { answer: "'b'" }),
    });
    put('a.js', pluginText('Two', { answer: "'a'" }));
    put('b.js', pluginText('One', { answer: "'b'", members: "initialize() { throw new Error('boom'); }" }));
    assert.deepEqual(await reload(), ["a refused: route /two belongs to plugin 'b'; give 'a' a routePath of its own", 'b refused: boom']);
    assert.deepEqual([await get('/one'), await get('/two')], ['a', 'b']);
  });

  test('in which two want one route gives it to the one that has it', async (t) => {
    const { get, reload, put } = await agentWith(t, {
      'a.js': pluginText('One', { answer: "'a'" }),
      'b.js': pluginText('Two', { answer: "'b'" }),
    });
    put('a.js', pluginText('Two', { answer: "'a'" }));
    assert.deepEqual(await reload(), ["a refused: route /two belongs to plugin 'b'; give 'a' a routePath of its own", 'b reloaded']);
    assert.deepEqual([await get('/one'), await get('/two')], ['a', 'b']);
  });

  test('moves a plugin whose class or routePath has changed', async (t) => {
    const { get, reload, put, values } = await agentWith(t, { 'a.js': pluginText('One') });
    put('a.js', pluginText('Two'));
    await reload('one');
    assert.deepEqual([await get('/one'), await get('/two')], [404, '1']);
    assert.deepEqual(await reload('two'), ['a reloaded']);
    values.plugins = { a: { routePath: 'Three' } };
    assert.equal(await get('/two'), '1');
  });

  test('knows a plugin by its name, also where it is another file now', async (t) => {
    const { get, reload, put, remove, rows } = await agentWith(t, { 'clock.js': pluginText('Clock') });
    put('clock.ts', pluginText('Clock', { answer: "'2' as string" }));
    assert.deepEqual(await reload(), [
      'clock reloaded',
      "clock refused: clock.js: the name 'clock' is taken by clock.ts; rename or remove one of the two",
    ]);
    remove('clock.js');
    assert.deepEqual(await reload('clock'), ['clock reloaded']);
    assert.equal(await get('/clock'), '2');
    assert.deepEqual(
      (await rows()).map(({ origin }) => origin.split('/').at(-1)),
      ['clock.ts'],
    );
  });

  test('goes on telling which file runs where another one that took its place is refused', async (t) => {
    const { get, reload, put, remove, rows } = await agentWith(t, { 'clock.js': pluginText('Clock', { answer: "'1'" }) });
    remove('clock.js');
    put('clock.ts', 'export default 5;');
    assert.match(String(await reload('clock')), /^clock refused/);
    assert.equal(await get('/clock'), '1');
    const origins = async () => (await rows()).map(({ origin }) => origin.split('/').at(-1));
    assert.deepEqual(await origins(), ['clock.js']);
    put('clock.ts', pluginText('Clock', { answer: "'2' as string" }));
    assert.deepEqual(await reload('clock'), ['clock reloaded']);
    assert.deepEqual(await origins(), ['clock.ts']);
  });

  test('gives changed parameters, and names the server’s keys that want a new start', async (t) => {
    const changing = { zone: 'UTC' };
    const limits = { handlerMs: 5000 };
    const { get, agent } = await agentWith(
      t,
      { 'a.js': pluginText('A', { answer: 'this.parameters' }) },
      { values: { plugins: { a: changing }, limits } },
    );
    changing.zone = 'CET';
    limits.handlerMs = 4000;
    assert.deepEqual((await agent.plugins.reload({ name: 'a' })).needsRestart, ['limits.handlerMs']);
    assert.deepEqual(await get('/a'), { zone: 'CET' });
  });

  test('with a wrong configuration changes nothing, and says why', async (t) => {
    const parameters: Record<string, unknown> = { paceMs: 5 };
    const schema = 'static parameterSchema = { paceMs: { doc: "d", format: "positiveInteger", default: 1 } };';
    const { get, reload, put, log } = await agentWith(
      t,
      { 'a.js': pluginText('A', { members: schema }) },
      { values: { plugins: { a: parameters } } },
    );
    parameters.paceMs = 'soon';
    put('a.js', pluginText('A', { answer: "'2'", members: schema }));
    await assert.rejects(reload(), {
      code: 'HOSTPULSE_ERR_NOT_RELOADED',
      statusCode: 422,
      message:
        /^nothing was reloaded, all runs on as before: 1 problem in the configuration:\n {2}- plugins\.a\.paceMs: allowed: a whole number from 1: value was "soon"/,
    });
    assert.equal(await get('/a'), '1');
    assert.equal(log.lines.filter(({ level }) => level === 'error').length, 1);
  });

  test('is not refused for what the configuration says of a plugin that is gone, or cannot be loaded', async (t) => {
    const schema = 'static parameterSchema = { paceMs: { doc: "d", format: "positiveInteger", default: 1 } };';
    const values = { plugins: { a: { paceMs: 5 }, b: { paceMs: 5 } } };
    const { get, reload, put, remove } = await agentWith(
      t,
      { 'a.js': pluginText('A', { members: schema }), 'b.js': pluginText('B') },
      { values },
    );
    remove('a.js');
    put('b.js', 'export default 5;');
    const [gone, refused] = await reload();
    assert.equal(gone, 'a unloaded');
    assert.match(refused as string, /^b refused: b\.js exports a number/);
    put('a.js', pluginText('A', { answer: 'this.parameters', members: schema }));
    assert.deepEqual(await reload('changed'), ['a loaded']);
    assert.deepEqual(await get('/a'), { paceMs: 5 });
  });

  test('while a directory is away changes nothing; once it is back, all goes on', async (t) => {
    const { path, get, reload, put, remove } = await agentWith(t, {}, {});
    put('a.js', pluginText('A'));
    await reload();
    remove('');
    await assert.rejects(reload('changed'), { message: new RegExp(`nothing was reloaded.*\\n.*paths\\.plugins: ${path} does not exist`) });
    assert.equal(await get('/a'), '1');
    put('a.js', pluginText('A', { answer: "'2'" }));
    assert.deepEqual(await reload('changed'), ['a reloaded']);
    assert.equal(await get('/a'), '2');
  });

  test('waits for the one before, and for a plugin that is still initializing', async (t) => {
    const { agent, get, put } = await agentWith(t, { 'a.js': pluginText('A') });
    const gate = gateFor(t);
    put('a.js', pluginText('A', { answer: "'2'", members: `initialize() { return ${gate.pass}; }` }));
    const first = agent.plugins.reload({ all: true });
    await gate.reached;
    put('a.js', pluginText('A', { answer: "'3'" }));
    const others = Array.from({ length: 5 }, () => agent.plugins.reload({ name: 'a' }));
    gate.open();
    const reports = await Promise.all([first, ...others]);
    for (const { plugins } of reports) assert.deepEqual(plugins, [{ plugin: 'a', outcome: 'reloaded' }]);
    assert.equal(await get('/a'), '3');
  });

  test('is refused once the agent shuts down, also where it is under way', async (t) => {
    const ended: string[] = [];
    let starts = 0;
    let isReady = () => {};
    const slow: PluginClass = pluginOf('slow', {
      initialize: () => (starts++ > 0 ? new Promise<void>((resolve) => (isReady = resolve)) : undefined),
      terminate: () => void ended.push('terminated'),
    });
    const { agent } = await agentWith(t, {}, { plugins: { slow } });
    const underWay = agent.plugins.reload({ all: true });
    await until(() => starts === 2, 'the new one gets ready');
    const closed = agent.close();
    isReady();
    await closed;
    const { plugins } = await underWay;
    assert.deepEqual(plugins, [{ plugin: 'slow', outcome: 'refused', message: 'the agent is shutting down', runsOn: true }]);
    // The old one and the one that was to come.
    assert.equal(ended.length, 2);
    await assert.rejects(agent.plugins.reload({ all: true }), { code: 'HOSTPULSE_ERR_SHUTTING_DOWN' });
  });

  test('lets the old one finish its requests before it ends it', async (t) => {
    const said: string[] = [];
    let release: (() => void) | null = null;
    let version = 0;
    const plugins = {
      slow: pluginOf('slow', {
        construct: () => version++,
        answer: () => {
          const mine = version;
          return new Promise((resolve) => {
            release = () => resolve([200, mine]);
          });
        },
        terminate: () => void said.push(`terminated with ${version}`),
      }),
    };
    const { agent, get } = await agentWith(t, {}, { plugins });
    const asked = get('/slow');
    await until(() => release !== null, 'it is asked');
    await agent.plugins.reload({ all: true });
    assert.deepEqual(said, []);
    (release as (() => void) | null)?.();
    assert.equal(await asked, 1);
    await until(() => said.length === 1, 'the old one ends');
  });

  test('lets a plugin whose file has gone finish its requests', async (t) => {
    const gate = gateFor(t);
    const slow = pluginText('Slow', { answer: `(await ${gate.pass}, '1')` }).replace('requestHandler', 'async requestHandler');
    const { reload, remove, get } = await agentWith(t, { 'slow.js': slow });
    const asked = get('/slow');
    await gate.reached;
    remove('slow.js');
    const reloading = reload('changed');
    await until(async () => (await get('/slow')) === 404, 'nobody else is let in');
    gate.open();
    assert.equal(await asked, '1');
    assert.deepEqual(await reloading, ['slow unloaded']);
    assert.equal(await get('/slow'), 404);
  });

  test('that asks for another key ends the streams of who came without it, a neighbour’s too; another reload ends none', async (t) => {
    const publishing = { topics: () => ({ said: new BehaviorSubject('x') }) };
    const { plugins: neighbours, keep } = neighboursFor();
    const plugins = { vault: pluginOf('vault', publishing), open: pluginOf('open', { construct: keep }) };
    const parameters: Record<string, object> = { vault: {} };
    const { agent } = await agentWith(t, {}, { plugins, values: { plugins: parameters } });
    const open = async (seen: string[]) => {
      const { live } = await agent.registry.get('vault').ask([], {});
      live.subscribe({ next: ({ bytes }) => seen.push(bytes.toString()), complete: () => seen.push('end') });
      return seen;
    };
    const before = await open([]);
    const seenBeside: unknown[] = [];
    neighbours.observe('vault').subscribe({ next: (value) => seenBeside.push(value), error: ({ code }) => seenBeside.push(code) });
    await agent.plugins.reload({ name: 'vault' });
    assert.deepEqual(
      [before, seenBeside],
      [
        ['"x"', '"x"'],
        ['x', 'x'],
      ],
    );
    parameters.vault = { apiKey: 'new' };
    await agent.plugins.reload({ name: 'vault' });
    assert.deepEqual(
      [before, seenBeside],
      [
        ['"x"', '"x"', 'end'],
        ['x', 'x', 'HOSTPULSE_ERR_NOT_FOR_PLUGINS'],
      ],
    );
    const after = await open([]);
    await agent.plugins.reload({ name: 'vault' });
    assert.deepEqual(after, ['"x"', '"x"']);
  });

  test('is the same for all who want the same before it begins, and only so many wait', async (t) => {
    let made = 0;
    const { agent } = await agentWith(t, {}, { plugins: { busy: pluginOf('busy', { construct: () => void made++ }) } });
    const asked = Array.from({ length: 500 }, () => agent.plugins.reload({ all: true }));
    const others = Array.from({ length: 500 }, (_, n) => agent.plugins.reload({ name: `other-${n}` }));
    const refused = (await Promise.allSettled(others)).map((outcome) => (outcome as PromiseRejectedResult).reason.code);
    await Promise.all(asked);
    assert.equal(made, 2);
    assert.equal(refused.filter((code) => code === 'HOSTPULSE_ERR_TOO_MANY').length, 401);
    await agent.plugins.reload({ all: true });
    assert.equal(made, 3);
  });
});

test('a plugin that throws what cannot be made a text of fails alone', async (t) => {
  const wordless = 'Object.create(null)';
  const { get, rows, reload, put } = await agentWith(t, {
    'top.js': `throw ${wordless};`,
    'start.js': pluginText('Start', { members: `initialize() { throw ${wordless}; }` }),
    'topic.js': pluginText('Topic', { answer: `(() => { throw ${wordless}; })()` }),
    'well.js': pluginText('Well'),
  });
  assert.equal(await get('/well'), '1');
  assert.equal(await get('/topic'), 500);
  const failed = (await rows()).filter(({ lastError }) => lastError !== null).map(({ name, state }) => `${name} ${state}`);
  assert.deepEqual(failed, ['start failed', 'top failed', 'topic ready']);
  put('well.js', `throw ${wordless};`);
  assert.deepEqual(await reload('well'), ['well refused: something was thrown that says nothing of itself']);
  assert.equal(await get('/well'), '1');
});
