import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { concat, NEVER, of } from 'rxjs';
import { badVariable, type RequestData } from '../../src/core/base-plugin.ts';
import { ERRORS } from '../../src/core/errors.ts';
import { type AgentParts, buildAgent, recordingLog } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';

const LOCAL = { host: '127.0.0.1:9192' };
const JSON_TYPE = 'application/json; charset=utf-8';

type Asked = {
  method?: 'GET' | 'POST' | 'PUT' | 'DELETE' | 'HEAD' | 'OPTIONS' | 'PATCH';
  url: string;
  headers?: object;
  payload?: string | object;
};

/** How the plugin `probe` made of these parts answers. */
async function prober(t: Parameters<typeof buildAgent>[0], parts: Parameters<typeof pluginOf>[1], more: AgentParts = {}) {
  const { app } = await buildAgent(t, { ...more, plugins: { probe: pluginOf('probe', parts), ...more.plugins } });
  return async (asked: string | Asked) => {
    const { method = 'GET', url, headers, payload } = typeof asked === 'string' ? { url: asked } : asked;
    return await app.inject({ method, url, headers: { ...LOCAL, ...headers }, ...(payload === undefined ? {} : { payload }) });
  };
}

type Response = Awaited<ReturnType<Awaited<ReturnType<typeof prober>>>>;

/** Every error has one shape. @returns its message */
function assertError(response: Response, status: number, code: keyof typeof ERRORS): string {
  const body = response.json();
  assert.deepEqual(Object.keys(body), ['statusCode', 'code', 'error', 'message'], response.body);
  assert.deepEqual([response.statusCode, body.statusCode, body.code], [status, status, code], response.body);
  assert.equal(ERRORS[code], status);
  assert.equal(response.headers['content-type'], JSON_TYPE);
  assert.equal(response.headers['x-content-type-options'], 'nosniff');
  return body.message;
}

describe('a handler is given', () => {
  const echo = { answer: (data: RequestData) => [200, { ...data, requestHeaders: undefined }] };

  test('the variables of query, JSON and form body, with method, sub-path and client address beside them', async (t) => {
    const ask = await prober(t, { ...echo, handlesSubpath: true });
    const own = { clientIp: '127.0.0.1' };
    const json = { method: 'POST', payload: { a: 2, deep: { list: [1] } } } as const;
    const form = { method: 'POST', payload: 'a=3&b=x%20y', headers: { 'content-type': 'application/x-www-form-urlencoded' } } as const;
    assert.deepEqual((await ask('/probe?a=1&b=x')).json(), { a: '1', b: 'x', subpath: '', method: 'GET', ...own });
    assert.deepEqual((await ask({ url: '/probe/some/where/?a=1', ...json })).json(), {
      a: 2,
      deep: { list: [1] },
      subpath: 'some/where',
      method: 'POST',
      ...own,
    });
    assert.deepEqual((await ask({ url: '/probe?c=1', ...form })).json(), { a: '3', b: 'x y', c: '1', subpath: '', method: 'POST', ...own });
    assert.deepEqual((await ask({ url: '/probe', method: 'POST' })).json(), { subpath: '', method: 'POST', ...own });
  });

  test('lists where a variable comes twice, and an encoded slash in its sub-path', async (t) => {
    const ask = await prober(t, { ...echo, handlesSubpath: true });
    assert.deepEqual((await ask('/probe?a=1&a=2')).json().a, ['1', '2']);
    assert.equal((await ask('/probe/a%2Fb')).json().subpath, 'a%2Fb');
  });

  test('nothing that a client made up of its reserved names', async (t) => {
    const ask = await prober(t, echo);
    const faked = { subpath: 'x', method: 'x', clientIp: 'x', apikey: 'x', requestHeaders: 'x' };
    const { headers: _, ...said } = (await ask({ url: '/probe?clientIp=6.6.6.6', method: 'POST', payload: faked })).json();
    assert.deepEqual(said, { subpath: '', method: 'POST', clientIp: '127.0.0.1' });
  });

  test('the headers, without the key that opened the door', async (t) => {
    const headersSeen = { answer: ({ requestHeaders }: RequestData) => [200, requestHeaders] };
    const sent = { authorization: 'Bearer k', 'x-custom-auth': 'k', 'x-mine': 'yes' };
    const global = await prober(t, headersSeen, { values: { auth: { apiKey: 'k' } } });
    const own = await prober(t, headersSeen, { values: { plugins: { probe: { apiKey: 'k' } } } });
    for (const ask of [global, own]) {
      const { body } = await ask({ url: '/probe', headers: sent });
      assert.equal(JSON.parse(body)['x-mine'], 'yes');
      assert.doesNotMatch(body, /Bearer|"k"/);
    }
    const open = await prober(t, headersSeen);
    assert.equal((await open({ url: '/probe', headers: { authorization: 'Basic mine' } })).json().authorization, 'Basic mine');
  });
});

describe('an answer', () => {
  const answered = async (t: Parameters<typeof buildAgent>[0], answer: () => unknown, url = '/probe') =>
    await (await prober(t, { answer }))(url);
  const shown = ({ statusCode, headers, body }: Response) => [statusCode, headers['content-type'], body];

  test('that is a plain value is JSON, null, numbers and false included', async (t) => {
    for (const value of [{ a: [1, null] }, [], null, 0, false, true, 1.5]) {
      assert.deepEqual(shown(await answered(t, () => [200, value])), [200, JSON_TYPE, JSON.stringify(value)]);
    }
    assert.deepEqual(shown(await answered(t, async () => [201, { async: true }])), [201, JSON_TYPE, '{"async":true}']);
  });

  test('that is a string is plain text, never HTML', async (t) => {
    const response = await answered(t, () => [200, '<script>alert(1)</script>']);
    assert.deepEqual(shown(response), [200, 'text/plain; charset=utf-8', '<script>alert(1)</script>']);
    assert.equal(response.headers['x-content-type-options'], 'nosniff');
    assert.deepEqual(shown(await answered(t, () => [200, ''])), [200, 'text/plain; charset=utf-8', '']);
  });

  test('that is bytes or a stream is sent as it is', async (t) => {
    const [type, bytes] = ['application/octet-stream', Buffer.from([0, 1, 2, 255])];
    const web = new Response(bytes).body;
    for (const body of [bytes, new Uint8Array(bytes), Readable.from([bytes.subarray(0, 2), bytes.subarray(2)]), web]) {
      const response = await answered(t, () => [200, body]);
      assert.deepEqual([response.statusCode, response.headers['content-type']], [200, type]);
      assert.deepEqual(response.rawPayload, bytes);
    }
  });

  test('that is a web Response keeps its own status, headers and body', async (t) => {
    const response = await answered(t, () => [
      200,
      new Response('<b>', { status: 202, headers: { 'content-type': 'text/x-mine', 'x-more': '1' } }),
    ]);
    assert.deepEqual(shown(response), [202, 'text/x-mine', '<b>']);
    assert.deepEqual([response.headers['x-more'], response.headers['x-content-type-options']], ['1', 'nosniff']);
  });

  test('that is what fetch was answered is sent on as it was decoded, without what was of the other connection', async (t) => {
    const text = 'said before '.repeat(1000);
    const server = createServer((_request, response) => {
      response.writeHead(203, { 'content-type': 'text/x-theirs', 'content-encoding': 'gzip', 'keep-alive': 'timeout=1', 'x-more': '1' });
      response.end(gzipSync(text));
    });
    await once(server.listen(0, '127.0.0.1'), 'listening');
    t.after(() => server.close().closeAllConnections());
    const { port } = server.address() as AddressInfo;
    const { headers, ...response } = await answered(t, async () => [200, await fetch(`http://127.0.0.1:${port}`)]);
    assert.deepEqual([response.statusCode, headers['content-type'], response.body], [203, 'text/x-theirs', text]);
    assert.deepEqual([headers['x-more'], headers['content-encoding']], ['1', undefined]);
    assert.notEqual(headers['keep-alive'], 'timeout=1');
  });

  test('that a plugin has encoded itself stays so, and only one length is told', async (t) => {
    const bytes = gzipSync('packed');
    const more = { 'content-encoding': 'gzip', 'content-length': `${bytes.length}`, 'transfer-encoding': 'chunked' };
    const response = await answered(t, () => [200, new Response(bytes, { headers: more })]);
    assert.deepEqual(gunzipSync(response.rawPayload).toString(), 'packed');
    assert.deepEqual([response.headers['content-encoding'], response.headers['content-length']], ['gzip', `${bytes.length}`]);
    assert.equal(response.headers['transfer-encoding'], undefined);
  });

  test('without a body is empty', async (t) => {
    for (const status of [200, 204, 304]) {
      const response = await answered(t, () => [status, undefined]);
      assert.deepEqual([response.statusCode, response.body], [status, '']);
    }
  });

  test('is not kept by caches', async (t) => {
    assert.equal((await answered(t, () => [200, {}])).headers['cache-control'], 'no-store');
    assert.equal((await answered(t, () => [200, 'text'])).headers['cache-control'], 'no-store');
  });

  test('to HEAD is that to GET without its body', async (t) => {
    const ask = await prober(t, {});
    const [head, get] = [await ask({ method: 'HEAD', url: '/probe' }), await ask('/probe')];
    assert.deepEqual([head.statusCode, head.body, head.headers['content-length']], [200, '', get.headers['content-length']]);
  });
});

describe('a path', () => {
  const tree = { list: [{ id: 'a/b', n: 1 }], zero: 0, gone: undefined };
  const parts = {
    answer: ({ status }: RequestData) => [Number(status ?? 200), tree],
    fields: { list: { description: '', identity: 'id', each: {} } },
  };

  test('goes on into the JSON of GET and POST', async (t) => {
    const ask = await prober(t, parts);
    for (const method of ['GET', 'POST'] as const) {
      assert.equal((await ask({ method, url: '/probe/list/a%2Fb/n' })).body, '1');
      assert.equal((await ask({ method, url: '/probe/zero/' })).body, '0');
    }
  });

  test('to nothing is a 404 that lists what is there', async (t) => {
    const ask = await prober(t, parts);
    assert.equal(assertError(await ask('/probe/nope'), 404, 'HOSTPULSE_ERR_NO_SUCH_PATH'), "No 'nope' in the answer; there is: list, zero");
    for (const path of ['constructor', 'toString', '__proto__', 'list/length', 'gone'])
      assertError(await ask(`/probe/${path}`), 404, 'HOSTPULSE_ERR_NO_SUCH_PATH');
  });

  test('is not followed into a refusal', async (t) => {
    const ask = await prober(t, parts);
    for (const status of [300, 404, 503])
      assert.deepEqual((await ask(`/probe/zero?status=${status}`)).json(), { list: tree.list, zero: 0 });
  });

  test('into what is no JSON is a 404, and a refusal of that kind is sent as it is', async (t) => {
    for (const body of ['text', Buffer.from('bytes'), undefined, new Response('web')]) {
      const ask = await prober(t, { answer: () => [200, body] });
      assertError(await ask('/probe/deeper'), 404, 'HOSTPULSE_ERR_NO_SUCH_PATH');
    }
    const refusing = await prober(t, { answer: () => [410, 'gone for good'] });
    const response = await refusing('/probe/deeper');
    assert.deepEqual([response.statusCode, response.body], [410, 'gone for good']);
    const web = await prober(t, { answer: () => [200, new Response('not here', { status: 404 })] });
    assert.equal((await web('/probe/deeper')).body, 'not here');
  });

  test('is left to the plugin that handles it', async (t) => {
    const ask = await prober(t, { answer: ({ subpath }) => [200, `asked for ${subpath}`], handlesSubpath: true });
    assert.equal((await ask('/probe/a/b')).body, 'asked for a/b');
  });

  test('that names a topic is answered with its newest value, or with 204 where it has none', async (t) => {
    const topics = () => ({ first: NEVER, second: concat(of({ x: [1, 2] }), NEVER), silent: NEVER });
    const ask = await prober(t, { topics });
    assert.equal((await ask('/probe/second')).body, '{"x":[1,2]}');
    assert.equal((await ask({ method: 'POST', url: '/probe/second/x/1' })).body, '2');
    assertError(await ask('/probe/second/y'), 404, 'HOSTPULSE_ERR_NO_SUCH_PATH');
    const silent = await ask('/probe/silent');
    assert.deepEqual([silent.statusCode, silent.body], [204, '']);
  });
});

describe('an error', () => {
  test('is JSON in one shape with a code of the table, whatever was wrong', async (t) => {
    const answer = ({ how }: RequestData) => {
      if (how === 'throw') throw new Error('password is hunter2');
      if (how === 'refuse') throw badVariable('how', how, 'nicely');
      if (how === 'late') return sleep(60_000, null, { ref: false });
      return how === 'bigint' ? [200, { n: 1n }] : how === 'bad' ? [200] : [200, {}];
    };
    const topics = () => ({
      t: () => {
        throw new Error('hunter2');
      },
    });
    const values = { limits: { handlerMs: 50, bodyBytes: 100, urlBytes: 200 } };
    const plugins = {
      broken: pluginOf('broken', {
        construct: () => {
          throw new Error('hunter2');
        },
      }),
    };
    const log = recordingLog();
    const ask = await prober(t, { answer, topics }, { values, plugins, log });
    const post = (payload: string, type = 'application/json', url = '/probe') => ({
      method: 'POST' as const,
      url,
      payload,
      headers: { 'content-type': type },
    });
    const cases: [string | Asked, number, keyof typeof ERRORS, RegExp][] = [
      ['/nope', 404, 'HOSTPULSE_ERR_NO_SUCH_PLUGIN', /^No plugin at \/nope; there is: \/broken, \/probe/],
      ['/probe/x', 404, 'HOSTPULSE_ERR_NO_SUCH_PATH', /nothing is below|there is/],
      ['/probe/%zz', 400, 'HOSTPULSE_ERR_BAD_REQUEST', /% .*two hex digits/],
      ['/%zz?apikey=hunter2', 400, 'HOSTPULSE_ERR_BAD_REQUEST', /% .*two hex digits/],
      ['/probe?constructor=1', 400, 'HOSTPULSE_ERR_RESERVED_NAME', /'constructor' cannot be/],
      ['/probe?__proto__=1', 400, 'HOSTPULSE_ERR_RESERVED_NAME', /'__proto__' cannot be/],
      ['/probe?how=refuse', 400, 'HOSTPULSE_ERR_BAD_VARIABLE', /^how is 'refuse'; allowed: nicely$/],
      ['/probe?how=throw', 500, 'HOSTPULSE_ERR_PLUGIN_FAILED', /^probe failed; the agent's log/],
      ['/probe/t', 500, 'HOSTPULSE_ERR_PLUGIN_FAILED', /^probe failed; the agent's log/],
      ['/probe?how=bad', 500, 'HOSTPULSE_ERR_PLUGIN_ANSWER', /cannot be sent/],
      ['/probe?how=bigint', 500, 'HOSTPULSE_ERR_PLUGIN_ANSWER', /cannot be written as JSON/],
      ['/probe?how=late', 504, 'HOSTPULSE_ERR_PLUGIN_LATE', /within 50 ms/],
      ['/broken', 503, 'HOSTPULSE_ERR_PLUGIN_NOT_READY', /^broken is failed; \/plugins says why$/],
      ['/stream', 426, 'HOSTPULSE_ERR_UPGRADE_REQUIRED', /speaks WebSocket/],
      [`/probe?x=${'x'.repeat(200)}`, 414, 'HOSTPULSE_ERR_URL_TOO_LONG', /allowed: 200 \(limits\.urlBytes\)/],
      [post('{"a":'), 400, 'HOSTPULSE_ERR_BAD_REQUEST', /JSON/i],
      [post(''), 400, 'HOSTPULSE_ERR_BAD_REQUEST', /empty/],
      [post('[1]'), 400, 'HOSTPULSE_ERR_BAD_REQUEST', /the body is an array/],
      [post('"x"'), 400, 'HOSTPULSE_ERR_BAD_REQUEST', /the body is a string/],
      [post('{"a":{"__proto__":{}}}'), 400, 'HOSTPULSE_ERR_RESERVED_NAME', /'__proto__' cannot be/],
      [post('{"a":{"constructor":1}}'), 400, 'HOSTPULSE_ERR_RESERVED_NAME', /constructor/],
      [post('a[__proto__]=1&__proto__=2', 'application/x-www-form-urlencoded'), 400, 'HOSTPULSE_ERR_RESERVED_NAME', /__proto__/],
      [post(`{"a":"${'x'.repeat(100)}"}`), 413, 'HOSTPULSE_ERR_BODY_TOO_BIG', /limits\.bodyBytes/],
      [post(`a=${'x'.repeat(100)}`, 'application/x-www-form-urlencoded'), 413, 'HOSTPULSE_ERR_BODY_TOO_BIG', /limits\.bodyBytes/],
      [post('<a/>', 'text/xml'), 415, 'HOSTPULSE_ERR_MEDIA_TYPE', /'text\/xml' is not understood; allowed: application\/json/],
    ];
    for (const [asked, status, code, message] of cases) {
      const response = await ask(asked);
      assert.match(assertError(response, status, code), message, JSON.stringify(asked));
      assert.doesNotMatch(response.body, /hunter2|node_modules|\.[tj]s\b/);
    }
    assert.ok(
      log.lines.some(({ fields }) => String(fields.err).includes('hunter2')),
      'the details are in the log',
    );
  });

  test('of the method names those that are allowed', async (t) => {
    const ask = await prober(t, {});
    for (const method of ['PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const) {
      const response = await ask({ method, url: '/probe/x' });
      assert.match(
        assertError(response, 405, 'HOSTPULSE_ERR_METHOD'),
        new RegExp(`^${method} is not answered here; allowed: GET, HEAD, POST$`),
      );
      assert.equal(response.headers.allow, 'GET, HEAD, POST');
    }
  });

  test('of the method at the agent’s own URLs is no missing plugin', async (t) => {
    const ask = await prober(t, {});
    for (const url of ['/', '/health', '/plugins', '/stream', '/plugins/']) {
      const response = await ask({ method: 'POST', url });
      assertError(response, 405, 'HOSTPULSE_ERR_METHOD');
      assert.equal(response.headers.allow, 'GET, HEAD');
    }
  });

  test('tells by header, too, how to come back', async (t) => {
    const ask = await prober(t, {}, { values: { auth: { apiKey: 'k' } } });
    const refused = await ask('/probe');
    assertError(refused, 401, 'HOSTPULSE_ERR_UNAUTHORIZED');
    assert.equal(refused.headers['www-authenticate'], 'Bearer');
    assert.equal((await ask('/stream?apikey=k')).headers.upgrade, 'websocket');
  });

  test('disturbs nothing else: the next question is answered', async (t) => {
    const ask = await prober(t, { answer: ({ how }) => (how ? Promise.reject(new Error('x')) : [200, 'fine']) });
    const both = await Promise.all([ask('/probe?how=x'), ask('/probe')]);
    assert.deepEqual(
      both.map(({ statusCode }) => statusCode),
      [500, 200],
    );
  });
});

describe('the agent says of itself', () => {
  test('the same with and without a slash at the end', async (t) => {
    const ask = await prober(t, {});
    assert.deepEqual((await ask('/plugins/')).json(), (await ask('/plugins')).json());
    assert.equal((await ask('/probe/')).body, (await ask('/probe')).body);
  });

  test('that it is alive, to everybody, and nothing more', async (t) => {
    const ask = await prober(t, {}, { values: { auth: { apiKey: 'k' } } });
    const response = await ask('/health');
    assert.deepEqual([response.statusCode, response.json().status, response.json().plugins], [200, 'ok', { ready: 1, failed: 0 }]);
    assert.doesNotMatch(response.body, /probe/);
  });

  test('that it is degraded where a plugin failed, which /plugins explains', async (t) => {
    const plugins = { broken: pluginOf('broken', { initialize: () => Promise.reject(new Error('no such device')) }) };
    const ask = await prober(t, { topics: () => ({ a: NEVER, b: NEVER }) }, { plugins });
    assert.equal((await ask('/health')).json().status, 'degraded');
    const [probe, broken] = (await ask('/plugins')).json().plugins;
    assert.deepEqual([probe.name, probe.route, probe.topics, probe.state, probe.lastError], ['probe', '/probe', ['a', 'b'], 'ready', null]);
    assert.deepEqual([broken.state, broken.lastError.message], ['failed', 'no such device']);
  });
});
