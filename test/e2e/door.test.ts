import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { concat, NEVER, of } from 'rxjs';
import { health } from '../../src/commands/health.ts';
import { loadConfig } from '../../src/core/config/config.ts';
import { type ListeningAgent, startAgent } from '../helpers/build-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect as connectWs, refusal } from '../helpers/ws-client.ts';

const ticking = (route: string) => pluginOf(route, { topics: () => ({ a: concat(of({ route }), NEVER) }) });
const plugins = { tick: ticking('tick'), tock: ticking('tock') };

/** Status of a request made by hand: fetch sets no Host and no Origin. */
async function statusOf(agent: ListeningAgent, path: string, headers: Record<string, string> = {}, payload?: object): Promise<number> {
  const response = await agent.app.inject({
    method: payload ? 'POST' : 'GET',
    url: path,
    headers: { host: '127.0.0.1', ...headers },
    ...(payload && { payload }),
  });
  return response.statusCode;
}

async function upgradeStatus(url: string, headers: Record<string, string>, protocols: string[] = []): Promise<number> {
  return (await refusal(url, { headers, protocols })).status;
}

describe('one policy for origins', () => {
  const GOOD = 'https://good.example';
  const values = { cors: { origins: [GOOD] } };

  test('lets an allowed page ask and read: preflight and request', async (t) => {
    const agent = await startAgent(t, { plugins, values });
    const preflight = await fetch(`${agent.url}/tick`, {
      method: 'OPTIONS',
      headers: { origin: GOOD, 'access-control-request-method': 'POST', 'access-control-request-headers': 'authorization,content-type' },
    });
    assert.equal(preflight.status, 204);
    assert.equal(preflight.headers.get('access-control-allow-origin'), GOOD);
    assert.match(preflight.headers.get('access-control-allow-methods') ?? '', /GET.*POST/);
    assert.match(preflight.headers.get('access-control-allow-headers') ?? '', /authorization.*content-type/);
    for (const init of [{}, { method: 'POST' }, { headers: { accept: 'text/event-stream' } }]) {
      const response = await fetch(`${agent.url}/tick`, { ...init, headers: { origin: GOOD, ...init.headers } });
      assert.deepEqual([response.status, response.headers.get('access-control-allow-origin')], [200, GOOD]);
      await response.body?.cancel();
    }
    assert.equal(await (await connectWs(t, `${agent.wsUrl}/tick`, { origin: GOOD })).next(), '{"route":"tick"}');
  });

  test('also where a key is needed: a preflight carries none', async (t) => {
    const agent = await startAgent(t, { plugins, values: { ...values, auth: { apiKey: 'k' } } });
    const headers = { origin: GOOD, 'access-control-request-method': 'GET' };
    assert.equal((await fetch(`${agent.url}/tick`, { method: 'OPTIONS', headers })).status, 204);
    assert.equal((await fetch(`${agent.url}/tick`, { headers })).status, 401);
    assert.equal((await fetch(`${agent.url}/tick?apikey=k`, { headers })).status, 200);
  });

  test('tells a foreign page nothing, and does nothing for it', async (t) => {
    for (const settings of [values, {}]) {
      const agent = await startAgent(t, { plugins, values: settings });
      const foreign = { origin: 'https://evil.example' };
      const get = await fetch(`${agent.url}/tick`, { headers: foreign });
      assert.equal(get.headers.get('access-control-allow-origin'), null);
      assert.equal(await statusOf(agent, '/tick', foreign, {}), 403);
      assert.equal(await statusOf(agent, '/tick', { ...foreign, accept: 'text/event-stream' }), 403);
      for (const path of ['/tick', '/stream', '/nope', '/']) assert.equal(await upgradeStatus(agent.wsUrl + path, foreign), 403, path);
      const preflight = await fetch(`${agent.url}/tick`, {
        method: 'OPTIONS',
        headers: { ...foreign, 'access-control-request-method': 'POST' },
      });
      assert.equal(preflight.headers.get('access-control-allow-origin'), null);
    }
  });

  test('lets the agent’s own pages in, and clients that are no pages', async (t) => {
    const agent = await startAgent(t, { plugins });
    assert.equal(await statusOf(agent, '/tick', { origin: 'http://127.0.0.1' }, {}), 200);
    await connectWs(t, `${agent.wsUrl}/tick`, { origin: agent.url });
    await connectWs(t, `${agent.wsUrl}/tick`);
  });
});

describe('a Host that is not ours', () => {
  test('is refused by an open loopback agent, on every way in', async (t) => {
    const agent = await startAgent(t, { plugins, values: { network: { allowedHosts: ['Box.example'] } } });
    const rebound = { host: 'evil.example' };
    for (const path of ['/tick', '/health', '/plugins', '/', '/nope']) assert.equal(await statusOf(agent, path, rebound), 403, path);
    assert.equal(await upgradeStatus(`${agent.wsUrl}/tick`, rebound), 403);
    assert.equal(await statusOf(agent, '/tick', { host: 'box.example:9192' }), 200);
    assert.equal(await statusOf(agent, '/tick', { host: 'localhost:9192' }), 200);
  });

  test('does not matter to an agent with a key', async (t) => {
    const agent = await startAgent(t, { plugins, values: { auth: { apiKey: 'k' } } });
    assert.equal(await statusOf(agent, '/tick?apikey=k', { host: 'any.example' }), 200);
  });
});

describe('the global key', () => {
  const values = { auth: { apiKey: 'the key/1' } };

  test('opens every way in from each place that may carry it', async (t) => {
    const agent = await startAgent(t, { plugins, values });
    const ways: Record<string, string>[] = [{ authorization: 'Bearer the key/1' }, { 'x-custom-auth': 'the key/1' }];
    for (const headers of ways) {
      assert.equal(await statusOf(agent, '/tick', headers), 200);
      assert.equal((await listen(t, `${agent.url}/tick`, { headers })).response.statusCode, 200);
      await connectWs(t, `${agent.wsUrl}/tick`, { headers });
    }
    assert.equal(await statusOf(agent, '/tick?apikey=the%20key/1'), 200);
    assert.equal(await statusOf(agent, '/tick', {}, { apikey: 'the key/1' }), 200);
    await connectWs(t, `${agent.wsUrl}/stream?apikey=the%20key%2F1`);
    const browser = await connectWs(t, `${agent.wsUrl}/tick`, { protocols: ['bearer.the%20key%2F1'] });
    assert.equal(await browser.next(), '{"route":"tick"}');
    const both = await connectWs(t, `${agent.wsUrl}/tick`, { protocols: ['bearer.the%20key%2F1', 'json'] });
    assert.equal(both.socket.protocol, 'json', 'the key is not sent back where there is another protocol');
  });

  test('missing or wrong is 401 on every way in, also where there is nothing; only /health is open', async (t) => {
    const agent = await startAgent(t, { plugins, values });
    for (const path of ['/tick', '/tick/a', '/plugins', '/', '/stream', '/nope', '/nope/deeper']) {
      assert.equal(await statusOf(agent, path), 401, path);
      assert.equal(await statusOf(agent, path, { authorization: 'Bearer wrong' }), 401, path);
      assert.equal(await statusOf(agent, `${path}?apikey=wrong`), 401, path);
      assert.equal(await upgradeStatus(agent.wsUrl + path, {}), 401, path);
      assert.equal(await upgradeStatus(agent.wsUrl + path, {}, ['bearer.wrong']), 401, path);
    }
    assert.equal(await statusOf(agent, '/tick', {}, {}), 401);
    assert.equal(await statusOf(agent, '/tick', {}, { apikey: 'wrong' }), 401);
    assert.equal(await statusOf(agent, '/tick?apikey=wrong', {}, { apikey: 'the key/1' }), 401);
    assert.equal(await statusOf(agent, '/tick', { accept: 'text/event-stream' }), 401);
    assert.equal(await statusOf(agent, '/health'), 200);
    assert.equal(await upgradeStatus(`${agent.wsUrl}/health`, {}), 404);
  });

  test('is in no answer, whoever asks', async (t) => {
    const agent = await startAgent(t, { plugins, values });
    for (const path of ['/', '/plugins', '/health', '/tick', '/nope']) {
      const { body } = await agent.app.inject({ url: path, headers: { host: 'x', authorization: 'Bearer the key/1' } });
      assert.ok(!body.includes('the key/1'), path);
    }
  });
});

describe('a plugin’s own key', () => {
  const values = { plugins: { tick: { apiKey: 'tick key' }, tock: { apiKey: 'tock' } } };

  test('opens that plugin alone, beside the global key', async (t) => {
    const agent = await startAgent(t, { plugins, values: { ...values, auth: { apiKey: 'all' } } });
    const status = (path: string, key: string) => statusOf(agent, path, { authorization: `Bearer ${key}` });
    assert.deepEqual(
      [await status('/tick', 'tick key'), await status('/tock', 'tick key'), await status('/plugins', 'tick key')],
      [200, 401, 401],
    );
    assert.deepEqual([await status('/tick', 'all'), await status('/tock', 'all'), await status('/plugins', 'all')], [200, 200, 200]);
    assert.equal(await statusOf(agent, '/tick', {}, { apikey: 'tick key' }), 200);
    assert.equal(await statusOf(agent, '/tock', {}, { apikey: 'tick key' }), 401);
    await connectWs(t, `${agent.wsUrl}/tick?apikey=tick%20key`);
    assert.equal(await upgradeStatus(`${agent.wsUrl}/tock?apikey=tick%20key`, {}), 401);
  });

  test('opens /stream, however it is carried, and there that plugin’s topics', async (t) => {
    const agent = await startAgent(t, { plugins, values: { ...values, auth: { apiKey: 'all' } } });
    assert.equal(await upgradeStatus(`${agent.wsUrl}/stream?apikey=wrong`, {}), 401);
    const subscribed = async (client: Awaited<ReturnType<typeof connectWs>>) => {
      const types: unknown[] = [];
      for (const topic of ['tick', 'tock']) {
        client.say({ type: 'subscribe', id: topic, topic });
        const { type, code } = await client.nextJson();
        types.push(code ?? type);
      }
      return types;
    };
    const refused = 'HOSTPULSE_ERR_UNAUTHORIZED';
    assert.deepEqual(await subscribed(await connectWs(t, `${agent.wsUrl}/stream?apikey=tock`)), [refused, 'data']);
    assert.deepEqual(await subscribed(await connectWs(t, `${agent.wsUrl}/stream`, { protocols: ['bearer.tick%20key'] })), [
      'data',
      refused,
    ]);
    assert.deepEqual(await subscribed(await connectWs(t, `${agent.wsUrl}/stream?apikey=all`)), ['data', 'data']);
  });

  test('guards it also on an agent that is open otherwise', async (t) => {
    const agent = await startAgent(t, { plugins: { ...plugins, free: ticking('free') }, values });
    assert.deepEqual(
      [await statusOf(agent, '/free'), await statusOf(agent, '/tick'), await statusOf(agent, '/tick?apikey=tick+key')],
      [200, 401, 200],
    );
    const client = await connectWs(t, `${agent.wsUrl}/stream`);
    client.say({ type: 'subscribe', id: 'a', topic: 'tick' });
    assert.equal((await client.nextJson()).code, 'HOSTPULSE_ERR_UNAUTHORIZED');
    client.say({ type: 'subscribe', id: 'a', topic: 'free' });
    assert.equal((await client.nextJson()).type, 'data');
  });
});

function works(command: string, ...args: string[]): boolean {
  try {
    execFileSync(command, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('TLS', { skip: works('openssl', 'version') ? false : 'openssl is not installed' }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'hostpulse-tls-'));
  after(() => rmSync(folder, { recursive: true }));
  const certificate = (name: string) => {
    const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    const args = [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=localhost',
      '-out',
      certFile,
      '-keyout',
      keyFile,
    ];
    execFileSync('openssl', args, { stdio: 'ignore' });
    return { certFile, keyFile };
  };

  test('serves https, wss and event streams, and the health command asks over it', async (t) => {
    const tls = certificate('a');
    const agent = await startAgent(t, { plugins, values: { tls } });
    assert.match(agent.url, /^https:/);
    const trusting = { rejectUnauthorized: false };
    const status = await new Promise((resolve, reject) => {
      request(`${agent.url}/tick`, trusting, (response) => resolve(response.resume().statusCode))
        .on('error', reject)
        .end();
    });
    assert.equal(status, 200);
    assert.equal(await (await connectWs(t, `wss://127.0.0.1:${agent.port}/tick`, trusting)).next(), '{"route":"tick"}');
    assert.equal((await (await listen(t, `${agent.url}/tick`, trusting)).next()).data, '{"route":"tick"}');
    assert.equal((await refusal(`wss://127.0.0.1:${agent.port}/nope`, trusting)).status, 404);
    const { server } = await loadConfig([], { values: { tls, network: { port: agent.port } } });
    assert.equal(await health(server), 0);
  });

  test('with a key that does not belong to the certificate is refused at the start', async () => {
    const { certFile } = certificate('b');
    const { keyFile } = certificate('c');
    await assert.rejects(loadConfig([], { values: { tls: { certFile, keyFile } } }), /tls\.certFile, tls\.keyFile: .*mismatch/);
  });
});

describe('clients that others wrote', () => {
  const hasCurl = works('curl', '--version');
  const python = '/usr/bin/python3';
  const hasPython = works(python, '-c', 'import websockets');

  test('curl polls, posts and listens', { skip: hasCurl ? false : 'curl is not installed' }, async (t) => {
    const { execFile } = await import('node:child_process');
    const agent = await startAgent(t, { plugins, values: { auth: { apiKey: 'k' } } });
    const curl = (...args: string[]) =>
      new Promise<string>((resolve) => {
        execFile('curl', ['-s', '-w', '|%{http_code}', '-H', 'Authorization: Bearer k', ...args], (_error, stdout) => resolve(stdout));
      });
    assert.equal(await curl(`${agent.url}/tick/route`), '"tick"|200');
    if (execFileSync('curl', ['--version']).includes('HTTP2')) assert.equal(await curl('--http2', `${agent.url}/tick/route`), '"tick"|200');
    assert.equal(await curl(`${agent.url}/tick`, '-d', 'a=1'), '{"route":"tick"}|200');
    assert.equal(await curl(`${agent.url}/tick`, '-H', 'content-type: application/json', '-d', '{"a":1}'), '{"route":"tick"}|200');
    assert.match(
      await curl('-N', '-m', '0.7', '-H', 'accept: text/event-stream', `${agent.url}/tick`),
      /^id: \d+\ndata: \{"route":"tick"\}\n\n/,
    );
    assert.match(
      await curl(`${agent.url}/tick`, '-H', 'content-type: application/json', '--data-binary', `{"a":"${'x'.repeat(100_000)}"}`),
      /BODY_TOO_BIG.*\|413$/,
    );
  });

  test('python’s websockets subscribes, is refused, and closes', {
    skip: hasPython ? false : 'python3-websockets is not installed',
  }, async (t) => {
    const { execFile } = await import('node:child_process');
    const agent = await startAgent(t, { plugins, values: { auth: { apiKey: 'k' } } });
    const script = `
import asyncio, json, sys, websockets
async def main(base):
    async with websockets.connect(base + '/tick', subprotocols=['bearer.k']) as c:
        print(await c.recv())
    async with websockets.connect(base + '/stream?apikey=k') as c:
        await c.send(json.dumps({'type': 'subscribe', 'id': 'x', 'topic': 'tock'}))
        print(await c.recv())
    try:
        await websockets.connect(base + '/tick')
    except Exception as e:
        print(getattr(e, 'status_code', None) or e.response.status_code)
asyncio.run(main(sys.argv[1]))`;
    const said = await new Promise<string>((resolve) => {
      execFile(python, ['-W', 'ignore', '-c', script, agent.wsUrl], (_error, stdout, stderr) => resolve(stdout + stderr));
    });
    assert.equal(said, '{"route":"tick"}\n{"type":"data","id":"x","data":{"route":"tock"}}\n401\n');
  });
});
