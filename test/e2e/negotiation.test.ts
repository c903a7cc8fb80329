import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { concat, NEVER, of, Subject } from 'rxjs';
import type { Collectors } from '../../src/core/base-plugin.ts';
import { fromCbor } from '../../src/streams/encoding/cbor-reader.ts';
import { startAgent } from '../helpers/build-agent.ts';
import { get } from '../helpers/http-get.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect as connectWs } from '../helpers/ws-client.ts';

const SAMPLE = Object.freeze({ sequence: 7, text: 'äöü😀', list: [{ id: 'x', n: 1.5, big: 2 ** 53, none: null }] });
const LARGE = Object.freeze({ sequence: 8, list: Array.from({ length: 500 }, (_, n) => ({ id: `veth${n}`, rxBytesPerSecond: n / 3 })) });
const plugins = {
  fed: pluginOf('fed', {
    answer: ({ large, odd }) => [200, odd ? { at: new Date(0), nan: Number.NaN, none: undefined } : large ? LARGE : SAMPLE],
    topics: () => ({ values: concat(of(LARGE), NEVER) }),
    fields: { list: { description: '', identity: 'id', each: {} } },
  }),
};

describe('an answer is CBOR for who prefers that', () => {
  const cbor = { accept: 'application/cbor' };

  test('of GET and POST, of a plugin and of the agent, also of an error', async (t) => {
    const { url } = await startAgent(t, { plugins });
    for (const path of [
      '/fed',
      '/fed?large=1',
      '/fed?odd=1',
      '/fed/list/x',
      '/fed/nope',
      '/fed/values',
      '/plugins',
      '/',
      '/nope',
      '/fed/%zz',
    ]) {
      const [inJson, inCbor] = [await get(url + path), await get(url + path, cbor)];
      assert.equal(inCbor.status, inJson.status, path);
      assert.equal(inCbor.headers['content-type'], 'application/cbor', path);
      assert.equal(inCbor.headers.vary, inJson.headers.vary, path);
      assert.match(String(inCbor.headers.vary), /^accept/, path);
      if (path !== '/plugins') assert.deepEqual(fromCbor(inCbor.body), JSON.parse(inJson.body.toString()), path);
    }
    const posted = await fetch(`${url}/fed`, { method: 'POST', headers: cbor, body: new URLSearchParams({ odd: '1' }) });
    assert.deepEqual(fromCbor(new Uint8Array(await posted.arrayBuffer())), { at: '1970-01-01T00:00:00.000Z', nan: null });
  });

  test('of the past, however much', async (t) => {
    const source = new Subject<unknown>();
    const { url, wsUrl } = await startAgent(t, { plugins: { live: pluginOf('live', { topics: () => ({ values: source }) }) } });
    const none = await get(`${url}/live/values?since=0`, cbor);
    assert.deepEqual(fromCbor(none.body), []);
    await connectWs(t, `${wsUrl}/live`);
    for (let sequence = 1; sequence <= 300; sequence++) source.next({ ...SAMPLE, sequence });
    const [inJson, inCbor] = [await get(`${url}/live/values?since=1`), await get(`${url}/live/values?since=1`, cbor)];
    const samples = JSON.parse(inJson.body.toString()) as unknown[];
    assert.equal(samples.length, 299);
    assert.deepEqual(fromCbor(inCbor.body), samples);
    assert.equal(inCbor.headers['content-type'], 'application/cbor');
    assert.equal(inCbor.headers['hostpulse-sequence'], '300');
  });

  test('by weight, then by order; an event stream stays text', async (t) => {
    const { url } = await startAgent(t, { plugins });
    const typeFor = async (accept: string) => String((await get(`${url}/fed`, { accept })).headers['content-type']).split(';')[0];
    assert.equal(await typeFor('application/cbor, application/json'), 'application/cbor');
    assert.equal(await typeFor('Application/CBOR;q=0.9, application/json;q=0.8'), 'application/cbor');
    for (const accept of [
      'application/json, application/cbor',
      'application/cbor;q=0.5, */*',
      'application/cbor;q=0',
      'application/cbor-seq',
      '*/*',
    ]) {
      assert.equal(await typeFor(accept), 'application/json', accept);
    }
    const events = await listen(t, `${url}/fed`, { headers: { accept: 'text/event-stream, application/cbor' } });
    assert.match(String(events.response.headers['content-type']), /^text\/event-stream/);
    assert.deepEqual(JSON.parse((await events.next()).data), LARGE);
  });
});

describe('a large answer is gzipped for who takes that', () => {
  const gzip = { 'accept-encoding': 'gzip, deflate' };

  test('JSON, CBOR, metrics and the OpenAPI document', async (t) => {
    const { url } = await startAgent(t, { plugins: { ...plugins, ...manyMetrics() } });
    for (const [path, accept] of [
      ['/fed?large=1', '*/*'],
      ['/fed?large=1', 'application/cbor'],
      ['/metrics?collect[]=many', '*/*'],
      ['/openapi.json', '*/*'],
    ] as const) {
      const [plain, zipped] = [await get(url + path, { accept }), await get(url + path, { accept, ...gzip })];
      assert.equal(zipped.headers['content-encoding'], 'gzip', path);
      assert.equal(stable(gunzipSync(zipped.body)), stable(plain.body), path);
      assert.ok(zipped.body.length < plain.body.length / 2);
      assert.equal(zipped.headers.vary, 'accept, accept-encoding');
      for (const { headers, body } of [plain, zipped]) assert.equal(Number(headers['content-length']), body.length);
      assert.equal(plain.headers.vary, zipped.headers.vary);
    }
  });

  test('HEAD tells the same of it', async (t) => {
    const { url } = await startAgent(t, { plugins });
    const head = await get(`${url}/fed?large=1`, gzip, 'HEAD');
    const { headers } = await get(`${url}/fed?large=1`, gzip);
    for (const name of ['content-encoding', 'content-length', 'content-type', 'vary'])
      assert.equal(head.headers[name], headers[name], name);
  });

  test('not a small one, not for who does not say so, not what is sent in parts or is no text', async (t) => {
    const bytes = pluginOf('bytes', { answer: () => [200, Buffer.alloc(100_000)] });
    const { url } = await startAgent(t, { plugins: { ...plugins, bytes } });
    const encodingOf = async (path: string, headers: Record<string, string>) =>
      (await get(url + path, headers)).headers['content-encoding'];
    assert.equal(await encodingOf('/fed', gzip), undefined);
    assert.equal(await encodingOf('/bytes', gzip), undefined);
    for (const header of ['br', 'gzip;q=0', 'identity, gzip;q=0.5', '', 'x']) {
      assert.equal(await encodingOf('/fed?large=1', { 'accept-encoding': header }), undefined, header);
    }
    const events = await listen(t, `${url}/fed`, { headers: gzip });
    assert.equal(events.response.headers['content-encoding'], undefined);
    assert.deepEqual(JSON.parse((await events.next()).data), LARGE);
  });
});

/** What a scrape says of itself differs from the next one's. */
function stable(body: Buffer): string {
  return body.toString('latin1').replace(/^(hostpulse|process|nodejs|node_scrape)_.*$/gm, '');
}

function manyMetrics() {
  const many = pluginOf('many');
  const collectors: Collectors = {
    many: (metrics) => {
      const gauge = metrics.gauge('many_things', 'Things.');
      for (let n = 0; n < 500; n++) gauge.add(n, { thing: `${n}` });
    },
  };
  Object.assign(many.prototype, { collectors: () => collectors });
  return { many };
}
