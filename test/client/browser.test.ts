import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, resolve } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import * as rxjs from 'rxjs';
import { builtIns } from '../../src/plugins/index.ts';
import { authorFolder } from '../helpers/author-folder.ts';
import { type Cleanup, startAgent } from '../helpers/build-agent.ts';
import { ChaosProxy } from '../helpers/chaos-proxy.ts';
import { blocksOf } from '../helpers/guide-blocks.ts';

const CHROMIUM = '/usr/bin/chromium';
const KEY = 'a/key+with=signs';
const QUIET = ['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update'];
const SOURCES = resolve(dirname(fileURLToPath(import.meta.url)), '../../src');

/** rxjs 7 has no modules that a browser finds by itself: its script is loaded, and this stands in its place. */
const NAMES = Object.keys(rxjs).filter((name) => /^\w+$/.test(name) && name !== 'default');
const RXJS = `const { ${NAMES.join(', ')} } = globalThis.rxjs; export { ${NAMES.join(', ')} };`;
const PAGE = `<!doctype html><script src="/rxjs.umd.js"></script>
<script type="importmap">{ "imports": { "rxjs": "/rxjs.js", "hostpulse/client": "/client/index.js" } }</script>`;

/** A page that has the client's files as they are, without a bundler. */
async function startPages(t: Cleanup): Promise<string> {
  const server = createServer(({ url = '/' }, response) => {
    if (url === '/') return response.setHeader('content-type', 'text/html').end(PAGE);
    response.setHeader('content-type', 'text/javascript');
    if (url === '/rxjs.js') return response.end(RXJS);
    if (url === '/rxjs.umd.js') return response.end(readFileSync('node_modules/rxjs/dist/bundles/rxjs.umd.min.js'));
    const isOurs = /^\/client\/[\w/-]+\.js$/.test(url) && existsSync(SOURCES + url);
    return isOurs ? response.end(readFileSync(SOURCES + url)) : response.writeHead(404).end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Runs in the page, as text: follows until enough has come, and nothing more is to happen to it, and tells what. */
const FOLLOW = `async ({ url, apiKey, way, count }) => {
  const { connect } = await import('hostpulse/client');
  const client = connect(url, { apiKey, transports: [way], pollMs: 50, firstRetryMs: 20, mostRetryMs: 100 });
  const told = { sequences: [], gaps: 0, ways: [], failure: null };
  client.gaps$.subscribe(() => told.gaps++);
  client.state$.subscribe((state) => state.status === 'connected' && told.ways.push(state.transport));
  await new Promise((resolve) => client.topic('netinfo', { interval: '50ms' }).subscribe({
    next: ({ sequence }) => { globalThis.told = told.sequences.push(sequence); if (told.sequences.length >= count && globalThis.isEnough) resolve(); },
    error: (error) => { told.failure = [error.name, error.statusCode, error.code]; resolve(); },
  }));
  client.close();
  return told;
}`;

/** More topics than a browser opens connections for. */
const MANY = `async ({ url, apiKey }) => {
  const { connect } = await import('hostpulse/client');
  const client = connect(url, { apiKey, transports: ['sse', 'polling'], connectMs: 3000, pollMs: 50, climbMs: 86400000 });
  const told = new Set();
  await new Promise((resolve) => {
    for (let n = 50; n < 60; n++) {
      client.topic('netinfo', { interval: n + 'ms' }).subscribe(() => told.add(n).size === 10 && resolve());
    }
  });
  const { transport } = client.state;
  client.close();
  return transport;
}`;

interface Told {
  readonly sequences: readonly number[];
  readonly gaps: number;
  readonly ways: readonly string[];
  readonly failure: unknown;
}

test('in Chromium', { skip: existsSync(CHROMIUM) ? false : 'needs Chromium' }, async (t) => {
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', ...QUIET] });
  t.after(() => browser.close());
  const origin = await startPages(t);
  const { netinfo } = builtIns;
  const { port, url } = await startAgent(t, {
    plugins: { netinfo } as typeof builtIns,
    values: { auth: { apiKey: KEY }, cors: { origins: [origin] }, plugins: { netinfo: { intervalMs: 100, shortestIntervalMs: 50 } } },
  });
  const follow = async (variables: object, meanwhile: (isThere: (count: number) => Promise<unknown>) => Promise<void> = async () => {}) => {
    const page = await browser.newPage();
    await page.goto(origin);
    const told = page.evaluate(`(${FOLLOW})(${JSON.stringify(variables)})`) as Promise<Told>;
    await meanwhile((count) => page.waitForFunction(`globalThis.told >= ${count}`));
    await page.evaluate('globalThis.isEnough = true');
    const result = await told;
    await page.close();
    return result;
  };

  await t.test('polls where there are more topics than event streams can be opened', async () => {
    const page = await browser.newPage();
    await page.goto(origin);
    assert.equal(await page.evaluate(`(${MANY})(${JSON.stringify({ url, apiKey: KEY })})`), 'polling');
    await page.close();
  });

  await t.test('the chart of docs/client.md draws the last minute', async () => {
    const block = blocksOf(readFileSync('docs/client.md', 'utf8')).find((each) => each.kind === 'file' && each.file === 'chart.ts');
    assert.ok(block?.kind === 'file');
    const { folder } = authorFolder(t, { 'chart.ts': block.text.replace("'http://127.0.0.1:9192'", `'${url}', { apiKey: '${KEY}' }`) });
    const options = '--noCheck --ignoreConfig --target es2022 --module es2022 chart.ts'.split(' ');
    execFileSync(process.execPath, [resolve('node_modules/typescript/bin/tsc'), ...options], { cwd: folder });
    const page = await browser.newPage();
    await page.goto(origin);
    await page.addScriptTag({ type: 'module', content: readFileSync(`${folder}/chart.js`, 'utf8') });
    await page.waitForFunction(`document.title === 'connected'`);
    const drawn = `[...document.querySelector('canvas').getContext('2d').getImageData(0, 0, 300, 150).data].filter((byte, at) => at % 4 === 3 && byte > 0).length`;
    await page.waitForFunction(`${drawn} > 0`);
    assert.equal(await page.evaluate('document.body.textContent.trim()'), '');
    await page.close();
  });

  for (const way of ['websocket', 'sse', 'polling']) {
    await t.test(`${way} goes on where it was cut, with a key, on a page of another origin`, async (t) => {
      const proxy = await ChaosProxy.start(t, port);
      const { sequences, gaps, ways, failure } = await follow({ url: proxy.url, apiKey: KEY, way, count: 20 }, async (isThere) => {
        await isThere(5);
        proxy.cutAll();
        await isThere(10);
        await proxy.vanish(150);
      });
      assert.deepEqual([failure, gaps, [...new Set(ways)]], [null, 0, [way]]);
      assert.ok(ways.length >= 2, 'it was cut');
      const kept = await fetch(`${url}/netinfo?interval=50ms&since=${(sequences[0] ?? 0) - 1}`, { headers: { 'x-custom-auth': KEY } });
      const history = ((await kept.json()) as { sequence: number }[]).map(({ sequence }) => sequence);
      const until = history.indexOf(sequences.at(-1) ?? 0);
      assert.deepEqual(sequences, history.slice(0, until + 1));
    });

    await t.test(`${way} is told that the key is wrong`, async () => {
      const { failure } = await follow({ url, apiKey: 'wrong', way, count: 1 });
      assert.deepEqual(failure, ['AgentError', 401, 'HOSTPULSE_ERR_UNAUTHORIZED']);
    });
  }
});
