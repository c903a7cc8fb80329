import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'node:test';
import pino from 'pino';
import { chromium } from 'playwright-core';
import { createAgent } from '../../src/core/agent.ts';
import { readSetup } from '../../src/core/loading/plugin-loader.ts';
import { builtIns } from '../../src/plugins/index.ts';
import { SUBPROTOCOLS } from '../../src/streams/encoding/encoding.ts';

const CHROMIUM = '/usr/bin/chromium';
const KEY = 'a/key+with=signs';
const QUIET = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update'];

type Cleanup = { after(end: () => unknown): void };

async function startAgent(t: Cleanup, values: object): Promise<number> {
  const setup = await readSetup(builtIns, { values: { network: { port: 0 }, ...values } });
  const agent = await createAgent({ setup, log: pino({ level: 'silent' }) });
  t.after(() => agent.close());
  await agent.start();
  return (agent.app.server.address() as AddressInfo).port;
}

/** Runs in the page, as text: what a socket, an event stream and a fetch come to. */
const TRY_ALL = `async ({ port, key }) => {
  const host = '127.0.0.1:' + port;
  const protocols = key === null ? [] : ['json', 'bearer.' + encodeURIComponent(key)];
  const query = key === null ? '' : '?apikey=' + encodeURIComponent(key);
  const isSample = (text) => 'interfaces' in JSON.parse(text);
  const socket = new Promise((resolve) => {
    const ws = new WebSocket('ws://' + host + '/netinfo', protocols);
    ws.onmessage = ({ data }) => resolve(isSample(data));
    ws.onerror = () => resolve('refused');
  });
  const events = new Promise((resolve) => {
    const source = new EventSource('http://' + host + '/netinfo' + query);
    source.onmessage = ({ data }) => resolve(isSample(data));
    source.onerror = () => resolve('refused');
  });
  const headers = key === null ? {} : { authorization: 'Bearer ' + key };
  const fetched = fetch('http://' + host + '/netinfo', { headers }).then(
    async (response) => (response.ok ? isSample(await response.text()) : response.status),
    () => 'refused',
  );
  return { socket: await socket, events: await events, fetched: await fetched };
}`;

/** The reader of CBOR that a page may use: it is a module without imports. */
const READER = readFileSync(new URL('../../src/streams/encoding/cbor-reader.js', import.meta.url)).toString('base64');

const [, EXAMPLE = ''] = /```js\n(.*?)```/s.exec(readFileSync('docs/push.md', 'utf8').split('## Encodings')[1] ?? '') ?? [];

/** Also in the page: the first message in each encoding, undone by what browsers have; their `url` asks for values that stay. */
const TRY_ENCODINGS = `async ({ url, reader, protocols }) => {
  const { fromCbor } = await import('data:text/javascript;base64,' + reader);
  const inflate = (bytes) => new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer();
  const first = (protocol) => new Promise((resolve, reject) => {
    const ws = new WebSocket(url, [protocol]);
    ws.binaryType = 'arraybuffer';
    ws.onmessage = ({ data }) => resolve(data);
    ws.onerror = () => reject(new Error(protocol + ' is refused'));
  });
  const read = async (protocol) => {
    const message = await first(protocol);
    if (protocol === 'json') return JSON.parse(message);
    const bytes = protocol.endsWith('+deflate') ? await inflate(message) : message;
    return protocol.startsWith('cbor') ? fromCbor(new Uint8Array(bytes)) : JSON.parse(new TextDecoder().decode(bytes));
  };
  return Promise.all(protocols.map(read));
}`;

test('a browser', { skip: existsSync(CHROMIUM) ? false : 'needs Chromium' }, async (t) => {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', ...QUIET] });
  t.after(() => browser.close());
  const elsewhere = createServer((_request, response) => {
    response.setHeader('content-type', 'text/html').end('<p>a page</p>');
  }).listen(0, '127.0.0.1');
  await once(elsewhere, 'listening');
  t.after(() => elsewhere.close());
  const foreignOrigin = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}`;
  const tryOn = async (url: string, port: number, key: string | null) => {
    const page = await browser.newPage();
    await page.goto(url);
    return page.evaluate(`(${TRY_ALL})(${JSON.stringify({ port, key })})`);
  };

  await t.test('gets everything on a page of the agent itself', async (t) => {
    const port = await startAgent(t, {});
    assert.deepEqual(await tryOn(`http://127.0.0.1:${port}/`, port, null), { socket: true, events: true, fetched: true });
  });

  await t.test('is spoken to in every encoding', async (t) => {
    const port = await startAgent(t, {});
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    const url = `ws://127.0.0.1:${port}/netinfo/interfaces/lo?fields=iface,index,address,mac,mtu`;
    const parts = { url, reader: READER, protocols: SUBPROTOCOLS };
    const [inJson, ...others] = (await page.evaluate(`(${TRY_ENCODINGS})(${JSON.stringify(parts)})`)) as unknown[];
    assert.equal((inJson as { iface: string }).iface, 'lo');
    for (const other of others) assert.deepEqual(other, inJson);
  });

  await t.test('reads deflated messages as docs/push.md shows it', async (t) => {
    const port = await startAgent(t, {});
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    const said = page.waitForEvent('console', (message) => message.type() === 'log');
    await page.evaluate(EXAMPLE.replace(':9192', `:${port}`));
    assert.match((await said).text(), /^\d{13}$/);
  });

  await t.test('gets nothing on a page of another origin', async (t) => {
    const port = await startAgent(t, {});
    assert.deepEqual(await tryOn(foreignOrigin, port, null), { socket: 'refused', events: 'refused', fetched: 'refused' });
  });

  await t.test('gets everything on a page of an allowed origin, with the key in header, query and subprotocol', async (t) => {
    const port = await startAgent(t, { auth: { apiKey: KEY }, cors: { origins: [foreignOrigin] } });
    assert.deepEqual(await tryOn(foreignOrigin, port, KEY), { socket: true, events: true, fetched: true });
  });

  await t.test('gets nothing with a wrong key, and is told so where it can be', async (t) => {
    const port = await startAgent(t, { auth: { apiKey: KEY }, cors: { origins: [foreignOrigin] } });
    assert.deepEqual(await tryOn(foreignOrigin, port, 'wrong'), { socket: 'refused', events: 'refused', fetched: 401 });
  });
});
