import assert from 'node:assert/strict';
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { RequestData } from '../../src/core/base-plugin.ts';
import { type Cleanup, startAgent, within } from '../helpers/build-agent.ts';
import { runToEnd } from '../helpers/child-agent.ts';
import { pluginOf } from '../helpers/plugins.ts';

const MAIN = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const big = 'x'.repeat(3_000_000);
const answers: Readonly<Record<string, readonly [number, unknown]>> = {
  '': [200, { now: 1.5, name: 'é' }],
  text: [200, 'as it is'],
  big: [200, { big }],
  empty: [204, ''],
  broken: [503, { message: 'not now' }],
};

function startPlain(t: Cleanup, values = {}) {
  const answer = ({ subpath, zone }: RequestData) => {
    if (zone !== undefined) return [200, { zone }];
    return answers[subpath.replace(/^\//, '')] ?? [404, { message: 'no such place' }];
  };
  return startAgent(t, { plugins: { plain: pluginOf('plain', { handlesSubpath: true, answer }) }, values });
}

const ask = (t: Cleanup, url: string, ...args: readonly string[]) =>
  runToEnd(t, { args: ['get', ...args], environment: { HOSTPULSE_URL: url } });

test('get prints the bytes that a GET answers, and its exit code says how it went', async (t) => {
  const { url } = await startPlain(t);
  assert.deepEqual(await ask(t, url, '/plain'), { code: 0, signal: null, stdout: '{"now":1.5,"name":"é"}', stderr: '' });
  assert.equal((await ask(t, url, 'plain/text')).stdout, 'as it is');
  assert.equal((await ask(t, url, 'plain/big')).stdout, JSON.stringify({ big }));
  assert.deepEqual(await ask(t, url, 'plain/empty'), { code: 0, signal: null, stdout: '', stderr: '' });
  assert.equal((await ask(t, url, '/plain', '--query', 'zone=a b&c')).stdout, '{"zone":"a b&c"}');
  const missing = await ask(t, url, '/plain/nope');
  assert.deepEqual([missing.code, missing.stdout, missing.stderr], [4, '', 'hostpulse: 404: no such place\n']);
  assert.deepEqual((await ask(t, url, '/plain/broken')).code, 5);
  const nobody = await ask(t, 'http://127.0.0.1:1', '/plain');
  assert.deepEqual(
    [nobody.code, nobody.stderr],
    [1, 'hostpulse: http://127.0.0.1:1 cannot be reached: connect ECONNREFUSED 127.0.0.1:1\n'],
  );
  assert.equal((await ask(t, url, '/plain', 'and', 'more')).code, 2);
  assert.equal((await ask(t, 'nonsense', '/plain')).code, 2);
});

test('get sends the key of the environment and never says it', async (t) => {
  const { url } = await startPlain(t, { auth: { apiKey: 'ke y%' } });
  const withKey = (key: string) => runToEnd(t, { args: ['get', '/plain', '--url', url], environment: { HOSTPULSE_AUTH_API_KEY: key } });
  assert.equal((await withKey('ke y%')).code, 0);
  const wrong = await withKey('hunter2');
  assert.deepEqual([wrong.code, wrong.stdout], [4, '']);
  assert.doesNotMatch(wrong.stderr, /hunter2/);
});

test('get ends quietly when nobody reads on', async (t) => {
  const { url } = await startPlain(t);
  const env = { ...process.env, HOSTPULSE_URL: url };
  const child = spawn(process.execPath, [MAIN, 'get', '/plain/big'], { env, cwd: tmpdir(), stdio: ['ignore', 'pipe', 'pipe'] });
  t.after(() => void child.kill('SIGKILL'));
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  await within(once(child.stdout, 'data'), 'it answers');
  child.stdout.destroy();
  const [code] = await within(once(child, 'close'), 'it ends');
  assert.deepEqual([code, stderr], [0, '']);
});

async function serverThat(t: Cleanup, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => void server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('get fails where the answer breaks off, or leads elsewhere, and passes no escape sequences on', async (t) => {
  const breaking = await serverThat(t, (_request, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half', () => response.destroy());
  });
  const broken = await ask(t, breaking, '/x');
  assert.deepEqual([broken.code, broken.stderr], [1, 'hostpulse: the answer broke off\n']);
  const leading = await serverThat(t, (_request, response) => void response.writeHead(302, { location: 'http://other/' }).end());
  assert.deepEqual((await ask(t, leading, '/x')).stderr, 'hostpulse: answered 302 and leads to http://other/\n');
  const hostile = await serverThat(t, (_request, response) => {
    response.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"a\\u001b[2Jb"}');
  });
  assert.equal((await ask(t, hostile, '/x')).stderr, 'hostpulse: 404: a\ufffd[2Jb\n');
});

const noOpenssl = spawnSync('openssl', ['version']).status !== 0 && 'wants openssl';

test('get and watch know the configured agent by its certificate, whatever name is in it, and trust no other', {
  skip: noOpenssl,
}, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'hostpulse-tls-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const made = (name: string) => {
    const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
    const subject = ['-subj', '/CN=elsewhere.example', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...subject, '-out', certFile, '-keyout', keyFile], {
      stdio: 'ignore',
    });
    return { certFile, keyFile };
  };
  const own = made('own');
  const other = made('other');
  const { port } = await startPlain(t, { tls: own });
  const local = (tls: typeof own, ...args: readonly string[]) => {
    const environment = {
      HOSTPULSE_TLS_CERT_FILE: tls.certFile,
      HOSTPULSE_TLS_KEY_FILE: tls.keyFile,
      HOSTPULSE_NETWORK_PORT: String(port),
    };
    return runToEnd(t, { args, environment });
  };
  assert.equal((await local(own, 'get', 'plain/text')).stdout, 'as it is');
  assert.equal((await local(own, 'watch', 'nope')).code, 4);
  const refused = await local(other, 'get', 'plain/text');
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(refused.stderr, /cannot be reached: .*certificate/);
  assert.equal((await ask(t, `https://127.0.0.1:${port}`, 'plain')).code, 1);
});
