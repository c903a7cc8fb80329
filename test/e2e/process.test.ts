import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { VERSION } from '../../src/core/version.ts';
import { type Cleanup, until, within } from '../helpers/build-agent.ts';
import { runToEnd, startChild } from '../helpers/child-agent.ts';
import { listen } from '../helpers/sse-client.ts';
import { connect as connectWs, refusal } from '../helpers/ws-client.ts';

const TROUBLED = fileURLToPath(new URL('../helpers/troubled-agent.js', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'hostpulse-process-'));
after(() => rmSync(folder, { recursive: true }));

/** A port that is taken for as long as the test runs. */
async function takenPort(t: Cleanup): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => void server.close());
  return (server.address() as { port: number }).port;
}

describe('the command', () => {
  test('without arguments runs the agent, says where it is and what to try, and answers', async (t) => {
    const child = await startChild(t);
    assert.match(child.stdout(), /hostpulse is at http:\/\/127\.0\.0\.1:\d+; try: curl http:\/\/127\.0\.0\.1:\d+\/netinfo/);
    const answer = (await (await fetch(`${child.base}/netinfo`)).json()) as { interfaces: unknown[] };
    assert.ok(Array.isArray(answer.interfaces));
    assert.equal((await fetch(`${child.base}/health`)).status, 200);
  });

  test('shows its help and its version', async (t) => {
    for (const flag of ['--help', '-h']) {
      const { code, stdout } = await runToEnd(t, { args: [flag] });
      assert.equal(code, 0);
      for (const word of ['--config FILE', '--port PORT', 'hostpulse config', 'HOSTPULSE_NETWORK_PORT'])
        assert.ok(stdout.includes(word), word);
    }
    for (const flag of ['--version', '-v']) assert.deepEqual((await runToEnd(t, { args: [flag] })).stdout, `${VERSION}\n`);
  });

  test('given wrong ends with 2, says what is wrong, and where the help is', async (t) => {
    const wrong: [string[], RegExp][] = [
      [['--prot', '80'], /^hostpulse: Unknown option '--prot'$/m],
      [['--port'], /^hostpulse: Option '--port <value>' argument missing/],
      [['dance'], /^hostpulse: there is no command 'dance'; there is: serve, .*config, health/],
      [['config', 'network.port'], /^hostpulse: config takes no arguments, but got 'network\.port'/],
    ];
    for (const [args, message] of wrong) {
      const { code, stdout, stderr } = await runToEnd(t, { args });
      assert.deepEqual([code, stdout], [2, '']);
      assert.match(stderr, message);
      assert.match(stderr, /\(hostpulse --help shows what there is\)\n$/);
    }
  });

  test('config shows every value and where it comes from, with secrets masked', async (t) => {
    const environment = { HOSTPULSE_AUTH_API_KEY: 'hunter2hunter2', HOSTPULSE_LOG_LEVEL: 'debug' };
    const { code, stdout } = await runToEnd(t, { args: ['config', '--port', '0'], environment });
    assert.equal(code, 0);
    assert.match(stdout, /^KEY +VALUE +FROM$/m);
    assert.match(stdout, /^network\.port +0 +--port$/m);
    assert.match(stdout, /^log\.level +"debug" +HOSTPULSE_LOG_LEVEL$/m);
    assert.match(stdout, /^auth\.apiKey +\(set, not shown\) +HOSTPULSE_AUTH_API_KEY$/m);
    assert.match(stdout, /^plugins\.netinfo\.intervalMs +1000 +default$/m);
    assert.ok(!stdout.includes('hunter2'));
  });

  test('health ends with 0 where the agent is well, also behind a key, and with 1 where there is none', async (t) => {
    const child = await startChild(t, { environment: { HOSTPULSE_AUTH_API_KEY: 'k' } });
    const { port } = new URL(child.base);
    const well = await runToEnd(t, { args: ['health', '--port', port] });
    assert.deepEqual([well.code, JSON.parse(well.stdout).status], [0, 'ok']);
    // Not where it was: somebody else may be given that port.
    const gone = await runToEnd(t, { args: ['health', '--port', '1'] });
    assert.equal(gone.code, 1);
    assert.match(gone.stdout, /^not well: .*ECONNREFUSED/);
  });
});

describe('a start that fails', () => {
  test('for its configuration ends with 1 and lists every problem', async (t) => {
    const file = join(folder, 'bad.yaml');
    writeFileSync(file, 'network:\n  port: banana\n  hots: 1\nplugins:\n  netinfo:\n    intervalMs: -1\n');
    const { code, stderr } = await runToEnd(t, { args: ['--config', file, '--log-level', 'loud'], environment: { HOSTPULSE_NOPE: '1' } });
    assert.equal(code, 1);
    assert.match(stderr, /^hostpulse: 5 problems in the configuration:/);
    for (const key of ['network.port', 'network.hots', 'plugins.netinfo.intervalMs', 'log.level', 'HOSTPULSE_NOPE'])
      assert.ok(stderr.includes(`  - ${key}: `), stderr);
    assert.match((await runToEnd(t, { args: ['--config', '/nowhere.yaml'] })).stderr, /\/nowhere\.yaml: cannot be read \(ENOENT\)/);
  });

  test('for a port that is taken, or an address that is not ours, ends with 1 and says so', async (t) => {
    const port = await takenPort(t);
    const taken = await runToEnd(t, { args: ['--port', String(port)] });
    assert.equal(taken.code, 1);
    assert.match(taken.stdout, new RegExp(`port ${port} of 127\\.0\\.0\\.1 is taken; .*--port or HOSTPULSE_NETWORK_PORT`));
    const elsewhere = await runToEnd(t, {
      args: ['--host', '192.0.2.1', '--port', '0'],
      environment: { HOSTPULSE_AUTH_ANONYMOUS: 'true' },
    });
    assert.equal(elsewhere.code, 1);
    assert.match(elsewhere.stdout, /network\.host: 192\.0\.2\.1 is no address of this machine/);
  });

  test('for listening wide without a key ends with 1 and says how to go on', async (t) => {
    const { code, stderr } = await runToEnd(t, { args: ['--host', '0.0.0.0'] });
    assert.equal(code, 1);
    assert.match(stderr, /HOSTPULSE_AUTH_API_KEY=.*HOSTPULSE_AUTH_ANONYMOUS=true/);
  });
});

describe('a signal', () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`${signal} ends sockets with 1001 and event streams properly, then the agent, with 0`, async (t) => {
      const child = await startChild(t);
      const ws = child.base.replace('http', 'ws');
      const client = await connectWs(t, `${ws}/netinfo`);
      const stream = await connectWs(t, `${ws}/stream`);
      const events = await listen(t, `${child.base}/netinfo`);
      await Promise.all([client.next(), events.next()]);
      child.process.kill(signal);
      assert.deepEqual(await within(child.exited, 'the agent ends'), { code: 0, signal: null });
      for (const { closed } of [client, stream]) assert.deepEqual(await closed, { code: 1001, reason: 'the agent is shutting down' });
      assert.equal(await events.ended, true);
      assert.match(child.stdout(), new RegExp(`${signal}: shutting down`));
    });
  }

  test('ends also an agent whose client does not answer the close, and whose plugin hangs in terminate', async (t) => {
    // By the end of its own patience: the plugin would be waited for far longer than this test waits.
    const environment = { HOSTPULSE_LIMITS_TERMINATE_MS: '3600000' };
    const child = await startChild(t, { script: TROUBLED, args: ['slow-end'], environment });
    const client = await connectWs(t, `${child.base.replace('http', 'ws')}/trouble`);
    client.socket.pause();
    child.process.kill('SIGTERM');
    // By its own exit, or by the signal where a file is being asked for just then.
    const { code, signal } = await within(child.exited, 'the agent ends');
    assert.ok(code === 0 || signal === 'SIGTERM', `ended with ${code ?? signal}`);
    assert.match(child.stdout(), /shutting down/);
  });

  test('that comes a second time ends it at once', async (t) => {
    const child = await startChild(t, {
      script: TROUBLED,
      args: ['second-signal'],
      environment: { HOSTPULSE_LIMITS_TERMINATE_MS: '60000' },
    });
    child.process.kill('SIGTERM');
    // By its own exit, or by the signal where a request for a file still hangs: a shell sees 143 either way.
    const { code, signal } = await within(child.exited, 'the agent ends');
    assert.ok(code === 143 || signal === 'SIGTERM', `ended with ${code ?? signal}`);
    assert.match(child.stdout(), /shutting down/);
  });

  test('ends an agent whose plugin is still getting ready', async (t) => {
    const child = await startChild(t, { script: TROUBLED, args: ['slow-start'] });
    child.process.kill('SIGTERM');
    assert.equal((await within(child.exited, 'the agent ends')).code, 0);
  });
});

test('a plugin’s stray errors, thrown or rejected, are logged, and the agent goes on', async (t) => {
  const child = await startChild(t, { script: TROUBLED, args: ['stray-errors'] });
  await until(() => child.stdout().includes('thrown by a timer') && child.stdout().includes('rejected by a timer'), 'both are logged');
  assert.equal((await fetch(`${child.base}/netinfo`)).status, 200);
});

test('the key is not in the log, not even at trace level, however it comes and wherever it goes wrong', async (t) => {
  const key = 'hunter2hunter2';
  const environment = { HOSTPULSE_AUTH_API_KEY: key, HOSTPULSE_LOG_LEVEL: 'trace', HOSTPULSE_LOG_FORMAT: 'json' };
  const child = await startChild(t, { script: TROUBLED, environment });
  const ws = child.base.replace('http', 'ws');
  const headers = { authorization: `Bearer ${key}` };
  const json = { method: 'POST', headers: { 'content-type': 'application/json' } };
  const asked: [string, RequestInit?][] = [
    ['/netinfo', { headers }],
    ['/netinfo', { headers: { 'x-custom-auth': key } }],
    [`/netinfo?apikey=${key}`],
    ['/netinfo', { ...json, body: JSON.stringify({ apikey: key }) }],
    ['/netinfo', { ...json, body: `{"apikey":"${key}",` }],
    ['/netinfo', { ...json, body: JSON.stringify({ apikey: key, nope: 1 }) }],
    ['/netinfo', { method: 'POST', body: new URLSearchParams({ apikey: key }) }],
    [`/nope?apikey=${key}`],
    [`/nope/deeper?apikey=${key}`, { method: 'DELETE' }],
    [`/%zz?apikey=${key}`],
    [`/trouble/silent/x?apikey=${key}`],
    [`/stream?apikey=${key}`],
    [`/netinfo?apikey=${key}wrong`],
    [`/netinfo?apikey=${key}&x=${'x'.repeat(5000)}`],
    [`/netinfo?apikey=${key}&x=${'x'.repeat(20_000)}`],
  ];
  for (const [path, init] of asked) await (await fetch(child.base + path, init)).text();
  const refused = ['/', '/health', '/plugins', '/nope', '/netinfo/nope', '/%zz'];
  for (const path of refused) await refusal(`${ws}${path}?apikey=${key}`);
  await refusal(`${ws}/nope`, { protocols: [`bearer.${key}`] });
  await connectWs(t, `${ws}/netinfo?apikey=${key}`);
  const stream = await connectWs(t, `${ws}/stream`, { protocols: [`bearer.${key}`] });
  stream.say({ type: 'subscribe', id: 'a', topic: 'netinfo', query: { apikey: key } });
  await stream.next();
  stream.say(`garbage ${key}`);
  stream.say('x'.repeat(20_000));
  await stream.closed;
  (await listen(t, `${child.base}/netinfo?apikey=${key}`)).vanish();
  child.process.kill('SIGTERM');
  await child.exited;
  const log = child.stdout() + child.stderr();
  assert.ok(log.includes('shutting down'));
  const spellings = [key, Buffer.from(key).toString('base64'), Buffer.from(key).toString('hex'), Buffer.from(key).join(',')];
  for (const spelling of spellings)
    assert.ok(
      !log.includes(spelling),
      log.split('\n').find((line) => line.includes(spelling)),
    );
});

test('config/hostpulse.yaml is read where there is one, and another file where it is named', async (t) => {
  mkdirSync(join(folder, 'config'));
  writeFileSync(join(folder, 'config/hostpulse.yaml'), 'network: { port: 81 }\n');
  writeFileSync(join(folder, 'other.json'), '{"network":{"port":82}}');
  const shown = async (...args: string[]) => (await runToEnd(t, { args: ['config', ...args], cwd: folder })).stdout;
  assert.match(await shown(), /^network\.port +81 +config\/hostpulse\.yaml$/m);
  assert.match(await shown('--config', 'other.json'), /^network\.port +82 +other\.json$/m);
  assert.match((await runToEnd(t, { args: ['config'] })).stdout, /^network\.port +9192 +default$/m);
});
