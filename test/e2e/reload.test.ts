import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Cleanup, recordingLog, startAgent, until } from '../helpers/build-agent.ts';
import { pluginDirectory, pluginText } from '../helpers/plugin-files.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

/** A plugin that says which version of it speaks, in all ways; `tag` makes its members differ. */
function speaking(version: string, members = ''): string {
  const above = "import { concat, interval, map, NEVER, of, startWith } from 'rxjs';";
  const topics = `observables() {
    return {
      ticks: interval(20).pipe(startWith(-1), map(() => ({ version: '${version}' }))),
      once: (query) => concat(of({ version: '${version}', query }), NEVER),
    };
  }`;
  return pluginText('Probe', {
    above,
    answer: `{ version: '${version}' }`,
    members: members.includes('observables') ? members : topics + members,
  });
}

// biome-ignore lint/suspicious/noExplicitAny: what an answer holds is what is looked at.
type Json = any;

async function started(t: Cleanup, files: Readonly<Record<string, string>>, values: Readonly<Record<string, object>> = {}) {
  const directory = pluginDirectory(t, files);
  const log = recordingLog();
  const agent = await startAgent(t, { log, values: { ...values, paths: { plugins: [directory.path] } } });
  const post = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(agent.url + path, { method: 'POST', ...init });
    const body: Json = await response.json();
    return { status: response.status, code: body.code, body, message: String(body.message).replaceAll(`${directory.path}/`, '') };
  };
  return { ...directory, agent, log, post, get: async (path: string): Promise<Json> => (await fetch(agent.url + path)).json() };
}

/** Waits for a message with this in it. */
async function nextWith(next: () => Promise<string>, text: string): Promise<string> {
  for (;;) {
    const message = await next();
    if (message.includes(text)) return message;
  }
}

describe('POST /reload', () => {
  test('answers what became of each plugin, and which keys want a new start', async (t) => {
    const { post, put, get } = await started(t, { 'probe.js': speaking('1') });
    put('probe.js', speaking('2'));
    put('more.ts', pluginText('More'));
    assert.deepEqual((await post('/reload/probe')).body, { plugins: [{ plugin: 'probe', outcome: 'reloaded' }], needsRestart: [] });
    assert.deepEqual(await get('/probe'), { version: '2' });
    const { status, body } = await post('/reload/all');
    assert.equal(status, 200);
    assert.deepEqual(body.plugins, [
      { plugin: 'probe', outcome: 'reloaded' },
      { plugin: 'more', outcome: 'loaded' },
    ]);
  });

  test('answers 422 with what was refused, and why, and what was not', async (t) => {
    const { post, put, get } = await started(t, { 'probe.js': speaking('1'), 'well.js': pluginText('Well') });
    put('probe.js', speaking('2', 'this is no class member'));
    const { status, code, message } = await post('/reload/all');
    assert.deepEqual([status, code], [422, 'HOSTPULSE_ERR_NOT_RELOADED']);
    assert.match(
      message,
      /^not reloaded, and running on as before: probe: probe\.js:\d+: Unexpected identifier 'is'.*; all else is well: well reloaded$/s,
    );
    assert.deepEqual(await get('/probe'), { version: '1' });
    const [row] = (await get('/plugins')).plugins;
    assert.match(row.lastReloadError.message, /Unexpected identifier/);
  });

  test('of what there is not is a 404 that lists what there is; anything but POST is a 405', async (t) => {
    const { post, agent } = await started(t, { 'probe.js': speaking('1') });
    const nope = await post('/reload/nope');
    assert.deepEqual(
      [nope.status, nope.code, nope.message],
      [404, 'HOSTPULSE_ERR_NO_SUCH_PLUGIN', "No plugin 'nope'; allowed: all, probe"],
    );
    for (const path of ['/reload', '/reload/', '/reload/probe/ticks']) {
      const { status, message } = await post(path);
      assert.deepEqual([status, message], [404, 'it is to be said which plugin; allowed: POST /reload/<plugin>, POST /reload/all'], path);
    }
    for (const path of ['/reload', '/reload/all', '/reload/probe'])
      for (const method of ['GET', 'PUT', 'DELETE'])
        assert.equal((await fetch(agent.url + path, { method })).status, 405, `${method} ${path}`);
  });

  test('is for who has the key, a plugin’s own opens that plugin’s reload, and no page of another origin', async (t) => {
    const values = { auth: { apiKey: 'all-of-it' }, plugins: { keyed: { apiKey: 'only-this', routePath: 'elsewhere' } } };
    const { post } = await started(t, { 'probe.js': speaking('1'), 'keyed.js': pluginText('Keyed') }, values);
    const as = (key: string) => ({ headers: { authorization: `Bearer ${key}` } });
    const statuses: Record<string, number> = {};
    for (const [who, init] of Object.entries({ nobody: {}, wrong: as('x'), keyed: as('only-this'), all: as('all-of-it') }))
      for (const path of ['probe', 'keyed', 'elsewhere', 'all', 'nope'])
        statuses[`${who} ${path}`] = (await post(`/reload/${path}`, init)).status;
    const refused = (who: string) =>
      Object.fromEntries(['probe', 'keyed', 'elsewhere', 'all', 'nope'].map((path) => [`${who} ${path}`, 401]));
    assert.deepEqual(statuses, {
      ...refused('nobody'),
      ...refused('wrong'),
      ...refused('keyed'),
      'keyed keyed': 200,
      'keyed elsewhere': 200,
      'all probe': 200,
      'all keyed': 200,
      'all elsewhere': 200,
      'all all': 200,
      'all nope': 404,
    });
    const foreign = await post('/reload/all', { headers: { origin: 'https://evil.example', authorization: 'Bearer all-of-it' } });
    assert.deepEqual([foreign.status, foreign.code], [403, 'HOSTPULSE_ERR_FOREIGN_ORIGIN']);
  });

  test('of plugins that have keys of their own is for who is let in by each that it is about', async (t) => {
    const files = { 'a.js': pluginText('A'), 'b.js': pluginText('B'), 'c.js': pluginText('C'), 'd.js': pluginText('D') };
    // One is called as another's route is: a reload of that name means both.
    const values = { plugins: { a: { apiKey: 'of-a', routePath: 'c' }, b: { apiKey: 'of-b' }, c: { routePath: 'elsewhere' } } };
    const { post, agent } = await started(t, files, values);
    const as = (key: string) => ({ headers: { 'x-custom-auth': key } });
    const open = ['d', 'elsewhere'].map((path) => post(`/reload/${path}`));
    assert.deepEqual(
      (await Promise.all(open)).map(({ status }) => status),
      [200, 200],
    );
    for (const path of ['all', 'a', 'b', 'c']) {
      assert.equal((await post(`/reload/${path}`)).code, 'HOSTPULSE_ERR_UNAUTHORIZED', path);
      assert.equal((await post(`/reload/${path}`, as('x'))).code, 'HOSTPULSE_ERR_UNAUTHORIZED', path);
    }
    const some = await post('/reload/all', as('of-a'));
    assert.deepEqual([some.status, some.message], [401, 'the API key is that of some of these plugins only; reload each with its own']);
    assert.deepEqual([(await post('/reload/c', as('of-a'))).status, (await post('/reload/b', as('of-b'))).status], [200, 200]);
    assert.deepEqual(
      agent.registry.all.filter(({ name }) => name.length === 1).map(({ name, statistics }) => `${name} ${statistics.toJSON().reloads}`),
      ['a 1', 'b 1', 'c 2', 'd 1'],
    );
  });

  test('of all is for who has the key that all plugins with a key of their own have', async (t) => {
    const values = { plugins: { a: { apiKey: 'shared' }, b: { apiKey: 'shared' } } };
    const { post } = await started(t, { 'a.js': pluginText('A'), 'b.js': pluginText('B') }, values);
    assert.equal((await post('/reload/all')).status, 401);
    const body = JSON.stringify({ apikey: 'shared' });
    assert.equal((await post('/reload/all', { body, headers: { 'content-type': 'application/json' } })).status, 200);
  });

  test('names the files of which only one can be served, and what to do, and says what runs', async (t) => {
    const { post, remove, get } = await started(t, {
      'twin.ts': pluginText('Twin', { answer: '{ is: 1 }' }),
      'twin.js': pluginText('Twin'),
    });
    const { status, message } = await post('/reload/twin');
    assert.equal(status, 422);
    assert.equal(
      message,
      "not served: twin: twin.js: the name 'twin' is taken by twin.ts; rename or remove one of the two; all else is well: twin reloaded",
    );
    assert.deepEqual(await get('/twin'), { is: 1 });
    remove('twin.js');
    assert.equal((await post('/reload/twin')).status, 200);
  });

  test('a hundred at once are answered one by one, each with what it did', async (t) => {
    const { post } = await started(t, { 'probe.js': speaking('1') });
    const answers = await Promise.all(Array.from({ length: 100 }, () => post('/reload/probe')));
    for (const { body } of answers) assert.deepEqual(body.plugins, [{ plugin: 'probe', outcome: 'reloaded' }]);
  });
});

describe('who is subscribed', () => {
  test('stays, and hears the new code on the same WebSocket, event stream and /stream', async (t) => {
    const { post, put, agent } = await started(t, { 'probe.ts': speaking('1') });
    const socket = await connectWs(t, `${agent.wsUrl}/probe`);
    const events = await listen(t, `${agent.url}/probe/version`);
    const many = await connectWs(t, `${agent.wsUrl}/stream`);
    many.say({ type: 'subscribe', id: 'a', topic: 'probe/once', query: { n: 1 } });
    const hears = async (version: string) => {
      assert.equal(await nextWith(socket.next, `"${version}"`), `{"version":"${version}"}`);
      await nextWith(async () => (await events.next()).data, `"${version}"`);
      assert.deepEqual(JSON.parse(await nextWith(many.next, `"${version}"`)), {
        type: 'data',
        id: 'a',
        data: { version, query: { n: 1 } },
      });
    };
    await hears('1');
    for (const version of ['2', '3']) {
      put('probe.ts', speaking(version));
      assert.equal((await post('/reload/probe')).status, 200);
      await hears(version);
    }
    assert.deepEqual([socket.socket.readyState, many.socket.readyState], [socket.socket.OPEN, many.socket.OPEN]);
  });

  test('hears the old code on where the new one fails', async (t) => {
    const { post, put, agent } = await started(t, { 'probe.js': speaking('1') });
    const socket = await connectWs(t, `${agent.wsUrl}/probe`);
    for (const broken of ['export default 5;', 'import ;', speaking('2', "initialize() { throw new Error('boom'); }")]) {
      put('probe.js', broken);
      assert.equal((await post('/reload/probe')).status, 422);
      const before = socket.messages.length;
      await until(() => socket.messages.length > before + 3, 'it goes on');
    }
    assert.ok(socket.messages.every((message) => message === '{"version":"1"}'));
  });

  test('to a topic that is gone, or a query that is refused now, is told so once, and hears again when it is back', async (t) => {
    const { post, put, agent } = await started(t, { 'probe.js': speaking('1') });
    const socket = await connectWs(t, `${agent.wsUrl}/probe/once?n=1`);
    const many = await connectWs(t, `${agent.wsUrl}/stream`);
    many.say({ type: 'subscribe', id: 'a', topic: 'probe/once', query: { n: 1 } });
    await nextWith(many.next, '"data"');
    assert.match(await socket.next(), /"version":"1"/);
    const refusing = `observables() { return { ticks: of(1), once: () => { throw badVariable('n', 1, 'nothing'); } }; }`;
    put('probe.js', speaking('2', refusing).replace('{ BasePlugin }', '{ BasePlugin, badVariable }'));
    await post('/reload/probe');
    assert.equal(JSON.parse(await socket.next()).code, 'HOSTPULSE_ERR_BAD_VARIABLE');
    assert.match(await many.next(), /HOSTPULSE_ERR_BAD_VARIABLE/);
    put('probe.js', speaking('3', 'observables() { return {}; }'));
    await post('/reload/probe');
    assert.equal(JSON.parse(await socket.next()).code, 'HOSTPULSE_ERR_NO_TOPIC');
    put('probe.js', speaking('4'));
    await post('/reload/probe');
    assert.match(await socket.next(), /"version":"4"/);
    assert.match(await nextWith(many.next, '"4"'), /"type":"data"/);
    assert.equal(socket.messages.length, 4);
  });

  test('is let go when the plugin’s file goes; the URL is a 404, and is back with the file', async (t) => {
    const { post, put, remove, agent, get } = await started(t, { 'probe.js': speaking('1') });
    const socket = await connectWs(t, `${agent.wsUrl}/probe`);
    const events = await listen(t, `${agent.url}/probe`);
    const many = await connectWs(t, `${agent.wsUrl}/stream`);
    many.say({ type: 'subscribe', id: 'a', topic: 'probe' });
    await Promise.all([socket.next(), events.next(), many.next()]);
    remove('probe.js');
    assert.deepEqual((await post('/reload/probe')).body.plugins, [{ plugin: 'probe', outcome: 'unloaded' }]);
    assert.deepEqual(await socket.closed, { code: 1000, reason: 'the stream has ended' });
    assert.equal(await events.ended, true);
    assert.deepEqual(JSON.parse(await nextWith(many.next, '"end"')), { type: 'end', id: 'a' });
    assert.equal((await get('/probe')).code, 'HOSTPULSE_ERR_NO_SUCH_PLUGIN');
    put('probe.ts', speaking('2'));
    await post('/reload/all');
    assert.deepEqual(await get('/probe'), { version: '2' });
    many.say({ type: 'subscribe', id: 'b', topic: 'probe' });
    await nextWith(many.next, '"2"');
  });

  test('stays where the plugin is under another name of its class, at another URL', async (t) => {
    const { post, put, agent, get } = await started(t, { 'probe.js': speaking('1') });
    const socket = await connectWs(t, `${agent.wsUrl}/probe`);
    await socket.next();
    put('probe.js', speaking('2').replace('class Probe', 'class Other'));
    assert.equal((await post('/reload/probe')).status, 200);
    await nextWith(socket.next, '"2"');
    assert.deepEqual([(await get('/probe')).statusCode, (await get('/other')).version], [404, '2']);
  });

  test('costs the agent nothing more after many reloads: one execution, one subscriber, no leak', async (t) => {
    const leaking = (version: number) =>
      speaking(String(version), "initialize() { setInterval(() => {}, 1000); this.plugins.observe('probe').subscribe(); }");
    const { post, put, agent, get } = await started(t, { 'probe.js': leaking(0) });
    const socket = await connectWs(t, `${agent.wsUrl}/probe`);
    for (let version = 1; version <= 20; version++) {
      put('probe.js', leaking(version));
      assert.equal((await post('/reload/probe')).status, 200);
    }
    await nextWith(socket.next, '"20"');
    const row = async () => (await get('/plugins')).plugins[0];
    // Those that were exchanged last have a moment to end what they began.
    await until(async () => (await row()).statistics.subscribers <= 2, 'only the socket and the newest are subscribed');
    const { leaks, statistics } = await row();
    assert.deepEqual([leaks?.timers, leaks?.subscriptions, statistics.reloads], [1, 1, 20]);
  });
});
